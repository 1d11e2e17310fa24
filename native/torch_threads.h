// How many of torch's own threads a run takes, and how it takes them.
#pragma once

#include <cstdint>

#include "kernels.h"
#include "torch_abi.h"
#include "torch_tensors.h"

namespace gatework::torch_ops {

// Multiply-adds that make another thread worth waking.
constexpr int64_t WORK_FOR_A_THREAD = 1500000;

inline void on_torch_threads(void*, int64_t count, void (*body)(void*, int64_t, int64_t),
                             void* argument) {
  struct Work {
    void (*body)(void*, int64_t, int64_t);
    void* argument;
  } work{body, argument};
  const auto part = [](int64_t first, int64_t last, void* context) {
    const Work& given = *static_cast<const Work*>(context);
    given.body(given.argument, first, last);
  };
  succeed(torch_parallel_for(0, count, 1, part, &work), "torch_parallel_for");
}

inline Parallel parallel_for_work(int64_t work) {
  uint32_t threads;
  succeed(torch_get_num_threads(&threads), "torch_get_num_threads");
  const int64_t wanted = 1 + work / WORK_FOR_A_THREAD;
  return {static_cast<int>(wanted < threads ? wanted : threads), nullptr, on_torch_threads};
}

// Moving a weight takes about as long as ten multiply-adds.
inline Parallel parallel_for_packing(const Shape& s) {
  return parallel_for_work(10 * s.gates() * s.H * (s.I + s.P));
}

}  // namespace gatework::torch_ops
