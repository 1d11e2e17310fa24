// Packing the weights of one cell, for one instruction set and precision.
#include GATEWORK_SIMD

#include "bfloat16.inl"
#include "int8.inl"
#include "panels.inl"
#include "target.inl"
#include "workers.h"

namespace gatework::GATEWORK_TARGET {

template <class T>
size_t packed_size(const Shape& s, Storage storage) {
  return Packed<T>(s, storage, nullptr).bytes;
}

// Weights that are kept as Kept; int8: those that are multiplied in whole numbers, too.
template <class Kept, class T>
void pack_as(const Shape& s, const Weights<T>& w, Storage storage, void* block,
             const Parallel& parallel) {
  const Packed<T> packed(s, storage, block);
  const auto mutable_of = [](const T* place) { return const_cast<T*>(place); };
  const bool int8 = storage == Storage::int8;
  constexpr bool scaled = sizeof(Kept) == 1;
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
  const size_t offsets = packed.panels * packed.step * sizeof(int32_t);
  if (int8 && s.hidden_input) std::memset(input_offset, 0, offsets);
  if (int8) std::memset(recurrent_offset, 0, offsets);
  const int64_t shares = smaller(static_cast<int64_t>(parallel.threads), packed.panels);
  const auto pack_some = [&](bool whole, const T* weight, int64_t columns, Kept* to, T* scale,
                             int32_t* offset, int64_t p0, int64_t p1) {
    if constexpr (HAS_BFLOAT16<Kept>) {
      if (storage == Storage::bfloat16) {
        return pack_gate_pairs(s, weight, columns, reinterpret_cast<Pair*>(to), p0, p1);
      }
    }
    if constexpr (scaled) {
      if (whole) return pack_int8_gates(s, weight, columns, to, scale, offset, p0, p1);
    }
    pack_gates<Kept>(s, weight, columns, to, scale, p0, p1);
  };
  auto share = [&](int64_t first, int64_t last) {
    const int64_t p0 = packed.panels * first / shares, p1 = packed.panels * last / shares;
    pack_some(int8 && s.hidden_input, w.weight_ih, s.I, input, input_scale, input_offset, p0, p1);
    pack_some(int8, w.weight_hh, s.P, recurrent, recurrent_scale, recurrent_offset, p0, p1);
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
    if (storage == Storage::f16) return pack_as<uint16_t>(s, w, storage, block, parallel);
    const bool scaled = storage == Storage::int8 || storage == Storage::int8_weights;
    if (scaled) return pack_as<int8_t>(s, w, storage, block, parallel);
  }
  pack_as<T>(s, w, storage, block, parallel);
}

using Scalar = GATEWORK_SCALAR;
template size_t packed_size<Scalar>(const Shape&, Storage);
template void pack(const Shape&, const Weights<Scalar>&, Storage, void*, const Parallel&);

}  // namespace gatework::GATEWORK_TARGET
