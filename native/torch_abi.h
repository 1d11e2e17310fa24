// The functions of torch's stable C interface that the operators call, declared here so that
// nothing of torch is needed to build them. All of them were there in torch 2.10, and stay.
//
// Each returns 0 where it succeeded. A handle that comes back in a last argument belongs to the
// caller, as do those on the stack of a boxed kernel, see torch_boxing.h.
// tests/kernels compares the declarations with torch's own.
#pragma once

#include <cstddef>
#include <cstdint>

struct AtenTensorOpaque;
struct StringOpaque;
class TorchLibraryOpaque;

extern "C" {

// Codes of what a tensor is made of and where it lies.
int32_t aoti_torch_dtype_float32();
int32_t aoti_torch_dtype_float64();
int32_t aoti_torch_dtype_int64();
int32_t aoti_torch_device_type_cpu();
int32_t aoti_torch_memory_format_contiguous_format();

// Tensors. Sizes and data belong to the tensor.
int32_t aoti_torch_get_dim(AtenTensorOpaque* tensor, int64_t* dimensions);
int32_t aoti_torch_get_numel(AtenTensorOpaque* tensor, int64_t* count);
int32_t aoti_torch_get_sizes(AtenTensorOpaque* tensor, int64_t** sizes);
int32_t aoti_torch_get_dtype(AtenTensorOpaque* tensor, int32_t* dtype);
int32_t aoti_torch_get_device_type(AtenTensorOpaque* tensor, int32_t* device_type);
int32_t aoti_torch_is_contiguous(AtenTensorOpaque* tensor, bool* contiguous);
int32_t torch_get_const_data_ptr(AtenTensorOpaque* tensor, const void** data);
int32_t torch_get_mutable_data_ptr(AtenTensorOpaque* tensor, void** data);
int32_t aoti_torch_empty_strided(int64_t dimensions, const int64_t* sizes, const int64_t* strides,
                                 int32_t dtype, int32_t device_type, int32_t device_index,
                                 AtenTensorOpaque** made);
int32_t aoti_torch_new_tensor_handle(AtenTensorOpaque* tensor, AtenTensorOpaque** another);
int32_t aoti_torch_delete_tensor_object(AtenTensorOpaque* tensor);

int32_t torch_string_length(StringOpaque* string, size_t* length);
int32_t torch_string_c_str(StringOpaque* string, const char** characters);
int32_t torch_delete_string(StringOpaque* string);

// Operators. version: the interface that the caller was written for.
int32_t aoti_torch_library_init_def(const char* space, const char* file, uint32_t line,
                                    TorchLibraryOpaque** library);
int32_t aoti_torch_library_init_impl(const char* space, const char* key, const char* file,
                                     uint32_t line, TorchLibraryOpaque** library);
int32_t aoti_torch_library_def(TorchLibraryOpaque* library, const char* schema);
int32_t torch_library_impl(TorchLibraryOpaque* library, const char* name,
                           void (*kernel)(uint64_t* stack, uint64_t inputs, uint64_t outputs),
                           uint64_t version);
int32_t aoti_torch_delete_library_object(TorchLibraryOpaque* library);
int32_t torch_call_dispatcher(const char* name, const char* overload, uint64_t* stack,
                              uint64_t version);

// Threads.
int32_t torch_get_num_threads(uint32_t* threads);
int32_t torch_parallel_for(int64_t first, int64_t last, int64_t grain,
                           void (*body)(int64_t first, int64_t last, void* context), void* context);

}  // extern "C"

namespace gatework::torch_ops {

constexpr uint64_t TORCH_INTERFACE = uint64_t{2} << 56 | uint64_t{10} << 48;  // torch 2.10

}  // namespace gatework::torch_ops
