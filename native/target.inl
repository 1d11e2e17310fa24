// The functions of one instruction set, each defined in a source of its own.
#pragma once

#include "kernels.h"

namespace gatework::GATEWORK_TARGET {

template <class T>
size_t packed_size(const Shape&, Storage);
template <class T>
void pack(const Shape&, const Weights<T>&, Storage, void* packed, const Parallel&);
template <class T>
size_t forward_workspace(const Forward<T>&);
template <class T>
void forward(const Forward<T>&);
template <class T>
int forward_threads(const Forward<T>&);
template <class T>
int64_t table_width(const Shape&);
template <class T>
void project(const Shape&, const void* packed, int64_t rows, const T* x, T* table);
template <class T>
size_t backward_workspace(const Backward<T>&);
template <class T>
void backward(const Backward<T>&);
template <class T>
size_t packed_linear_size(int64_t inputs, int64_t outputs, Storage);
template <class T>
void pack_linear(int64_t inputs, int64_t outputs, const T* weight, const T* bias, Storage,
                 void* packed);
template <class T>
void linear(int64_t rows, int64_t inputs, int64_t outputs, const void* packed, Storage, const T* x,
            T* out);
template <class T>
T log_sum_exp(int64_t count, const T* x);
template <class T>
void activation(Activation, const T* x, T* out, int64_t count);

}  // namespace gatework::GATEWORK_TARGET
