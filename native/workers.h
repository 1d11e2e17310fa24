// What threads of one call need: how they share its work, how they wait for each other, and their
// floating-point mode.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernels.h"

namespace gatework {

// Calls body(argument, first, last) on ranges that cover [0, count), on the threads of a call. Each
// takes the next range that nobody has begun.
GATEWORK_EXPORT void share_out(const Parallel& parallel, int64_t count,
                               void (*body)(void* argument, int64_t first, int64_t last),
                               void* argument);

// The threads that go through steps together, each with its part of every step, and the one that
// called them, which begins alone and need not wait for the others to be there. It goes on alone
// for a while once it had to wait for one that has no core.
class Team {
 public:
  explicit Team(int64_t members) : members_(members) {}

  // Calls body(argument, number) on the threads of a call; 0 is the caller's number.
  void run(const Parallel& parallel, void (*body)(void* argument, int64_t number), void* argument);

  // Of the caller: whether all others are there; what to begin with together, or that it is over.
  bool complete();
  void start(int64_t step);
  void over() { over_.store(true, std::memory_order_release); }
  // Of another: the step to begin with when they start for the next time, after so many; negative
  // where all is done.
  int64_t started(int64_t times);

  // Where all wait for each other after a step. Whether they go on together; if not, the step is
  // done all the same, and what follows is the caller's until it starts again.
  bool meet(bool caller);

 private:
  // The number of the step that they meet after, how many have come, and whether they part.
  static constexpr uint64_t PARTED = 1, COME = 2, STEP = uint64_t{1} << 32;
  uint64_t step_of(uint64_t state) const { return state / STEP; }
  int64_t come(uint64_t state) const { return static_cast<int64_t>(state % STEP / COME); }
  bool part(uint64_t step);
  static void work(void* team);

  const int64_t members_;
  std::atomic<int64_t> number_{1}, joined_{1}, times_{0}, start_{0};
  std::atomic<bool> calls_{true}, over_{false};  // calls: the others to join
  std::atomic<uint64_t> state_{0};
  // Of the caller: how long it waited for threads that had no core, how often since they started,
  // and when it calls them again.
  int64_t waited_ = 0, vain_ = 0, again_ = 0;
  void (*body_)(void* argument, int64_t number) = nullptr;
  void* argument_ = nullptr;
  const void* caller_ = nullptr;
};

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
  share_out(
      parallel, shares,
      [](void* argument, int64_t first, int64_t last) {
        (*static_cast<Body*>(argument))(first, last);
      },
      &body);
}

}  // namespace gatework
