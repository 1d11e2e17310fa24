// Tensors of torch as the kernels take them: checked, contiguous, and made without a dispatch.
#pragma once

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "torch_abi.h"

namespace gatework::torch_ops {

// Raises what torch shows as a RuntimeError, of all parts of the message.
template <class... Parts>
void check(bool fits, const Parts&... parts) {
  if (fits) return;
  std::ostringstream message;
  (message << ... << parts);
  throw std::runtime_error(message.str());
}

inline void succeed(int32_t error, const char* function) {
  check(error == 0, "torch's ", function, " failed");
}

enum class ScalarType { float32, float64, int64, other };

inline int32_t code_of(ScalarType dtype) {
  return dtype == ScalarType::float32   ? aoti_torch_dtype_float32()
         : dtype == ScalarType::float64 ? aoti_torch_dtype_float64()
                                        : aoti_torch_dtype_int64();
}

// A handle of a tensor, its own.
class Tensor {
 public:
  explicit Tensor(AtenTensorOpaque* handle) : handle_(handle) {}
  AtenTensorOpaque* release() { return handle_.release(); }

  int64_t dim() const { return asked<int64_t>(aoti_torch_get_dim, "aoti_torch_get_dim"); }
  int64_t numel() const { return asked<int64_t>(aoti_torch_get_numel, "aoti_torch_get_numel"); }
  const int64_t* sizes() const {
    return asked<int64_t*>(aoti_torch_get_sizes, "aoti_torch_get_sizes");
  }
  ScalarType dtype() const {
    const int32_t code = asked<int32_t>(aoti_torch_get_dtype, "aoti_torch_get_dtype");
    for (const ScalarType type : {ScalarType::float32, ScalarType::float64, ScalarType::int64}) {
      if (code == code_of(type)) return type;
    }
    return ScalarType::other;
  }
  bool is_cpu() const {
    return asked<int32_t>(aoti_torch_get_device_type, "aoti_torch_get_device_type") ==
           aoti_torch_device_type_cpu();
  }
  bool is_contiguous() const {
    return asked<bool>(aoti_torch_is_contiguous, "aoti_torch_is_contiguous");
  }
  const void* data() const {
    return asked<const void*>(torch_get_const_data_ptr, "torch_get_const_data_ptr");
  }
  void* mutable_data() const {
    return asked<void*>(torch_get_mutable_data_ptr, "torch_get_mutable_data_ptr");
  }
  // A copy whose values lie one behind the other.
  Tensor contiguous() const {
    AtenTensorOpaque* again;
    succeed(aoti_torch_new_tensor_handle(handle_.get(), &again), "aoti_torch_new_tensor_handle");
    uint64_t stack[2] = {reinterpret_cast<uintptr_t>(again),
                         static_cast<uint64_t>(aoti_torch_memory_format_contiguous_format())};
    succeed(torch_call_dispatcher("aten::contiguous", "", stack, TORCH_INTERFACE),
            "torch_call_dispatcher");
    return Tensor(reinterpret_cast<AtenTensorOpaque*>(stack[0]));
  }

 private:
  struct Delete {
    void operator()(AtenTensorOpaque* handle) const { aoti_torch_delete_tensor_object(handle); }
  };

  template <class Value>
  Value asked(int32_t (*function)(AtenTensorOpaque*, Value*), const char* name) const {
    Value value{};
    succeed(function(handle_.get(), &value), name);
    return value;
  }

  std::unique_ptr<AtenTensorOpaque, Delete> handle_;
};

using Optional = std::optional<Tensor>;
using In = const Tensor&;
using Maybe = const Optional&;

// A tensor that may be missing, checked and contiguous. The tensor must outlive it.
class Input {
 public:
  Input(const char* name, const Optional& tensor, ScalarType dtype, std::vector<int64_t> sizes) {
    if (tensor.has_value()) take(name, *tensor, dtype, sizes);
  }
  Input(const char* name, const Tensor& tensor, ScalarType dtype, std::vector<int64_t> sizes) {
    take(name, tensor, dtype, sizes);
  }
  template <class T>
  const T* as() const {
    return static_cast<const T*>(data_);
  }

 private:
  void take(const char* name, const Tensor& tensor, ScalarType dtype,
            const std::vector<int64_t>& sizes) {
    check(tensor.is_cpu(), name, " must be on the CPU");
    check(tensor.dtype() == dtype, name, " has another dtype than x");
    bool fits = tensor.dim() == static_cast<int64_t>(sizes.size());
    const int64_t* found = tensor.sizes();
    for (size_t i = 0; fits && i < sizes.size(); ++i) fits = found[i] == sizes[i];
    check(fits, name, " has a shape that does not fit x and the weights");
    if (!tensor.is_contiguous()) copy_.emplace(tensor.contiguous());
    data_ = (copy_.has_value() ? *copy_ : tensor).data();
  }

  Optional copy_;
  const void* data_ = nullptr;
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

// Lets the allocator keep what a training step frees for the next one. The GNU C library gives
// memory back once more lies free than twice the largest block that it has mapped and freed, at
// most 64 MiB: a network of a megabyte a step may never get there, and pays for every page of every
// step anew. Whoever has set its limits by environment or mallopt keeps those.
inline void keep_freed_memory() {
#if defined(__GLIBC__)
  static const bool once = [] {
    constexpr size_t LARGEST = (size_t{1} << 25) - (size_t{1} << 16);
    void* volatile block = std::malloc(LARGEST);  // mapped, never touched
    std::free(block);
    return true;
  }();
  (void)once;
#endif
}

// Straight to the allocation: an operator called by name costs more than a small step.
inline Tensor make(std::vector<int64_t> sizes, ScalarType dtype) {
  std::vector<int64_t> strides(sizes.size(), 1);
  for (size_t i = sizes.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * (sizes[i] > 1 ? sizes[i] : 1);
  }
  AtenTensorOpaque* made;
  succeed(aoti_torch_empty_strided(static_cast<int64_t>(sizes.size()), sizes.data(), strides.data(),
                                   code_of(dtype), aoti_torch_device_type_cpu(), 0, &made),
          "aoti_torch_empty_strided");
  Tensor tensor(made);
  const size_t width = dtype == ScalarType::float32 ? sizeof(float) : sizeof(double);
  expect_writes(tensor.mutable_data(), tensor.numel() * width);
  return tensor;
}

template <class T>
T* data(const Tensor& tensor) {
  return static_cast<T*>(tensor.mutable_data());
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
