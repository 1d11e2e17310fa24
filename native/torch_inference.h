// The operator for a plain cell without gradients: few arguments, weights that were packed before.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels.h"
#include "torch_call.h"
#include "torch_packed.h"
#include "torch_tensors.h"
#include "torch_threads.h"

namespace gatework::torch_ops {

// The arguments of lstm_inference, checked.
struct Plain {
  Shape shape;
  ScalarType dtype;
  Input x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, weight_hr;
};

inline Plain make_plain(In x, Maybe h0, Maybe c0, In weight_ih, In weight_hh, Maybe bias_ih,
                        Maybe bias_hh, Maybe weight_hr) {
  check(x.dim() == 3 && weight_ih.dim() == 2 && weight_hh.dim() == 2, "x must be (T, B, I)");
  const ScalarType dtype = x.dtype();
  check(dtype == ScalarType::float32 || dtype == ScalarType::float64,
        "the kernels run in float32 and float64");
  Shape s{};
  s.T = x.sizes()[0], s.B = x.sizes()[1], s.I = x.sizes()[2];
  s.H = weight_ih.sizes()[0] / 4, s.P = weight_hh.sizes()[1];
  s.projection = weight_hr.has_value();
  s.bias = bias_ih.has_value() || bias_hh.has_value();
  check(s.projection || s.P == s.H, "weight_hh has a shape that does not fit x and the weights");
  const auto in = [dtype](const char* name, const auto& tensor, std::vector<int64_t> sizes) {
    return Input(name, tensor, dtype, std::move(sizes));
  };
  return {s,
          dtype,
          in("x", x, {s.T, s.B, s.I}),
          in("h0", h0, {s.B, s.P}),
          in("c0", c0, {s.B, s.H}),
          in("weight_ih", weight_ih, {4 * s.H, s.I}),
          in("weight_hh", weight_hh, {4 * s.H, s.P}),
          in("bias_ih", bias_ih, {4 * s.H}),
          in("bias_hh", bias_hh, {4 * s.H}),
          in("weight_hr", weight_hr, {s.P, s.H})};
}

template <class T>
void run_inference(const Plain& p, bool reverse, const Target& target,
                   const std::array<Tensor, 3>& outputs) {
  const Kernel<T>& kernel = kernel_of<T>(target);
  const Shape& s = p.shape;
  Weights<T> w{};
  w.weight_ih = p.weight_ih.as<T>(), w.weight_hh = p.weight_hh.as<T>();
  const T *first = p.bias_ih.as<T>(), *second = p.bias_hh.as<T>();
  w.bias = first != nullptr ? first : second, w.weight_hr = p.weight_hr.as<T>();
  std::vector<T> bias;
  if (first != nullptr && second != nullptr) {
    bias.resize(4 * s.H);
    for (int64_t i = 0; i < 4 * s.H; ++i) bias[i] = first[i] + second[i];
    w.bias = bias.data();
  }
  const auto packed = PackedWeights::of(kernel, target, s, w);
  Forward<T> f{};
  f.shape = s;
  f.packed = packed->get();
  Crew crew = torch_crew(s.T * s.B * 4 * s.H * (s.I + s.P));
  f.parallel = crew.parallel();
  f.reverse = reverse;
  f.x = p.x.as<T>();
  f.y = data<T>(outputs[0]), f.h = data<T>(outputs[1]), f.c = data<T>(outputs[2]);
  const size_t zeros = s.B * (s.P > s.H ? s.P : s.H) * sizeof(T);
  const size_t working = kernel.forward_workspace(f);
  const Block workspace(working + zeros);
  f.workspace = workspace.get();
  T* const start = reinterpret_cast<T*>(static_cast<char*>(workspace.get()) + working);
  std::memset(start, 0, zeros);
  f.h0 = p.h0.as<T>() ? p.h0.as<T>() : start;
  f.c0 = p.c0.as<T>() ? p.c0.as<T>() : start;
  kernel.forward(f);
}

// What most calls of a trained network are: no gradient, no option of the cell, no padding. The
// second bias is torch's; without a state the run starts from zeros.
inline std::array<Tensor, 3> lstm_inference(In x, Maybe h0, Maybe c0, In weight_ih, In weight_hh,
                                            Maybe bias_ih, Maybe bias_hh, Maybe weight_hr,
                                            bool reverse, int64_t target) {
  const Plain p = make_plain(x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh, weight_hr);
  const Shape& s = p.shape;
  std::array<Tensor, 3> outputs{make({s.T, s.B, s.P}, p.dtype), make({s.B, s.P}, p.dtype),
                                make({s.B, s.H}, p.dtype)};
  const auto run = p.dtype == ScalarType::float32 ? run_inference<float> : run_inference<double>;
  run(p, reverse, *target_of(target), outputs);
  return outputs;
}

}  // namespace gatework::torch_ops
