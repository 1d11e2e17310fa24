// Aligned memory: what the runtime's networks and steppers stand on.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

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

}  // namespace gatework::runtime
