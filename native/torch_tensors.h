// Tensors of torch as the kernels take them: checked, contiguous, and made without a dispatch.
#pragma once

#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>
#include <torch/headeronly/util/Exception.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace gatework::torch_ops {

using torch::headeronly::ScalarType;
using torch::stable::Tensor;
using Optional = std::optional<Tensor>;

// A tensor that may be missing, checked and contiguous; keeps it alive while its pointer is used.
class Input {
 public:
  Input(const char* name, const Optional& tensor, ScalarType dtype, std::vector<int64_t> sizes) {
    if (!tensor.has_value()) return;
    STD_TORCH_CHECK(tensor->is_cpu(), name, " must be on the CPU");
    STD_TORCH_CHECK(tensor->scalar_type() == dtype, name, " has another dtype than x");
    const auto found = tensor->sizes();
    bool fits = found.size() == sizes.size();
    for (size_t i = 0; fits && i < sizes.size(); ++i) fits = found[i] == sizes[i];
    STD_TORCH_CHECK(fits, name, " has a shape that does not fit x and the weights");
    held_ = tensor->is_contiguous() ? *tensor : torch::stable::contiguous(*tensor);
  }
  template <class T>
  const T* as() const {
    return held_.has_value() ? static_cast<const T*>(held_->const_data_ptr()) : nullptr;
  }

 private:
  Optional held_;
};

// Asks for huge pages under a large result. The allocator maps one anew for every call, and to
// touch it 4 KiB at a time costs as much as a fifth of the work that fills it.
inline void expect_writes(void* memory, size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr uintptr_t PAGE = uintptr_t{1} << 21;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + PAGE - 1) & ~(PAGE - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + bytes) & ~(PAGE - 1);
  if (end > begin + PAGE) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)bytes;
#endif
}

// Straight to the allocation: an operator called by name costs more than a small step.
inline Tensor make(std::vector<int64_t> sizes, ScalarType dtype) {
  std::vector<int64_t> strides(sizes.size(), 1);
  for (size_t i = sizes.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * (sizes[i] > 1 ? sizes[i] : 1);
  }
  const int32_t type = torch::stable::detail::to<int32_t>(torch::stable::detail::from(dtype));
  AtenTensorHandle made;
  STABLE_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(static_cast<int64_t>(sizes.size()),
                                                         sizes.data(), strides.data(), type,
                                                         aoti_torch_device_type_cpu(), 0, &made));
  const Tensor tensor(made);
  expect_writes(tensor.mutable_data_ptr(), tensor.numel() * tensor.element_size());
  return tensor;
}

template <class T>
T* data(const Tensor& tensor) {
  return static_cast<T*>(tensor.mutable_data_ptr());
}

// Aligned memory for the length of one call. What a call gives back is kept for the thread's next:
// at batch 1 to map and clear it anew takes as long as the tenth part of a sequence.
class Block {
 public:
  explicit Block(size_t bytes) : kept_(take(bytes)) {}
  Block(Block&& other) noexcept : kept_(std::exchange(other.kept_, Memory{})) {}
  Block& operator=(Block&&) = delete;
  ~Block() { give(std::move(kept_)); }
  void* get() const { return kept_.start.get(); }

 private:
  static constexpr size_t MOST_KEPT = size_t{1} << 23;  // of one block; a call has two
  static constexpr std::align_val_t ALIGNMENT{64};
  struct Free {
    void operator()(void* memory) const { ::operator delete(memory, ALIGNMENT); }
  };
  struct Memory {
    std::unique_ptr<void, Free> start;
    size_t bytes = 0;
  };

  static Memory* spare() {
    static thread_local Memory memory[2];
    return memory;
  }

  static Memory take(size_t bytes) {
    for (Memory* place = spare(); place != spare() + 2; ++place) {
      if (place->bytes >= bytes && place->start != nullptr) return std::exchange(*place, Memory{});
    }
    Memory made{std::unique_ptr<void, Free>(::operator new(bytes, ALIGNMENT)), bytes};
    expect_writes(made.start.get(), bytes);
    return made;
  }

  static void give(Memory memory) {
    if (memory.bytes > MOST_KEPT) return;
    Memory* smaller = spare()[0].bytes <= spare()[1].bytes ? spare() : spare() + 1;
    if (memory.bytes > smaller->bytes) std::swap(memory, *smaller);
  }

  Memory kept_;
};

}  // namespace gatework::torch_ops
