// All kernels of one instruction set: included by each target's source after its vectors.

#include <cstring>

#include "compiler.h"
#include "kernels.h"
#include "workers.h"

#include "activations.inl"
#include "panels.inl"
#include "products.inl"
#include "int8.inl"
#include "forward.inl"
#include "backward_workspace.inl"
#include "backward_norms.inl"
#include "backward_sums.inl"
#include "backward.inl"
#include "softmax.inl"

namespace gatework::GATEWORK_TARGET {

template <class T>
size_t packed_size(const Shape& s, Storage storage) {
  return Packed<T>(s, storage, nullptr).bytes;
}

template <class T, class S>
void pack_as(const Shape& s, const Weights<T>& w, Storage storage, void* block,
             const Parallel& parallel) {
  const Packed<T> packed(s, storage, block);
  const auto mutable_of = [](const T* place) { return const_cast<T*>(place); };
  constexpr bool int8 = std::is_same_v<S, Int8Weight>, scaled = sizeof(S) == 1;
  using Kept = std::conditional_t<int8, int8_t, S>;
  Kept* input = static_cast<Kept*>(const_cast<void*>(packed.input));
  Kept* recurrent = static_cast<Kept*>(const_cast<void*>(packed.recurrent));
  T* input_scale = scaled ? mutable_of(packed.input_scale) : nullptr;
  T* recurrent_scale = scaled ? mutable_of(packed.recurrent_scale) : nullptr;
  if (scaled) {
    std::memset(input_scale, 0, packed.panels * packed.step * sizeof(T));
    std::memset(recurrent_scale, 0, packed.panels * packed.step * sizeof(T));
  }
  int32_t* input_offset = const_cast<int32_t*>(packed.input_offset);
  int32_t* recurrent_offset = const_cast<int32_t*>(packed.recurrent_offset);
  if constexpr (int8) {
    const size_t bytes = packed.panels * packed.step * sizeof(int32_t);
    if (s.hidden_input) std::memset(input_offset, 0, bytes);
    std::memset(recurrent_offset, 0, bytes);
  }
  const int64_t shares = smaller(static_cast<int64_t>(parallel.threads), packed.panels);
  auto share = [&](int64_t first, int64_t last) {
    const int64_t p0 = packed.panels * first / shares, p1 = packed.panels * last / shares;
    if (int8 && s.hidden_input) {
      if constexpr (int8)
        pack_int8_gates(s, w.weight_ih, s.I, input, input_scale, input_offset, p0, p1);
    } else {
      pack_gates<Kept>(s, w.weight_ih, s.I, input, input_scale, p0, p1);
    }
    if constexpr (int8) {
      pack_int8_gates(s, w.weight_hh, s.P, recurrent, recurrent_scale, recurrent_offset, p0, p1);
    } else {
      pack_gates<Kept>(s, w.weight_hh, s.P, recurrent, recurrent_scale, p0, p1);
    }
  };
  in_parallel(parallel, shares, share);
  if (s.projection) {
    pack_outputs<Kept>(s.P, s.H, w.weight_hr,
                       static_cast<Kept*>(const_cast<void*>(packed.projection)),
                       scaled ? mutable_of(packed.projection_scale) : nullptr);
  }
  pack_cells(s, packed.K, w.bias, mutable_of(packed.bias));
  if (s.peephole) pack_cells(s, packed.K - 1, w.peephole, mutable_of(packed.peephole));
  if (!s.layer_norm) return;
  pack_cells(s, packed.K, w.input_gain, mutable_of(packed.input_gain));
  pack_cells(s, packed.K, w.recurrent_gain, mutable_of(packed.recurrent_gain));
  pack_cells(s, 1, w.cell_gain, mutable_of(packed.cell_gain));
  pack_cells(s, 1, w.cell_shift, mutable_of(packed.cell_shift));
}

template <class T>
void pack(const Shape& s, const Weights<T>& w, Storage storage, void* block,
          const Parallel& parallel) {
  if constexpr (sizeof(T) == 4) {
    if (storage == Storage::f16) return pack_as<T, uint16_t>(s, w, storage, block, parallel);
    if (storage == Storage::int8_weights) return pack_as<T, int8_t>(s, w, storage, block, parallel);
#if defined(GATEWORK_INT8)
    if (storage == Storage::int8) return pack_as<T, Int8Weight>(s, w, storage, block, parallel);
#endif
  }
  pack_as<T, T>(s, w, Storage::same, block, parallel);
}

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
  const auto run = [&](const auto* weight) {
    multiply_columns<std::remove_cvref_t<decltype(*weight)>, T>(
        [&](int64_t r) { return x + r * inputs; }, rows, 1, 0, inputs, Columns<T>(outputs), weight,
        packed.scale, packed.bias, [&](int64_t r) { return out + r * outputs; });
  };
  if constexpr (sizeof(T) == 4) {
    if (storage == Storage::f16) return run(static_cast<const uint16_t*>(packed.weight));
    if (storage == Storage::int8_weights) return run(static_cast<const int8_t*>(packed.weight));
#if defined(GATEWORK_INT8)
    if (storage == Storage::int8) {
      return multiply_int8_columns(x, rows, inputs, Columns<T>(outputs),
                                   static_cast<const Int8Weight*>(packed.weight), packed.scale,
                                   packed.offset, packed.bias, out);
    }
#endif
  }
  run(static_cast<const T*>(packed.weight));
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

#if defined(GATEWORK_INT8)
constexpr bool HAS_INT8 = true;
#else
constexpr bool HAS_INT8 = false;
#endif

template <class T>
constexpr Kernel<T> kernel() {
  return {packed_size<T>, pack<T>,    forward_workspace<T>,  forward<T>,   forward_threads<T>,
          table_width<T>, project<T>, backward_workspace<T>, backward<T>,  packed_linear_size<T>,
          pack_linear<T>, linear<T>,  log_sum_exp<T>,        activation<T>};
}

extern const Target TARGET;
const Target TARGET = {GATEWORK_NAME, Vec<float>::lanes, HAS_INT8, kernel<float>(),
                       kernel<double>()};

}  // namespace gatework::GATEWORK_TARGET
