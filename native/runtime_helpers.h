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

    void give(const Work& work) {
      work_ = work;
      state_.store(GIVEN);
      state_.notify_one();
    }

    void take_back() {
      uint32_t now = GIVEN;
      if (state_.compare_exchange_strong(now, IDLE, std::memory_order_acq_rel)) return;
      while ((now = state_.load(std::memory_order_acquire)) != IDLE) state_.wait(now);
    }

    void serve() {
      while (true) {
        wait();
        uint32_t now = GIVEN;
        if (!state_.compare_exchange_strong(now, BEGUN, std::memory_order_acq_rel)) continue;
        work_.body(work_.argument);
        state_.store(IDLE);
        state_.notify_one();
      }
    }

   private:
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
      Helper* const one = new Helper;
      try {
        std::thread(&Helper::serve, one).detach();
        return one;
      } catch (const std::system_error&) {
        delete one;
      }
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
