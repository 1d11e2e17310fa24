// All kernels of one instruction set: included by each target's source after its vectors.

#include <cstring>

#include "kernels.h"
#include "workers.h"

#include "activations.inl"
#include "panels.inl"
#include "products.inl"
#include "forward.inl"
#include "backward.inl"

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
  const bool scaled = storage == Storage::i8;
  S* input = static_cast<S*>(const_cast<void*>(packed.input));
  S* recurrent = static_cast<S*>(const_cast<void*>(packed.recurrent));
  T* input_scale = scaled ? mutable_of(packed.input_scale) : nullptr;
  T* recurrent_scale = scaled ? mutable_of(packed.recurrent_scale) : nullptr;
  if (scaled) {
    std::memset(input_scale, 0, packed.panels * packed.step * sizeof(T));
    std::memset(recurrent_scale, 0, packed.panels * packed.step * sizeof(T));
  }
  const int64_t shares = smaller(static_cast<int64_t>(parallel.threads), packed.panels);
  auto share = [&](int64_t first, int64_t last) {
    const int64_t p0 = packed.panels * first / shares, p1 = packed.panels * last / shares;
    pack_gates<S>(s, w.weight_ih, s.I, input, input_scale, p0, p1);
    pack_gates<S>(s, w.weight_hh, s.P, recurrent, recurrent_scale, p0, p1);
  };
  in_parallel(parallel, shares, share);
  if (s.projection) {
    pack_outputs<S>(s.P, s.H, w.weight_hr, static_cast<S*>(const_cast<void*>(packed.projection)),
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
    if (storage == Storage::i8) return pack_as<T, int8_t>(s, w, storage, block, parallel);
  }
  pack_as<T, T>(s, w, Storage::same, block, parallel);
}

// A linear map: weights, scales and bias, all in panels of columns.
template <class T>
struct PackedLinear {
  const void* weight;
  const T *scale, *bias;
  size_t bytes;

  PackedLinear(int64_t inputs, int64_t outputs, Storage storage, const void* block) {
    const Columns<T> columns(outputs);
    Cutter cutter(const_cast<void*>(block));
    weight = cutter.cut<char>(columns.padded() * inputs * element_size(storage, sizeof(T)));
    scale = cutter.cut<T>(storage == Storage::i8 ? columns.padded() : 0);
    bias = cutter.cut<T>(columns.padded());
    bytes = cutter.bytes();
  }
};

template <class T>
size_t packed_linear_size(int64_t inputs, int64_t outputs, Storage storage) {
  return PackedLinear<T>(inputs, outputs, storage, nullptr).bytes;
}

template <class T>
void pack_linear(int64_t inputs, int64_t outputs, const T* weight, const T* bias, Storage storage,
                 void* block) {
  const PackedLinear<T> packed(inputs, outputs, storage, block);
  void* to = const_cast<void*>(packed.weight);
  T* scale = storage == Storage::i8 ? const_cast<T*>(packed.scale) : nullptr;
  T* biases = const_cast<T*>(packed.bias);
  std::memset(biases, 0, Columns<T>(outputs).padded() * sizeof(T));
  if (bias != nullptr) std::memcpy(biases, bias, outputs * sizeof(T));
  if constexpr (sizeof(T) == 4) {
    if (storage == Storage::f16) {
      return pack_outputs(outputs, inputs, weight, static_cast<uint16_t*>(to), scale);
    }
    if (storage == Storage::i8) {
      return pack_outputs(outputs, inputs, weight, static_cast<int8_t*>(to), scale);
    }
  }
  pack_outputs(outputs, inputs, weight, static_cast<T*>(to), scale);
}

template <class T>
void linear(int64_t rows, int64_t inputs, int64_t outputs, const void* block, Storage storage,
            const T* x, T* out) {
  const FlushDenormals flush;
  const PackedLinear<T> packed(inputs, outputs, storage, block);
  const auto run = [&](const auto* weight) {
    multiply_columns<std::remove_cvref_t<decltype(*weight)>, T>(
        [&](int64_t r) { return x + r * inputs; }, rows, 1, 0, inputs, Columns<T>(outputs), weight,
        packed.scale, packed.bias, [&](int64_t r) { return out + r * outputs; });
  };
  if constexpr (sizeof(T) == 4) {
    if (storage == Storage::f16) return run(static_cast<const uint16_t*>(packed.weight));
    if (storage == Storage::i8) return run(static_cast<const int8_t*>(packed.weight));
  }
  run(static_cast<const T*>(packed.weight));
}

template <class T>
void activation(int name, const T* x, T* out, int64_t count) {
  using V = Vec<T>;
  const FlushDenormals flush;
  for (int64_t i = 0; i < count; i += V::lanes) {
    const int n = static_cast<int>(smaller(static_cast<int64_t>(V::lanes), count - i));
    const V v = V::load(x + i, n);
    const V y = name == 0   ? sigmoid_of(v)
                : name == 1 ? tanh_of(v)
                : name == 2 ? exp_of(v)
                            : log_sigmoid_of(v);
    y.store(out + i, n);
  }
}

template <class T>
constexpr Kernel<T> kernel() {
  return {
      packed_size<T>,        pack<T>,     forward_workspace<T>,  forward<T>,     forward_threads<T>,
      backward_workspace<T>, backward<T>, packed_linear_size<T>, pack_linear<T>, linear<T>,
      activation<T>};
}

extern const Target TARGET;
const Target TARGET = {GATEWORK_NAME, Vec<float>::lanes, kernel<float>(), kernel<double>()};

}  // namespace gatework::GATEWORK_TARGET
