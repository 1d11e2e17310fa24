// Operators of torch from functions of C++: how arguments and results lie on the stack of a boxed
// kernel.
//
// Each takes a cell of 8 bytes, the value in the first of them: a handle of a tensor or of a
// string, an int64_t, a double, a bool. For an optional tensor it is a pointer to another cell with
// the handle, made with new, or null. What torch puts there belongs to the kernel, what the kernel
// leaves there to torch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "torch_abi.h"
#include "torch_tensors.h"

namespace gatework::torch_ops {

template <class Value>
Value bits_of(uint64_t cell) {
  static_assert(sizeof(Value) <= sizeof cell && std::is_trivially_copyable_v<Value>);
  Value value;
  std::memcpy(&value, &cell, sizeof value);
  return value;
}

// What lies in a cell of the stack, taken from it.
template <class Value>
struct Taken {
  static Value from(uint64_t cell) { return bits_of<Value>(cell); }
};

template <>
struct Taken<Tensor> {
  static Tensor from(uint64_t cell) { return Tensor(bits_of<AtenTensorOpaque*>(cell)); }
};

template <>
struct Taken<Optional> {
  static Optional from(uint64_t cell) {
    const std::unique_ptr<uint64_t> inner(bits_of<uint64_t*>(cell));
    return inner == nullptr ? Optional() : Optional(Taken<Tensor>::from(*inner));
  }
};

template <>
struct Taken<std::string> {
  static std::string from(uint64_t cell) {
    struct Owned {
      StringOpaque* handle;
      ~Owned() { torch_delete_string(handle); }
    };
    const Owned owned{bits_of<StringOpaque*>(cell)};
    const char* characters;
    size_t length;
    succeed(torch_string_c_str(owned.handle, &characters), "torch_string_c_str");
    succeed(torch_string_length(owned.handle, &length), "torch_string_length");
    return {characters, length};
  }
};

inline uint64_t cell_of(AtenTensorOpaque* handle) { return reinterpret_cast<uintptr_t>(handle); }

inline void leave(Tensor result, uint64_t* stack) { *stack = cell_of(result.release()); }

template <size_t N>
void leave(std::array<Tensor, N> results, uint64_t* stack) {
  for (Tensor& result : results) *stack++ = cell_of(result.release());
}

// A function whose arguments torch hands over on a stack, as the schema of the operator has them.
template <auto function>
struct Boxed;

template <class Result, class... Arguments, Result (*function)(Arguments...)>
struct Boxed<function> {
  static void run(uint64_t* stack, uint64_t inputs, uint64_t) {
    check(inputs == sizeof...(Arguments), "the schema has ", inputs, " arguments, the operator ",
          sizeof...(Arguments));
    call(stack, std::index_sequence_for<Arguments...>());
  }

 private:
  template <size_t... I>
  static void call(uint64_t* stack, std::index_sequence<I...>) {
    // All are taken before any can be refused: each is given back once.
    const std::tuple<std::remove_cvref_t<Arguments>...> arguments{
        Taken<std::remove_cvref_t<Arguments>>::from(stack[I])...};
    leave(std::apply(function, arguments), stack);
  }
};

// Operators of one namespace, registered for as long as this lives.
class Library {
 public:
  explicit Library(const char* space) {
    succeed(aoti_torch_library_init_def(space, SOURCE, 0, &library_),
            "aoti_torch_library_init_def");
  }
  Library(const char* space, const char* key) {
    succeed(aoti_torch_library_init_impl(space, key, SOURCE, 0, &library_),
            "aoti_torch_library_init_impl");
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library() { aoti_torch_delete_library_object(library_); }

  Library& schema(const char* text) {
    succeed(aoti_torch_library_def(library_, text), "aoti_torch_library_def");
    return *this;
  }
  template <auto function>
  Library& kernel(const char* name) {
    succeed(torch_library_impl(library_, name, Boxed<function>::run, TORCH_INTERFACE),
            "torch_library_impl");
    return *this;
  }

 private:
  static constexpr const char* SOURCE = "native/torch_ops.cpp";
  TorchLibraryOpaque* library_;
};

}  // namespace gatework::torch_ops
