// What the heads of networks need, of one instruction set and precision: linear maps, the logarithm
// of a sum of exponentials, activations.
#include <limits>

#include GATEWORK_SIMD

#include "activations.inl"
#include "int8.inl"
#include "moments.inl"
#include "products.inl"
#include "target.inl"
#include "workers.h"

namespace gatework::GATEWORK_TARGET {

// How a linear map is kept: rows too long to be rounded on the stack are multiplied as floats.
inline Storage linear_storage(int64_t inputs, Storage storage) {
  return storage == Storage::int8 && inputs > LINEAR_INT8_INPUTS ? Storage::int8_weights : storage;
}

// A linear map: weights, scales and bias, all in panels of columns.
template <class T>
struct PackedLinear {
  const void* weight;
  const T *scale, *bias;
  const int32_t* offset;
  size_t bytes;

  PackedLinear(int64_t inputs, int64_t outputs, Storage storage, const void* block) {
    const Columns<T> columns(outputs);
    const bool int8 = storage == Storage::int8, scaled = int8 || storage == Storage::int8_weights;
    Arena arena(const_cast<void*>(block));
    const int64_t depth = int8 ? 4 * quads(inputs) : inputs;
    weight = arena.allocate<char>(columns.padded() * depth * element_size(storage, sizeof(T)));
    scale = arena.allocate<T>(scaled ? columns.padded() : 0);
    offset = arena.allocate<int32_t>(int8 ? columns.padded() : 0);
    bias = arena.allocate<T>(columns.padded());
    bytes = arena.bytes();
  }
};

template <class T>
size_t packed_linear_size(int64_t inputs, int64_t outputs, Storage storage) {
  return PackedLinear<T>(inputs, outputs, linear_storage(inputs, storage), nullptr).bytes;
}

template <class T>
void pack_linear(int64_t inputs, int64_t outputs, const T* weight, const T* bias, Storage wanted,
                 void* block) {
  const Storage storage = linear_storage(inputs, wanted);
  const PackedLinear<T> packed(inputs, outputs, storage, block);
  void* to = const_cast<void*>(packed.weight);
  T* scale = const_cast<T*>(packed.scale);
  T* biases = const_cast<T*>(packed.bias);
  std::memset(biases, 0, Columns<T>(outputs).padded() * sizeof(T));
  if (bias != nullptr) std::memcpy(biases, bias, outputs * sizeof(T));
  const auto pack = [&](auto* place, T* scales) {
    pack_outputs(outputs, inputs, weight, place, scales);
  };
  if constexpr (sizeof(T) == 4) {
    if (storage == Storage::f16) return pack(static_cast<uint16_t*>(to), nullptr);
    if (storage == Storage::int8_weights) return pack(static_cast<int8_t*>(to), scale);
    if (storage == Storage::int8) {
      return pack_int8_outputs(outputs, inputs, weight, static_cast<int8_t*>(to), scale,
                               const_cast<int32_t*>(packed.offset));
    }
  }
  pack(static_cast<T*>(to), nullptr);
}

template <class T>
void linear(int64_t rows, int64_t inputs, int64_t outputs, const void* block, Storage wanted,
            const T* x, T* out) {
  const FlushDenormals flush;
  const Storage storage = linear_storage(inputs, wanted);
  const PackedLinear<T> packed(inputs, outputs, storage, block);
  const Columns<T> columns(outputs);
  if constexpr (HAS_INT8<T>) {
    if (storage == Storage::int8) {
      return multiply_int8_columns(x, rows, inputs, columns,
                                   static_cast<const int8_t*>(packed.weight), packed.scale,
                                   packed.offset, packed.bias, out);
    }
  }
  multiply_columns<T>({x, inputs}, rows, 0,
                      {packed.weight, storage, packed.scale, columns.width, inputs}, packed.bias,
                      columns, {out, outputs});
}

// Not a number where a value is none.
template <class T>
T log_sum_exp(int64_t count, const T* x) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  const FlushDenormals flush;
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  const int64_t whole = count / L;
  const int rest = static_cast<int>(count % L);
  V most = V::set(lowest);
  for (int64_t i = 0; i < whole; ++i) most = V::max(V::load(x + i * L), most);
  T lanes[L];
  most.store(lanes);
  T largest = lowest;
  for (const T lane : lanes) largest = larger(lane, largest);
  for (int i = 0; i < rest; ++i) largest = larger(x[whole * L + i], largest);
  if (!(largest > lowest)) {  // all are impossible, or one is no number
    for (int64_t i = 0; i < count; ++i) largest = x[i] == lowest ? largest : x[i];
    return largest;
  }
  const V middle = V::set(largest);
  T sum = sum_vectors<V>(whole, [&](int64_t i) { return exp_of(V::load(x + i * L) - middle); });
  if (rest > 0) {
    T part[L] = {};
    exp_of(V::load(x + whole * L, rest) - middle).store(part, rest);
    sum += V::load(part).sum();
  }
  return largest + logarithm(sum);
}

template <class T>
void activation(Activation name, const T* x, T* out, int64_t count) {
  using V = Vec<T>;
  const FlushDenormals flush;
  for (int64_t i = 0; i < count; i += V::lanes) {
    const int n = static_cast<int>(smaller(static_cast<int64_t>(V::lanes), count - i));
    const V v = V::load(x + i, n);
    const V y = name == Activation::sigmoid ? sigmoid_of(v)
                : name == Activation::tanh  ? tanh_of(v)
                : name == Activation::exp   ? exp_of(v)
                                            : log_sigmoid_of(v);
    y.store(out + i, n);
  }
}

using Scalar = GATEWORK_SCALAR;
template size_t packed_linear_size<Scalar>(int64_t, int64_t, Storage);
template void pack_linear(int64_t, int64_t, const Scalar*, const Scalar*, Storage, void*);
template void linear(int64_t, int64_t, int64_t, const void*, Storage, const Scalar*, Scalar*);
template Scalar log_sum_exp(int64_t, const Scalar*);
template void activation(Activation, const Scalar*, Scalar*, int64_t);

}  // namespace gatework::GATEWORK_TARGET
