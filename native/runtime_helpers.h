// Threads that help the callers of the runtime: they sleep between calls, so that a call need not
// start any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#if !defined(_WIN32)
#include <unistd.h>
#endif
#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#endif

#include "kernels.h"

namespace gatework::runtime {

class Helpers {
 public:
  // Those of this process: a fork leaves the threads behind. Never destroyed, since they may still
  // sleep when the program ends.
  static Helpers& all() {
    static std::atomic<Helpers*> current{nullptr};
    Helpers* found = current.load(std::memory_order_acquire);
    while (found == nullptr || found->process_ != this_process()) {
      Helpers* const fresh = new Helpers;
      if (current.compare_exchange_strong(found, fresh, std::memory_order_acq_rel)) return *fresh;
      delete fresh;
    }
    return *found;
  }

  // A host of Parallel. Where the system gives fewer threads than asked, those that are there do
  // all of the work; one that has not begun when the caller is done is not waited for.
  static void run(void*, int count, void (*body)(void*), void* argument) {
    Helpers& helpers = all();
    Helper* const chosen = helpers.take(count - 1);
    for (Helper* one = chosen; one != nullptr; one = one->next) one->give({body, argument});
    body(argument);
    for (Helper* one = chosen; one != nullptr; one = one->next) one->take_back();
    helpers.give_back(chosen);
  }

 private:
  struct Work {
    void (*body)(void*);
    void* argument;
  };

  class Helper {
   public:
    Helper* next = nullptr;

    Helper() : thread_(&Helper::serve, this) {}

    void give(const Work& work) {
      work_ = work;
      if (const int mine = core(); mine >= 0 && mine == core_) leave(mine);
      state_.store(GIVEN);
      state_.notify_one();
    }

    void take_back() {
      uint32_t now = GIVEN;
      if (state_.compare_exchange_strong(now, IDLE, std::memory_order_acq_rel)) return;
      while ((now = state_.load(std::memory_order_acquire)) != IDLE) state_.wait(now);
    }

   private:
    void serve() {
      while (true) {
        wait();
        uint32_t now = GIVEN;
        if (!state_.compare_exchange_strong(now, BEGUN, std::memory_order_acq_rel)) continue;
        work_.body(work_.argument);
        core_ = core();
        state_.store(IDLE);
        state_.notify_one();
      }
    }

    // The core that the calling thread has now, negative where the system does not tell.
    static int core() {
#if defined(__linux__)
      return sched_getcpu();
#else
      return -1;
#endif
    }

    // Sends this thread to the cores that the caller may have, but for the one where the caller is:
    // Linux lets a thread that sleeps for moments wake where it was, and takes a core of a virtual
    // machine that is idle for one that the host has taken away, so that both could take turns on
    // one core beside another that is idle.
    void leave(int taken) {
#if defined(__linux__)
      cpu_set_t cores;
      if (pthread_getaffinity_np(pthread_self(), sizeof cores, &cores) != 0) return;
      CPU_CLR(taken, &cores);
      if (CPU_COUNT(&cores) == 0) return;
      pthread_setaffinity_np(thread_.native_handle(), sizeof cores, &cores);
#else
      (void)taken;
#endif
    }

    // A call often follows soon after another.
    void wait() const {
      for (int turns = 0; turns < TURNS; ++turns) {
        if (state_.load(std::memory_order_acquire) != IDLE) return;
        std::this_thread::yield();
      }
      state_.wait(IDLE);
    }

    static constexpr int TURNS = 200;
    // What is notified of is stored in the one order of all: to notify, the standard library looks
    // whether anybody waits, and a look that overtook the store would leave that one asleep.
    static constexpr uint32_t IDLE = 0, GIVEN = 1, BEGUN = 2;
    std::atomic<uint32_t> state_{IDLE};
    Work work_{};
    int core_ = -1;       // where it worked last
    std::thread thread_;  // never joined: those that may sleep when the program ends
  };

  static int64_t this_process() {
#if defined(_WIN32)
    return 0;  // which never forks
#else
    return getpid();
#endif
  }

  // A list of as many, or of fewer where the system refuses.
  Helper* take(int count) {
    Helper* list = nullptr;
    std::lock_guard lock(mutex_);
    for (int i = 0; i < count; ++i) {
      Helper* one = idle_ != nullptr ? idle_ : start();
      if (one == nullptr) break;
      if (one == idle_) idle_ = one->next;
      one->next = list;
      list = one;
    }
    return list;
  }

  static Helper* start() {
    try {
      return new Helper;
    } catch (const std::system_error&) {
    } catch (const std::bad_alloc&) {
    }
    return nullptr;
  }

  void give_back(Helper* list) {
    std::lock_guard lock(mutex_);
    while (list != nullptr) {
      Helper* const rest = list->next;
      list->next = idle_;
      idle_ = list;
      list = rest;
    }
  }

  const int64_t process_ = this_process();
  std::mutex mutex_;
  Helper* idle_ = nullptr;
};

}  // namespace gatework::runtime
