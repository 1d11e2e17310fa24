// What the forward and the backward operator take alike, and the checks that it fits.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "kernels.h"
#include "torch_tensors.h"

namespace gatework::torch_ops {

// Everything that forward and backward take alike.
struct Call {
  Shape shape;
  ScalarType dtype;
  Input x, h0, c0, n0, m0;
  Input weight_ih, weight_hh, bias, weight_hr, peephole, input_gain, recurrent_gain, cell_gain,
      cell_shift;
  Input hidden_mask, candidate_mask, zoneout_cell_mask, zoneout_hidden_mask, lengths;
  double zoneout_cell, zoneout_hidden;
  bool reverse;
  Storage storage;
  const Target* target;

  template <class T>
  Weights<T> weights() const {
    return {weight_ih.as<T>(),      weight_hh.as<T>(), bias.as<T>(),
            weight_hr.as<T>(),      peephole.as<T>(),  input_gain.as<T>(),
            recurrent_gain.as<T>(), cell_gain.as<T>(), cell_shift.as<T>()};
  }
  template <class T>
  Masks<T> masks() const {
    return {hidden_mask.as<T>(),          candidate_mask.as<T>(),
            zoneout_cell_mask.as<T>(),    zoneout_hidden_mask.as<T>(),
            static_cast<T>(zoneout_cell), static_cast<T>(zoneout_hidden)};
  }
  template <class T>
  void fill(auto& f) const {
    f.shape = shape;
    f.x = x.as<T>();
    f.h0 = h0.as<T>();
    f.c0 = c0.as<T>();
    f.n0 = n0.as<T>();
    f.m0 = m0.as<T>();
    f.masks = masks<T>();
    f.lengths = lengths.as<int64_t>();
    f.reverse = reverse;
  }
  int64_t work() const { return shape.T * shape.B * shape.gates() * shape.H * (shape.I + shape.P); }
};

template <class T>
const Kernel<T>& kernel_of(const Target& target) {
  if constexpr (sizeof(T) == 4) {
    return target.f32;
  } else {
    return target.f64;
  }
}

inline const Target* target_of(int64_t index) {
  const Target* const* targets;
  const int count = available_targets(&targets);
  check(index >= 0 && index < count, "there is no target ", index);
  return targets[index];
}

inline void check_lengths(const Optional& lengths, const Shape& s) {
  const Input given("lengths", lengths, ScalarType::int64, {s.B});
  const int64_t* values = given.as<int64_t>();
  for (int64_t b = 0; values != nullptr && b < s.B; ++b) {
    check(values[b] >= 0 && values[b] <= s.T, "lengths[", b, "] is ", values[b],
          ", which is not from 0 to ", s.T);
  }
}

inline Call make_call(const Tensor& x, const Tensor& h0, const Tensor& c0, const Optional& n0,
                      const Optional& m0, const Tensor& weight_ih, const Tensor& weight_hh,
                      const Optional& bias, const Optional& weight_hr, const Optional& peephole,
                      const Optional& input_gain, const Optional& recurrent_gain,
                      const Optional& cell_gain, const Optional& cell_shift,
                      const Optional& hidden_mask, const Optional& candidate_mask,
                      const Optional& zoneout_cell_mask, const Optional& zoneout_hidden_mask,
                      double zoneout_cell, double zoneout_hidden, const Optional& lengths,
                      bool reverse, bool bfloat16, int64_t target) {
  check(x.dim() == 3 && c0.dim() == 2 && h0.dim() == 2, "x must be (T, B, I)");
  const ScalarType dtype = x.dtype();
  check(dtype == ScalarType::float32 || dtype == ScalarType::float64,
        "the kernels run in float32 and float64");
  Shape s{};
  s.T = x.sizes()[0], s.B = x.sizes()[1], s.I = x.sizes()[2], s.H = c0.sizes()[1],
  s.P = h0.sizes()[1];
  s.coupled = weight_ih.sizes()[0] == 3 * s.H;
  s.exponential = n0.has_value();
  s.projection = weight_hr.has_value();
  s.layer_norm = input_gain.has_value();
  s.peephole = peephole.has_value();
  s.bias = bias.has_value();
  check(s.projection || s.P == s.H, "h0 must have as many features as c0");
  check(!(s.exponential && (s.coupled || s.peephole)),
        "exponential gates can be neither coupled nor have peepholes");
  check(n0.has_value() == m0.has_value(), "n0 and m0 go together");
  check(recurrent_gain.has_value() == s.layer_norm && cell_gain.has_value() == s.layer_norm &&
            (s.layer_norm || !cell_shift.has_value()),
        "layer norm needs input_gain, recurrent_gain and cell_gain together");
  check_lengths(lengths, s);
  const bool runs = dtype == ScalarType::float32 && can_run_bfloat16(*target_of(target));
  check(!bfloat16 || runs, "products of bfloat16 need float32 and a processor that has them");
  const int64_t T = s.T, B = s.B, H = s.H, P = s.P, G = s.gates() * s.H;
  const auto in = [dtype](const char* name, const auto& tensor, std::vector<int64_t> sizes) {
    return Input(name, tensor, dtype, std::move(sizes));
  };
  return {s,
          dtype,
          in("x", x, {T, B, s.I}),
          in("h0", h0, {B, P}),
          in("c0", c0, {B, H}),
          in("n0", n0, {B, H}),
          in("m0", m0, {B, H}),
          in("weight_ih", weight_ih, {G, s.I}),
          in("weight_hh", weight_hh, {G, P}),
          in("bias", bias, {G}),
          in("weight_hr", weight_hr, {P, H}),
          in("peephole", peephole, {s.gates() - 1, H}),
          in("input_gain", input_gain, {G}),
          in("recurrent_gain", recurrent_gain, {G}),
          in("cell_gain", cell_gain, {H}),
          in("cell_shift", cell_shift, {H}),
          in("hidden_mask", hidden_mask, {B, P}),
          in("candidate_mask", candidate_mask, {B, H}),
          in("zoneout_cell_mask", zoneout_cell_mask, {T, B, H}),
          in("zoneout_hidden_mask", zoneout_hidden_mask, {T, B, P}),
          Input("lengths", lengths, ScalarType::int64, {B}),
          zoneout_cell,
          zoneout_hidden,
          reverse,
          bfloat16 ? Storage::bfloat16 : Storage::same,
          target_of(target)};
}

}  // namespace gatework::torch_ops
