// The kernels on torch's own threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <thread>

#include "crew.h"
#include "kernels.h"
#include "torch_abi.h"
#include "torch_tensors.h"

namespace gatework::torch_ops {

// What a quota of the system leaves of torch's threads, of which torch itself asks nothing.
inline std::atomic<int64_t> most_threads{std::numeric_limits<int64_t>::max()};

inline int64_t torch_threads() {
  uint32_t threads;
  succeed(torch_get_num_threads(&threads), "torch_get_num_threads");
  return std::min<int64_t>(threads, most_threads.load(std::memory_order_relaxed));
}

// A host of Parallel.
inline void on_torch_threads(void*, int count, void (*body)(void*), void* argument) {
  struct Work {
    void (*body)(void*);
    void* argument;
    const int64_t count;
    const std::thread::id caller = std::this_thread::get_id();
    std::atomic<int64_t> begun{0};
  } work{body, argument, count};
  const auto part = [](int64_t first, int64_t last, void* given) {
    Work& asked = *static_cast<Work*>(given);
    asked.begun += last - first;
    asked.body(asked.argument);
    // At the end the caller would spin for some milliseconds, perhaps on the very core that one
    // which has not begun needs.
    if (std::this_thread::get_id() != asked.caller) return;
    for (int turns = 0; turns < 100 && asked.begun < asked.count; ++turns) {
      std::this_thread::yield();
    }
  };
  succeed(torch_parallel_for(0, count, 1, part, &work), "torch_parallel_for");
}

inline Crew torch_crew(int64_t work, Kind kind = Kind::run) {
  return Crew(on_torch_threads, torch_threads(), work, kind);
}

// Moving a weight takes about as long as ten multiply-adds.
inline int64_t packing_work(const Shape& s) { return 10 * s.gates() * s.H * (s.I + s.P); }

}  // namespace gatework::torch_ops
