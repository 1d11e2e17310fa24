// How many threads a run takes on the machine as it is now, for both faces.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

#include "kernels.h"

namespace gatework {

// Multiply-adds that make another thread worth waking.
constexpr int64_t WORK_FOR_A_THREAD = 1500000;

inline int threads_for_work(int64_t threads, int64_t work) {
  return static_cast<int>(std::min(threads, 1 + work / WORK_FOR_A_THREAD));
}

inline int64_t nanoseconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// What all runs took so far that had work for several threads, on however many they ran.
inline std::atomic<int64_t>& run_time() {
  static std::atomic<int64_t> nanoseconds{0};
  return nanoseconds;
}

// Whether threads pay on this machine as it is now. Beside a neighbour that takes a core, a run on
// several threads waits for one that has none. After a run that took clearly longer than its caller
// alone would have taken, runs keep to one thread for a while, and longer each time that another
// try fails, unless the runs before it won as much. The while is counted in the time of runs, so
// that the tries take a small share of it where calls come seldom, too.
class SpareCores {
 public:
  bool there() const {
    return run_time().load(std::memory_order_relaxed) >= until_.load(std::memory_order_relaxed);
  }

  void succeeded(int64_t took, int64_t won) {
    missed_.store(false, std::memory_order_relaxed);
    const int64_t all = won_.load(std::memory_order_relaxed) + std::max<int64_t>(won, 0);
    won_.store(std::min(all, MOST_WON), std::memory_order_relaxed);
    // Beside a neighbour, too, some runs in a row go well, as long as the system lets them.
    if (good_.fetch_add(took, std::memory_order_relaxed) + took < CONVINCING) return;
    pause_.store(SHORTEST, std::memory_order_relaxed);
  }

  void failed(int64_t lost) {
    const int64_t left = won_.load(std::memory_order_relaxed) - lost;
    won_.store(std::max<int64_t>(left, 0), std::memory_order_relaxed);
    if (left >= 0) return;
    const int64_t pause = pause_.load(std::memory_order_relaxed);
    good_.store(0, std::memory_order_relaxed);
    until_.store(run_time().load(std::memory_order_relaxed) + std::max(pause, LOSSES * lost),
                 std::memory_order_relaxed);
    pause_.store(std::min(2 * pause, LONGEST), std::memory_order_relaxed);
  }

  // Once is nothing: a core that slept takes a moment to wake.
  void missed(int64_t lost) {
    if (missed_.exchange(true, std::memory_order_relaxed)) failed(lost);
  }

 private:
  static constexpr int64_t SHORTEST = 20'000'000, LONGEST = 160'000'000, CONVINCING = 50'000'000,
                           LOSSES = 8,  // a pause is at least so many times what was lost
      MOST_WON = 20'000'000;            // what may be lost without one

  std::atomic<int64_t> until_{0}, pause_{SHORTEST}, good_{0}, won_{0};
  std::atomic<bool> missed_{false};
};

// What there is of cores for a kind of work of its size, since what pays for long work may not for
// short; a core that is gone is gone for all.
enum class Kind { run, packing };
class Cores {
 public:
  Cores(Kind kind, int64_t work)
      : own_(own(kind, std::bit_width(static_cast<uint64_t>(work)))), all_(all()) {}

  bool there() const { return all_.there() && own_.there(); }

  void tell(const Pace& pace) {
    const int64_t lost = pace.took - pace.alone;
    if (lost <= pace.alone / 8) {
      own_.succeeded(pace.took, -lost);
      all_.succeeded(pace.took, -lost);
    } else if (lost > MOST_TO_WAKE) {
      all_.failed(lost);
    } else {
      own_.missed(lost);
    }
  }

 private:
  static constexpr int64_t MOST_TO_WAKE = 1'500'000;

  static SpareCores& own(Kind kind, int size) {
    static SpareCores cores[2][65];
    return cores[static_cast<int>(kind)][size];
  }
  static SpareCores& all() {
    static SpareCores cores;
    return cores;
  }

  SpareCores &own_, &all_;
};

// The threads of one run, which it may call together several times, on the threads of a host.
class Crew {
 public:
  using Host = decltype(Parallel::run);

  Crew(Host host, int64_t threads, int64_t work, Kind kind = Kind::run)
      : host_(host), cores_(kind, work), threads_(threads_for_work(threads, work)) {
    if (threads_ == 1) return;
    began_ = nanoseconds_now();
    if (!cores_.there()) threads_ = 1;
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    if (began_ == 0) return;
    run_time().fetch_add(nanoseconds_now() - began_, std::memory_order_relaxed);
    if (pace_.took > 0) cores_.tell(pace_);
  }

  // For as long as this lives.
  Parallel parallel() { return {threads_, nullptr, host_, &pace_}; }

 private:
  const Host host_;
  Cores cores_;
  int threads_;
  int64_t began_ = 0;  // where there is work for several threads
  Pace pace_;
};

}  // namespace gatework
