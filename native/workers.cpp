#include "workers.h"

#include <chrono>
#include <cmath>
#include <thread>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace gatework {
namespace {

thread_local int64_t waited = 0;

// Spinning is worth it while the others compute, some microseconds; a thread that was descheduled
// needs the core.
constexpr int SPINS = 1000;

}  // namespace

int64_t nanoseconds_waited() { return waited; }

void Barrier::wait(int64_t weight) {
  const uint32_t round = round_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(weight, std::memory_order_acq_rel) + weight == shares_) {
    arrived_.store(0, std::memory_order_relaxed);
    round_.store(round + 1, std::memory_order_release);
    return;
  }
  for (int spins = 0; spins < SPINS; ++spins) {
    if (round_.load(std::memory_order_acquire) != round) return;
#if defined(__x86_64__) || defined(_M_X64)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  const auto began = std::chrono::steady_clock::now();
  while (round_.load(std::memory_order_acquire) == round) std::this_thread::yield();
  const auto took = std::chrono::steady_clock::now() - began;
  waited += std::chrono::duration_cast<std::chrono::nanoseconds>(took).count();
}

#if defined(__x86_64__) || defined(_M_X64)
FlushDenormals::FlushDenormals() : mode_(_mm_getcsr()) {
  _mm_setcsr(static_cast<unsigned>(mode_) | 0x8040u);  // flush to zero, denormals are zero
}
FlushDenormals::~FlushDenormals() {
  // Only the mode goes back; exceptions raised meanwhile stay noted, as after any arithmetic.
  _mm_setcsr((_mm_getcsr() & ~0x8040u) | (static_cast<unsigned>(mode_) & 0x8040u));
}
#elif defined(__aarch64__)
FlushDenormals::FlushDenormals() {
  asm volatile("mrs %0, fpcr" : "=r"(mode_));
  asm volatile("msr fpcr, %0" ::"r"(mode_ | (uint64_t(1) << 24)));
}
FlushDenormals::~FlushDenormals() { asm volatile("msr fpcr, %0" ::"r"(mode_)); }
#else
FlushDenormals::FlushDenormals() : mode_(0) {}
FlushDenormals::~FlushDenormals() = default;
#endif

float square_root(float x) { return std::sqrt(x); }
double square_root(double x) { return std::sqrt(x); }
float logarithm(float x) { return std::log(x); }
double logarithm(double x) { return std::log(x); }

}  // namespace gatework
