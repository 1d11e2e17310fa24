// The kernels as operators of torch, on torch's own threads, through its stable C interface: built
// without torch, for torch 2.10 and later.
//
// gatework::lstm runs one layer and direction forward; gatework::lstm_backward gives its
// gradients. What the forward run saves is one flat tensor; saved_layout.h says where everything
// lies in it, and kernels/layout.py takes traces from it as views.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler.h"
#include "kernels.h"
#include "saved_layout.h"
#include "torch_abi.h"
#include "torch_boxing.h"
#include "torch_call.h"
#include "torch_inference.h"
#include "torch_packed.h"
#include "torch_tensors.h"
#include "torch_threads.h"

namespace gatework::torch_ops {
namespace {

template <class T>
Block packed(const Call& call, const Kernel<T>& kernel) {
  const Shape& s = call.shape;
  Block block(kernel.packed_size(s, call.storage));
  Crew crew = torch_crew(packing_work(s), Kind::packing);
  kernel.pack(s, call.weights<T>(), call.storage, block.get(), crew.parallel());
  return block;
}

Save save_of(int64_t save) {
  check(save >= 0 && save <= 2, "save must be 0, 1 or 2");
  return static_cast<Save>(save);
}

template <class T>
void run_forward(const Call& call, Save save, const std::array<Tensor, 6>& outputs) {
  const Kernel<T>& kernel = kernel_of<T>(*call.target);
  Forward<T> f{};
  call.fill<T>(f);
  f.storage = call.storage;
  Crew crew = torch_crew(call.work());
  f.parallel = crew.parallel();
  // Weights that are trained differ from step to step; others are packed once.
  std::optional<Block> anew;
  std::shared_ptr<const Packing> kept;
  if (save == Save::nothing) {
    kept = PackedWeights::of(kernel, *call.target, call.shape, call.weights<T>(), call.storage);
    f.packed = kept->get();
  } else {
    anew.emplace(packed<T>(call, kernel));
    f.packed = anew->get();
  }
  f.y = data<T>(outputs[0]);
  f.h = data<T>(outputs[1]);
  f.c = data<T>(outputs[2]);
  if (call.shape.exponential) {
    f.n = data<T>(outputs[3]);
    f.m = data<T>(outputs[4]);
  }
  f.saved = cut_saved<T>(save, call.shape, data<T>(outputs[5]));
  const Block workspace(kernel.forward_workspace(f));
  f.workspace = workspace.get();
  kernel.forward(f);
}

std::array<Tensor, 6> lstm(In x, In h0, In c0, Maybe n0, Maybe m0, In weight_ih, In weight_hh,
                           Maybe bias, Maybe weight_hr, Maybe peephole, Maybe input_gain,
                           Maybe recurrent_gain, Maybe cell_gain, Maybe cell_shift,
                           Maybe hidden_mask, Maybe candidate_mask, Maybe zoneout_cell_mask,
                           Maybe zoneout_hidden_mask, double zoneout_cell, double zoneout_hidden,
                           Maybe lengths, bool reverse, int64_t saves, bool bfloat16,
                           int64_t target) {
  const Call call = make_call(x, h0, c0, n0, m0, weight_ih, weight_hh, bias, weight_hr, peephole,
                              input_gain, recurrent_gain, cell_gain, cell_shift, hidden_mask,
                              candidate_mask, zoneout_cell_mask, zoneout_hidden_mask, zoneout_cell,
                              zoneout_hidden, lengths, reverse, bfloat16, target);
  const Shape& s = call.shape;
  const Save save = save_of(saves);
  if (save != Save::nothing) keep_freed_memory();
  const int64_t extra = s.exponential ? s.B : 0;
  std::array<Tensor, 6> outputs{
      make({s.T, s.B, s.P}, call.dtype), make({s.B, s.P}, call.dtype),
      make({s.B, s.H}, call.dtype),      make({extra, s.H}, call.dtype),
      make({extra, s.H}, call.dtype),    make({saved_length(save, s)}, call.dtype)};
  if (call.dtype == ScalarType::float32) {
    run_forward<float>(call, save, outputs);
  } else {
    run_forward<double>(call, save, outputs);
  }
  return outputs;
}

using Gradients = std::array<Tensor, 14>;

struct Incoming {
  Input y, saved, dy, dh, dc, dn, dm, dsaved;
};

template <class T>
void run_backward(const Call& call, const Incoming& in, Save save, bool wants_dx,
                  bool wants_weights, const Gradients& out) {
  const Kernel<T>& kernel = kernel_of<T>(*call.target);
  const Shape& s = call.shape;
  Backward<T> b{};
  call.fill<T>(b);
  b.storage = call.storage;
  b.weights = call.weights<T>();
  Crew crew = torch_crew(2 * call.work());
  b.parallel = crew.parallel();
  b.y = in.y.as<T>();
  b.saved = cut_saved<T>(save, s, in.saved.as<T>());
  b.dy = in.dy.as<T>();
  b.dh = in.dh.as<T>();
  b.dc = in.dc.as<T>();
  b.dn = in.dn.as<T>();
  b.dm = in.dm.as<T>();
  b.dsaved = cut_saved<T>(save, s, in.dsaved.as<T>());
  std::optional<Block> weights;
  if (save != Save::all) {
    weights.emplace(packed<T>(call, kernel));
    b.packed = weights->get();
  }
  b.dx = wants_dx ? data<T>(out[0]) : nullptr;
  b.dh0 = data<T>(out[1]);
  b.dc0 = data<T>(out[2]);
  if (s.exponential) {
    b.dn0 = data<T>(out[3]);
    b.dm0 = data<T>(out[4]);
  }
  if (wants_weights) {
    b.dweight_ih = data<T>(out[5]);
    b.dweight_hh = data<T>(out[6]);
    if (s.bias) b.dbias = data<T>(out[7]);
    if (s.projection) b.dweight_hr = data<T>(out[8]);
    if (s.peephole) b.dpeephole = data<T>(out[9]);
    if (s.layer_norm) {
      b.dinput_gain = data<T>(out[10]);
      b.drecurrent_gain = data<T>(out[11]);
      b.dcell_gain = data<T>(out[12]);
      if (s.bias) b.dcell_shift = data<T>(out[13]);
    }
  }
  const Block workspace(kernel.backward_workspace(b));
  b.workspace = workspace.get();
  kernel.backward(b);
}

Gradients lstm_backward(Maybe dy, Maybe dh, Maybe dc, Maybe dn, Maybe dm, Maybe dsaved, In y,
                        In saved, In x, In h0, In c0, Maybe n0, Maybe m0, In weight_ih,
                        In weight_hh, Maybe bias, Maybe weight_hr, Maybe peephole, Maybe input_gain,
                        Maybe recurrent_gain, Maybe cell_gain, Maybe cell_shift, Maybe hidden_mask,
                        Maybe candidate_mask, Maybe zoneout_cell_mask, Maybe zoneout_hidden_mask,
                        double zoneout_cell, double zoneout_hidden, Maybe lengths, bool reverse,
                        int64_t saves, bool bfloat16, int64_t target, bool wants_dx,
                        bool wants_weights) {
  const Call call = make_call(x, h0, c0, n0, m0, weight_ih, weight_hh, bias, weight_hr, peephole,
                              input_gain, recurrent_gain, cell_gain, cell_shift, hidden_mask,
                              candidate_mask, zoneout_cell_mask, zoneout_hidden_mask, zoneout_cell,
                              zoneout_hidden, lengths, reverse, bfloat16, target);
  const Shape& s = call.shape;
  const ScalarType dtype = call.dtype;
  const Save save = save_of(saves);
  check(save != Save::nothing, "backward needs saved values");
  const int64_t count = saved_length(save, s);
  const Optional none;
  const Incoming in{Input("y", y, dtype, {s.T, s.B, s.P}),
                    Input("saved", saved, dtype, {count}),
                    Input("dy", dy, dtype, {s.T, s.B, s.P}),
                    Input("dh", dh, dtype, {s.B, s.P}),
                    Input("dc", dc, dtype, {s.B, s.H}),
                    Input("dn", s.exponential ? dn : none, dtype, {s.B, s.H}),
                    Input("dm", s.exponential ? dm : none, dtype, {s.B, s.H}),
                    Input("dsaved", dsaved, dtype, {count})};
  const auto some = [dtype](bool wanted, std::vector<int64_t> sizes) {
    if (!wanted) sizes[0] = 0;
    return make(std::move(sizes), dtype);
  };
  const int64_t G = s.gates() * s.H;
  const bool w = wants_weights, norm = w && s.layer_norm;
  Gradients out{some(wants_dx, {s.T, s.B, s.I}),
                some(true, {s.B, s.P}),
                some(true, {s.B, s.H}),
                some(s.exponential, {s.B, s.H}),
                some(s.exponential, {s.B, s.H}),
                some(w, {G, s.I}),
                some(w, {G, s.P}),
                some(w && s.bias, {G}),
                some(w && s.projection, {s.P, s.H}),
                some(w && s.peephole, {s.gates() - 1, s.H}),
                some(norm, {G}),
                some(norm, {G}),
                some(norm, {s.H}),
                some(norm && s.bias, {s.H})};
  if (dtype == ScalarType::float32) {
    run_backward<float>(call, in, save, wants_dx, w, out);
  } else {
    run_backward<double>(call, in, save, wants_dx, w, out);
  }
  return out;
}

Activation activation_of(const std::string& name) {
  if (name == "sigmoid") return Activation::sigmoid;
  if (name == "tanh") return Activation::tanh;
  if (name == "exp") return Activation::exp;
  check(name == "log_sigmoid", "there is no activation ", name);
  return Activation::log_sigmoid;
}

template <class T>
Tensor activated(const Tensor& x, Activation name, const Target& target) {
  const Input input("x", x, x.dtype(), {x.numel()});
  Tensor out = make({x.numel()}, x.dtype());
  kernel_of<T>(target).activation(name, input.as<T>(), data<T>(out), x.numel());
  return out;
}

// An activation of a target, elementwise; for the test of its accuracy.
Tensor activation(const Tensor& x, const std::string& name, int64_t target) {
  const bool single = x.dtype() == ScalarType::float32;
  check(single || x.dtype() == ScalarType::float64, "x must be float32 or float64");
  const auto run = single ? activated<float> : activated<double>;
  return run(x, activation_of(name), *target_of(target));
}

#define GATEWORK_CELL                                                                            \
  "Tensor x, Tensor h0, Tensor c0, Tensor? n0, Tensor? m0, Tensor weight_ih, Tensor weight_hh, " \
  "Tensor? bias, Tensor? weight_hr, Tensor? peephole, Tensor? input_gain, "                      \
  "Tensor? recurrent_gain, Tensor? cell_gain, Tensor? cell_shift, Tensor? hidden_mask, "         \
  "Tensor? candidate_mask, Tensor? zoneout_cell_mask, Tensor? zoneout_hidden_mask, "             \
  "float zoneout_cell, float zoneout_hidden, Tensor? lengths, bool reverse, int save, bool "     \
  "bfloat16, "                                                                                   \
  "int target"

struct Operators {
  Library schemas{"gatework"}, kernels{"gatework", "CPU"};

  Operators() {
    schemas.schema("lstm(" GATEWORK_CELL ") -> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)")
        .schema(
            "lstm_backward(Tensor? dy, Tensor? dh, Tensor? dc, Tensor? dn, Tensor? dm, Tensor? "
            "dsaved, Tensor y, Tensor saved, " GATEWORK_CELL
            ", bool wants_dx, bool wants_weights) -> "
            "(Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, "
            "Tensor, Tensor, Tensor, Tensor)")
        .schema(
            "lstm_inference(Tensor x, Tensor? h0, Tensor? c0, Tensor weight_ih, Tensor weight_hh, "
            "Tensor? bias_ih, Tensor? bias_hh, Tensor? weight_hr, bool reverse, int target) -> "
            "(Tensor, Tensor, Tensor)")
        .schema("activation(Tensor x, str name, int target) -> Tensor");
    kernels.kernel<lstm>("lstm")
        .kernel<lstm_backward>("lstm_backward")
        .kernel<lstm_inference>("lstm_inference")
        .kernel<activation>("activation");
  }
};
const Operators OPERATORS;

}  // namespace
}  // namespace gatework::torch_ops

// What Python asks through ctypes.

// Names of the targets that run here, best first.
extern "C" GATEWORK_EXPORT const char* gatework_targets() {
  static const std::string names = [] {
    const gatework::Target* const* targets;
    const int count = gatework::available_targets(&targets);
    std::string joined;
    for (int i = 0; i < count; ++i) {
      if (i > 0) joined += ',';
      joined += targets[i]->name;
    }
    return joined;
  }();
  return names.c_str();
}

// Whether the target of this place runs products of bfloat16 here.
extern "C" GATEWORK_EXPORT int gatework_bfloat16(int target) {
  return gatework::can_run_bfloat16(*gatework::torch_ops::target_of(target)) ? 1 : 0;
}

// The parts of what a run saves, a line each: name, cells, gates, ones; see SavedPart.
extern "C" GATEWORK_EXPORT const char* gatework_saved_layout(int64_t save, int exponential,
                                                             int layer_norm) {
  static thread_local std::string lines;
  lines.clear();
  for (const gatework::SavedPart& part : gatework::saved_layout(
           static_cast<gatework::Save>(save), exponential != 0, layer_norm != 0)) {
    if (!part.there) continue;
    lines += part.name;
    for (const int64_t count : {part.cells, part.gates, part.ones}) {
      lines += ' ' + std::to_string(count);
    }
    lines += '\n';
  }
  return lines.c_str();
}

// From now on no run takes more threads, whatever torch has.
extern "C" GATEWORK_EXPORT void gatework_most_threads(int64_t most) {
  gatework::torch_ops::most_threads = most;
}

// Threads that a plain (or other) run of these sizes takes of those that torch has.
extern "C" GATEWORK_EXPORT int gatework_threads(int64_t T, int64_t B, int64_t I, int64_t H,
                                                int64_t P, int64_t gates, int plain, int target) {
  gatework::Forward<float> f{};
  f.shape.T = T, f.shape.B = B, f.shape.I = I, f.shape.H = H, f.shape.P = P;
  f.shape.coupled = gates == 3;
  f.shape.peephole = plain == 0;
  f.parallel.threads =
      gatework::threads_for_work(gatework::torch_ops::torch_threads(), T * B * gates * H * (I + P));
  return gatework::torch_ops::target_of(target)->f32.forward_threads(f);
}
