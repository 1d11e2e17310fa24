// Memory, threads and floating-point modes that notice what a kernel must not do.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <vector>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace check {

inline std::string failing;  // what is being checked, for the message of a failure

[[noreturn]] inline void fail(const std::string& what) {
  std::printf("FAILED %s: %s\n", failing.c_str(), what.c_str());
  std::fflush(stdout);
  std::_Exit(1);  // from any thread, while others run
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GATEWORK_WATCHED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define GATEWORK_WATCHED 1
#endif

#if defined(GATEWORK_WATCHED)
constexpr size_t FENCE = 0;  // the sanitizer watches the very ends
#else
constexpr size_t FENCE = 64;
#endif

// Memory of exactly the size asked for, full of what is not a number, between fences that must
// stay intact. Unless alignment is promised, it starts one element off every larger one.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t count, bool aligned = false)
      : bytes_(count * sizeof(T)), front_(aligned ? FENCE : FENCE + sizeof(T)) {
    block_ = static_cast<unsigned char*>(::operator new(whole(), ALIGNMENT));
    std::memset(block_, 0xa5, whole());
    std::memset(block_ + front_, 0xff, bytes_);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
    for (size_t i = 0; i < whole(); ++i) {
      const bool fence = i < front_ || i >= front_ + bytes_;
      if (fence && block_[i] != 0xa5) fail("wrote outside an array");
    }
    ::operator delete(block_, ALIGNMENT);
  }
  T* get() { return reinterpret_cast<T*>(block_ + front_); }
  const T* get() const { return reinterpret_cast<const T*>(block_ + front_); }
  size_t count() const { return bytes_ / sizeof(T); }

 private:
  static constexpr std::align_val_t ALIGNMENT{64};

  size_t whole() const { return front_ + bytes_ + FENCE; }

  size_t bytes_, front_;
  unsigned char* block_;
};

// The control bits of the floating-point mode, without the notes of what was raised.
inline uint64_t mode() {
#if defined(__x86_64__) || defined(_M_X64)
  return _mm_getcsr() & ~0x3fu;
#elif defined(__aarch64__)
  uint64_t found;
  asm volatile("mrs %0, fpcr" : "=r"(found));
  return found;
#else
  return 0;
#endif
}

inline void set_mode(uint64_t wanted) {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_setcsr(static_cast<unsigned>(wanted));
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" ::"r"(wanted));
#else
  static_cast<void>(wanted);
#endif
}

inline uint64_t flushing() {
#if defined(__x86_64__) || defined(_M_X64)
  return mode() | 0x8040u;
#elif defined(__aarch64__)
  return mode() | uint64_t(1) << 24;
#else
  return mode();
#endif
}

// Calls a kernel in the mode given and holds it to leaving that mode as it was.
template <class Body>
void in_mode(uint64_t wanted, Body&& body) {
  const uint64_t before = mode();
  set_mode(wanted);
  const uint64_t found = mode();
  body();
  const bool same = mode() == found;
  set_mode(before);
  if (!same) fail("the floating-point mode was not restored");
}

// The threads of a call: it may wish for `wanted` and get fewer, down to its own.
struct Threads {
  int wanted, given;
};

inline void on_threads(void* context, int count, void (*body)(void*), void* argument) {
  const auto work = [=] { in_mode(mode(), [=] { body(argument); }); };
  std::vector<std::thread> threads;
  for (int i = 1; i < std::min(static_cast<Threads*>(context)->given, count); ++i) {
    threads.emplace_back(work);
  }
  work();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace check
