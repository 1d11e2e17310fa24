// How many of torch's own threads a run takes, and how it takes them.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <thread>

#include "kernels.h"
#include "torch_abi.h"
#include "torch_tensors.h"
#include "workers.h"

namespace gatework::torch_ops {

// Multiply-adds that make another thread worth waking.
constexpr int64_t WORK_FOR_A_THREAD = 1500000;

inline int64_t nanoseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// Whether threads pay on this machine as it is now. Beside a neighbour that takes a core, a run on
// several threads waits for one that has none, many times as long as the work takes. After a run
// that took clearly longer than its caller alone would have taken, runs keep to one thread for a
// while, and longer each time that another try fails.
class SpareCores {
 public:
  bool there() const { return nanoseconds() >= until_.load(std::memory_order_relaxed); }

  void tell(int64_t took, int64_t alone) {
    const int64_t before = pause_.load(std::memory_order_relaxed);
    if (took <= alone + alone / 8) {
      if (before != SHORTEST) pause_.store(SHORTEST, std::memory_order_relaxed);
      return;
    }
    until_.store(nanoseconds() + before, std::memory_order_relaxed);
    pause_.store(std::min(2 * before, LONGEST), std::memory_order_relaxed);
  }

 private:
  static constexpr int64_t SHORTEST = 20'000'000, LONGEST = 640'000'000;
  std::atomic<int64_t> until_{0}, pause_{SHORTEST};
};

// Of each kind of work by its size, since what pays for long work may not for short.
enum class Kind { run, packing };
inline SpareCores& spare_cores(Kind kind, int64_t work) {
  static SpareCores cores[2][65];
  return cores[static_cast<int>(kind)][std::bit_width(static_cast<uint64_t>(work))];
}

inline int threads_for_work(int64_t work) {
  uint32_t threads;
  succeed(torch_get_num_threads(&threads), "torch_get_num_threads");
  const int64_t wanted = 1 + work / WORK_FOR_A_THREAD;
  return static_cast<int>(wanted < threads ? wanted : threads);
}

// The threads of one run, which it may call together several times.
class Crew {
 public:
  explicit Crew(int64_t work, Kind kind = Kind::run)
      : cores_(spare_cores(kind, work)), threads_(threads_for_work(work)) {
    if (threads_ > 1 && !cores_.there()) threads_ = 1;
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    if (alone_ > 0) cores_.tell(took_, alone_);
  }

  // For as long as this lives.
  Parallel parallel() { return {threads_, this, run}; }

 private:
  struct Work {
    void (*body)(void*, int64_t, int64_t);
    void* argument;
    std::thread::id caller;
    int64_t took, shares;  // of the caller, without its waiting for others
  };

  static void run(void* context, int64_t count, void (*body)(void*, int64_t, int64_t),
                  void* argument) {
    Crew& crew = *static_cast<Crew*>(context);
    Work work{body, argument, std::this_thread::get_id(), 0, 0};
    const int64_t began = nanoseconds();
    succeed(torch_parallel_for(0, count, 1, part, &work), "torch_parallel_for");
    if (work.shares == 0) return;
    crew.took_ += nanoseconds() - began;
    crew.alone_ += work.took * count / work.shares;
  }

  static void part(int64_t first, int64_t last, void* context) {
    Work& work = *static_cast<Work*>(context);
    if (std::this_thread::get_id() != work.caller) return work.body(work.argument, first, last);
    const int64_t began = nanoseconds() - nanoseconds_waited();
    work.body(work.argument, first, last);
    work.took += nanoseconds() - nanoseconds_waited() - began;
    work.shares += last - first;
  }

  SpareCores& cores_;
  int threads_;
  int64_t took_ = 0, alone_ = 0;  // so far; alone: what the caller would have taken for all of it
};

// Moving a weight takes about as long as ten multiply-adds.
inline int64_t packing_work(const Shape& s) { return 10 * s.gates() * s.H * (s.I + s.P); }

}  // namespace gatework::torch_ops
