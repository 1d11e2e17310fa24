// Aligned memory, and the threads of one call: what the runtime's networks and steppers stand on.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "kernels.h"

namespace gatework::runtime {

constexpr size_t alignment = 64;

constexpr size_t aligned(size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

// Bytes on a boundary of 64, not initialised.
class Memory {
 public:
  Memory() = default;
  explicit Memory(size_t bytes)
      : data_(bytes ? ::operator new(aligned(bytes), std::align_val_t{alignment}) : nullptr),
        size_(bytes) {}
  Memory(Memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Memory() {
    if (data_) ::operator delete(data_, std::align_val_t{alignment});
  }

  void* get() const { return data_; }
  size_t size() const { return size_; }

 private:
  void* data_ = nullptr;
  size_t size_ = 0;
};

// Threads that live as long as one call that asked for them: none waits when nothing runs, and a
// fork never finds one missing. The first job starts them; between two jobs they sleep. Where the
// system gives fewer than asked, those that are there do all of the work.
class ThreadPool {
 public:
  explicit ThreadPool(int threads) : threads_(threads) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  ~ThreadPool() {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    begin_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  Parallel parallel() {
    Parallel result;
    if (threads_ > 1) {
      result.threads = threads_;
      result.context = this;
      result.run = &ThreadPool::run;
    }
    return result;
  }

 private:
  using Body = void (*)(void* argument, int64_t first, int64_t last);

  static void run(void* context, int64_t count, Body body, void* argument) {
    static_cast<ThreadPool*>(context)->share(count, body, argument);
  }

  void share(int64_t count, Body body, void* argument) {
    if (count < 2) {
      if (count == 1) body(argument, 0, 1);
      return;
    }
    if (!started_) start();
    const int64_t ranges = static_cast<int64_t>(workers_.size()) + 1;
    {
      std::lock_guard lock(mutex_);
      ranges_ = ranges;
      count_ = count;
      body_ = body;
      argument_ = argument;
      pending_ = static_cast<int>(workers_.size());
      ++job_;
    }
    begin_.notify_all();
    if (count >= ranges) body(argument, 0, count / ranges);
    std::unique_lock lock(mutex_);
    end_.wait(lock, [this] { return pending_ == 0; });
  }

  void start() {
    started_ = true;
    try {
      workers_.reserve(static_cast<size_t>(threads_ - 1));
      for (int i = 1; i < threads_; ++i) workers_.emplace_back(&ThreadPool::work, this, i);
    } catch (const std::system_error&) {
    }
  }

  void work(int64_t index) {
    int64_t seen = 0;
    while (true) {
      int64_t count, ranges;
      Body body;
      void* argument;
      {
        std::unique_lock lock(mutex_);
        begin_.wait(lock, [&] { return stop_ || job_ != seen; });
        if (stop_) return;
        seen = job_;
        count = count_;
        body = body_;
        argument = argument_;
        ranges = ranges_;
      }
      const int64_t first = count * index / ranges, last = count * (index + 1) / ranges;
      if (first < last) body(argument, first, last);
      std::lock_guard lock(mutex_);
      if (--pending_ == 0) end_.notify_one();
    }
  }

  const int threads_;
  bool started_ = false;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable begin_, end_;
  bool stop_ = false;
  int64_t job_ = 0, count_ = 0, ranges_ = 1;
  int pending_ = 0;
  Body body_ = nullptr;
  void* argument_ = nullptr;
};

}  // namespace gatework::runtime
