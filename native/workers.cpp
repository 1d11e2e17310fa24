#include "workers.h"

#include <chrono>
#include <cmath>
#include <ctime>
#include <thread>

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace gatework {
namespace {

// Spinning is worth it while the others compute, some microseconds; a thread that was descheduled
// needs the core.
constexpr int SPINS = 1000;

// What a caller waits for others before it does the rest alone, in nanoseconds.
constexpr int64_t PATIENCE = 50'000, WHOLE_PATIENCE = 1'000'000;
constexpr int64_t OFTEN = 4;   // times that a team's caller may have spun in vain
constexpr int64_t ALONE = 16;  // times what it waited that it then stays alone
constexpr std::chrono::microseconds NAP{50};

int64_t nanoseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

// Processor time of this thread; time that passes where the system does not tell.
int64_t nanoseconds_worked() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
  timespec time;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0) {
    return time.tv_sec * int64_t{1'000'000'000} + time.tv_nsec;
  }
#endif
  return nanoseconds();
}

// A thread tells itself from others by where this lies.
thread_local const char here = 0;

// Spins until ready() for a while; whether it came to be.
template <class Ready>
bool spin(Ready&& ready) {
  for (int spins = 0; spins < SPINS; ++spins) {
    if (ready()) return true;
#if defined(__x86_64__) || defined(_M_X64)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }
  return false;
}

template <class Ready>
void wait_until(Ready&& ready) {
  if (spin(ready)) return;
  while (!ready()) std::this_thread::yield();
}

struct Job {
  void (*body)(void*, int64_t, int64_t);
  void* argument;
  const int64_t count;
  const void* caller = &here;
  std::atomic<int64_t> next{0}, finished{0}, worked{0};

  static void work(void* job) { static_cast<Job*>(job)->work(); }

  void work() {
    const FlushDenormals flush;
    // Not the time that passes: one of the others may take turns with it on the same core.
    const int64_t began = nanoseconds_worked();
    int64_t mine = 0;
    for (int64_t at; (at = next.fetch_add(1, std::memory_order_relaxed)) < count; ++mine) {
      body(argument, at, at + 1);
    }
    worked.fetch_add(nanoseconds_worked() - began, std::memory_order_relaxed);
    finished.fetch_add(mine, std::memory_order_release);
    if (&here != caller) return;
    // Hosts spin for long, and one of the others may need this core to come to its end.
    wait_until([&] { return finished.load(std::memory_order_acquire) == count; });
  }
};

void tell(Pace* pace, int64_t took, int64_t alone) {
  if (pace == nullptr) return;
  pace->took += took;
  pace->alone += alone;
  if (pace->took > pace->alone + pace->alone / 8 + WHOLE_PATIENCE) pace->late = true;
}

}  // namespace

void share_out(const Parallel& parallel, int64_t count,
               void (*body)(void* argument, int64_t first, int64_t last), void* argument) {
  if (count <= 0) return;
  const bool late = parallel.pace != nullptr && parallel.pace->late;
  if (count == 1 || parallel.threads <= 1 || late) {
    const FlushDenormals flush;
    body(argument, 0, count);
    return;
  }
  Job job{body, argument, count};
  const int64_t began = nanoseconds();
  parallel.run(parallel.context,
               static_cast<int>(count < parallel.threads ? count : parallel.threads), Job::work,
               &job);
  tell(parallel.pace, nanoseconds() - began, job.worked.load(std::memory_order_relaxed));
}

void Team::run(const Parallel& parallel, void (*body)(void* argument, int64_t number),
               void* argument) {
  body_ = body;
  argument_ = argument;
  caller_ = &here;
  const FlushDenormals flush;
  if (parallel.pace != nullptr && parallel.pace->late) return body(argument, 0);
  const int64_t began = nanoseconds(), worked = nanoseconds_worked();
  parallel.run(parallel.context, static_cast<int>(members_), work, this);
  tell(parallel.pace, nanoseconds() - began, nanoseconds_worked() - worked - waited_);
}

void Team::work(void* team) {
  Team& self = *static_cast<Team*>(team);
  const FlushDenormals flush;
  if (&here == self.caller_) return self.body_(self.argument_, 0);
  const int64_t number = self.number_.fetch_add(1, std::memory_order_relaxed);
  if (number < self.members_) self.body_(self.argument_, number);
}

bool Team::complete() {
  if (calls_.load(std::memory_order_relaxed)) {
    return joined_.load(std::memory_order_acquire) == members_;
  }
  if (nanoseconds() >= again_) calls_.store(true, std::memory_order_release);
  return false;
}

void Team::start(int64_t step) {
  // Nobody waits for the step that they met after last.
  state_.store((step_of(state_.load(std::memory_order_relaxed)) + 1) * STEP,
               std::memory_order_relaxed);
  vain_ = 0;
  start_.store(step, std::memory_order_relaxed);
  times_.fetch_add(1, std::memory_order_release);
}

int64_t Team::started(int64_t times) {
  const auto over = [&] { return over_.load(std::memory_order_acquire); };
  const auto again = [&] { return times_.load(std::memory_order_acquire) > times; };
  while (!calls_.load(std::memory_order_acquire) && !over()) std::this_thread::sleep_for(NAP);
  joined_.fetch_add(1, std::memory_order_acq_rel);
  wait_until([&] { return again() || over(); });
  return again() ? start_.load(std::memory_order_relaxed) : -1;
}

bool Team::meet(bool caller) {
  uint64_t state = state_.load(std::memory_order_relaxed), next;
  bool last;
  do {
    last = come(state) + 1 == members_ && !(state & PARTED);
    next = last ? (step_of(state) + 1) * STEP : state + COME;
  } while (!state_.compare_exchange_weak(state, next, std::memory_order_acq_rel));
  if (last) return true;
  const uint64_t step = step_of(next);
  const auto decided = [&] {
    const uint64_t now = state_.load(std::memory_order_acquire);
    return step_of(now) != step || (now & PARTED) != 0;
  };
  if (!spin(decided)) {
    const int64_t began = nanoseconds();
    const bool often = caller && ++vain_ >= OFTEN;
    while (!decided()) {
      if (caller && (often || nanoseconds() - began > PATIENCE)) break;
      std::this_thread::yield();
    }
    const bool parted = caller && part(step);
    if (parted) {
      wait_until([&] { return come(state_.load(std::memory_order_acquire)) == members_; });
    }
    if (caller) {
      const int64_t now = nanoseconds();
      waited_ += now - began;
      again_ = now + ALONE * (now - began);
    }
    if (parted) return false;
  }
  return step_of(state_.load(std::memory_order_acquire)) != step;
}

// Whether they part after this step: not where the last has come meanwhile.
bool Team::part(uint64_t step) {
  // Nobody looks at these before they part.
  joined_.store(1, std::memory_order_relaxed);
  calls_.store(false, std::memory_order_relaxed);
  uint64_t state = state_.load(std::memory_order_relaxed);
  while (step_of(state) == step) {
    if (state_.compare_exchange_weak(state, state | PARTED, std::memory_order_acq_rel)) return true;
  }
  joined_.store(members_, std::memory_order_relaxed);
  calls_.store(true, std::memory_order_relaxed);
  return false;
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
