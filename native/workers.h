// What threads of one call need: a barrier, a range of work, and their floating-point mode.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernels.h"

namespace gatework {

// Where all threads of a call wait for each other, over and over. A thread counts for as many
// shares as it was given, so that it works whatever the host makes of the wish for threads.
class Barrier {
 public:
  explicit Barrier(int64_t shares) : shares_(shares) {}
  void wait(int64_t weight);

 private:
  const int64_t shares_;
  std::atomic<int64_t> arrived_{0};
  std::atomic<uint32_t> round_{0};
};

// How long the calling thread has waited at barriers for threads that had no core, ever, in
// nanoseconds. What is spun away while the others compute is not counted.
GATEWORK_EXPORT int64_t nanoseconds_waited();

// Flushes results too small for a normal number to zero, and restores the mode afterwards.
class FlushDenormals {
 public:
  FlushDenormals();
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  uint64_t mode_;
};

float square_root(float x);
double square_root(double x);
float logarithm(float x);
double logarithm(double x);

// Calls body(first, last) on ranges that cover [0, shares), on the call's threads.
template <class Body>
void in_parallel(const Parallel& parallel, int64_t shares, Body& body) {
  if (shares <= 0) return;
  if (shares == 1 || parallel.threads <= 1) {
    const FlushDenormals flush;
    body(0, shares);
    return;
  }
  parallel.run(
      parallel.context, shares,
      [](void* argument, int64_t first, int64_t last) {
        const FlushDenormals flush;
        (*static_cast<Body*>(argument))(first, last);
      },
      &body);
}

}  // namespace gatework
