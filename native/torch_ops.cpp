// The kernels as operators of torch, on torch's own threads, through its stable C++ interface:
// built against the headers alone, for torch 2.13 and later.
//
// gatework::lstm runs one layer and direction forward; gatework::lstm_backward gives its
// gradients. What the forward run saves is one flat tensor; saved_layout says where everything
// lies in it, and kernels/native.py takes traces from it as views.
#include <torch/csrc/stable/library.h>
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>
#include <torch/headeronly/util/Exception.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "kernels.h"

namespace {

using gatework::Backward;
using gatework::Forward;
using gatework::Kernel;
using gatework::Masks;
using gatework::Parallel;
using gatework::Saved;
using gatework::Shape;
using gatework::Storage;
using gatework::Target;
using gatework::Weights;
using torch::headeronly::ScalarType;
using torch::stable::Tensor;
using Optional = std::optional<Tensor>;

constexpr int64_t SAVE_STATES = 1, SAVE_ALL = 2;

// Multiply-adds that make another thread worth waking.
constexpr int64_t WORK_FOR_A_THREAD = 1500000;

void on_torch_threads(void*, int64_t count, void (*body)(void*, int64_t, int64_t), void* argument) {
  torch::stable::parallel_for(0, count, 1,
                              [&](int64_t first, int64_t last) { body(argument, first, last); });
}

Parallel parallel_for_work(int64_t work) {
  const int64_t threads = torch::stable::get_num_threads();
  const int64_t wanted = 1 + work / WORK_FOR_A_THREAD;
  return {static_cast<int>(wanted < threads ? wanted : threads), nullptr, on_torch_threads};
}

// A tensor that may be missing, checked and contiguous; keeps it alive while its pointer is used.
class Input {
 public:
  Input(const char* name, const Optional& tensor, ScalarType dtype, std::vector<int64_t> sizes) {
    if (!tensor.has_value()) return;
    STD_TORCH_CHECK(tensor->is_cpu(), name, " must be on the CPU");
    STD_TORCH_CHECK(tensor->scalar_type() == dtype, name, " has another dtype than x");
    const auto found = tensor->sizes();
    bool fits = found.size() == sizes.size();
    for (size_t i = 0; fits && i < sizes.size(); ++i) fits = found[i] == sizes[i];
    STD_TORCH_CHECK(fits, name, " has a shape that does not fit x and the weights");
    held_ = tensor->is_contiguous() ? *tensor : torch::stable::contiguous(*tensor);
  }
  template <class T>
  const T* as() const {
    return held_.has_value() ? static_cast<const T*>(held_->const_data_ptr()) : nullptr;
  }

 private:
  Optional held_;
};

// Asks for huge pages under a large result. The allocator maps one anew for every call, and to
// touch it 4 KiB at a time costs as much as a fifth of the work that fills it.
void expect_writes(void* memory, size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr uintptr_t PAGE = uintptr_t{1} << 21;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory) + PAGE - 1) & ~(PAGE - 1);
  const uintptr_t end = (reinterpret_cast<uintptr_t>(memory) + bytes) & ~(PAGE - 1);
  if (end > begin + PAGE) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)bytes;
#endif
}

// Straight to the allocation: an operator called by name costs more than a small step.
Tensor make(std::vector<int64_t> sizes, ScalarType dtype) {
  std::vector<int64_t> strides(sizes.size(), 1);
  for (size_t i = sizes.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * (sizes[i] > 1 ? sizes[i] : 1);
  }
  const int32_t type = torch::stable::detail::to<int32_t>(torch::stable::detail::from(dtype));
  AtenTensorHandle made;
  STABLE_TORCH_ERROR_CODE_CHECK(aoti_torch_empty_strided(static_cast<int64_t>(sizes.size()),
                                                         sizes.data(), strides.data(), type,
                                                         aoti_torch_device_type_cpu(), 0, &made));
  const Tensor tensor(made);
  expect_writes(tensor.mutable_data_ptr(), tensor.numel() * tensor.element_size());
  return tensor;
}

template <class T>
T* data(const Tensor& tensor) {
  return static_cast<T*>(tensor.mutable_data_ptr());
}

// Aligned memory for the length of one call. What a call gives back is kept for the thread's next:
// at batch 1 to map and clear it anew takes as long as the tenth part of a sequence.
class Block {
 public:
  explicit Block(size_t bytes) : kept_(take(bytes)) {}
  Block(Block&& other) noexcept : kept_(std::exchange(other.kept_, Memory{})) {}
  Block& operator=(Block&&) = delete;
  ~Block() { give(std::move(kept_)); }
  void* get() const { return kept_.start.get(); }

 private:
  static constexpr size_t MOST_KEPT = size_t{1} << 23;  // of one block; a call has two
  static constexpr std::align_val_t ALIGNMENT{64};
  struct Free {
    void operator()(void* memory) const { ::operator delete(memory, ALIGNMENT); }
  };
  struct Memory {
    std::unique_ptr<void, Free> start;
    size_t bytes = 0;
  };

  static Memory* spare() {
    static thread_local Memory memory[2];
    return memory;
  }

  static Memory take(size_t bytes) {
    for (Memory* place = spare(); place != spare() + 2; ++place) {
      if (place->bytes >= bytes && place->start != nullptr) return std::exchange(*place, Memory{});
    }
    Memory made{std::unique_ptr<void, Free>(::operator new(bytes, ALIGNMENT)), bytes};
    expect_writes(made.start.get(), bytes);
    return made;
  }

  static void give(Memory memory) {
    if (memory.bytes > MOST_KEPT) return;
    Memory* smaller = spare()[0].bytes <= spare()[1].bytes ? spare() : spare() + 1;
    if (memory.bytes > smaller->bytes) std::swap(memory, *smaller);
  }

  Memory kept_;
};

// Lengths of the parts of the flat tensor of saved values, in the order of Saved's members.
std::vector<int64_t> saved_layout(const Shape& s, int64_t save) {
  const int64_t rows = s.T * s.B, state = save >= SAVE_STATES ? rows * s.H : 0;
  const int64_t all = save >= SAVE_ALL ? rows : 0;
  const int64_t slstm = s.exponential ? 1 : 0, norm = s.layer_norm ? all : 0;
  return {all * 4 * s.H,          state, state * slstm,          state * slstm, all * s.H * slstm,
          norm * s.gates() * s.H, norm,  norm * s.gates() * s.H, norm};
}

template <class T, class Pointer>
Saved<T, Pointer> cut_saved(const Shape& s, int64_t save, Pointer at) {
  Saved<T, Pointer> saved;
  if (at == nullptr) return saved;
  Pointer* parts[] = {&saved.gates,       &saved.cells,       &saved.normalisers,
                      &saved.stabilisers, &saved.forget_rest, &saved.input_hat,
                      &saved.input_rstd,  &saved.hidden_hat,  &saved.hidden_rstd};
  const std::vector<int64_t> lengths = saved_layout(s, save);
  for (size_t i = 0; i < lengths.size(); ++i) {
    // Empty parts still point somewhere where a run of no steps has them.
    const bool there = i == 0   ? save >= SAVE_ALL
                       : i == 1 ? save >= SAVE_STATES
                       : i <= 3 ? save >= SAVE_STATES && s.exponential
                       : i == 4 ? save >= SAVE_ALL && s.exponential
                                : save >= SAVE_ALL && s.layer_norm;
    if (there) *parts[i] = at;
    at += lengths[i];
  }
  return saved;
}

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

const Target* target_of(int64_t index) {
  const Target* const* targets;
  const int count = gatework::available_targets(&targets);
  STD_TORCH_CHECK(index >= 0 && index < count, "there is no target ", index);
  return targets[index];
}

void check_lengths(const Optional& lengths, const Shape& s) {
  const Input given("lengths", lengths, ScalarType::Long, {s.B});
  const int64_t* values = given.as<int64_t>();
  for (int64_t b = 0; values != nullptr && b < s.B; ++b) {
    STD_TORCH_CHECK(values[b] >= 0 && values[b] <= s.T, "lengths[", b, "] is ", values[b],
                    ", which is not from 0 to ", s.T);
  }
}

Call make_call(const Tensor& x, const Tensor& h0, const Tensor& c0, const Optional& n0,
               const Optional& m0, const Tensor& weight_ih, const Tensor& weight_hh,
               const Optional& bias, const Optional& weight_hr, const Optional& peephole,
               const Optional& input_gain, const Optional& recurrent_gain,
               const Optional& cell_gain, const Optional& cell_shift, const Optional& hidden_mask,
               const Optional& candidate_mask, const Optional& zoneout_cell_mask,
               const Optional& zoneout_hidden_mask, double zoneout_cell, double zoneout_hidden,
               const Optional& lengths, bool reverse, int64_t target) {
  STD_TORCH_CHECK(x.dim() == 3 && c0.dim() == 2 && h0.dim() == 2, "x must be (T, B, I)");
  const ScalarType dtype = x.scalar_type();
  STD_TORCH_CHECK(dtype == ScalarType::Float || dtype == ScalarType::Double,
                  "the kernels run in float32 and float64");
  Shape s{};
  s.T = x.size(0), s.B = x.size(1), s.I = x.size(2), s.H = c0.size(1), s.P = h0.size(1);
  s.coupled = weight_ih.size(0) == 3 * s.H;
  s.exponential = n0.has_value();
  s.projection = weight_hr.has_value();
  s.layer_norm = input_gain.has_value();
  s.peephole = peephole.has_value();
  s.bias = bias.has_value();
  STD_TORCH_CHECK(s.projection || s.P == s.H, "h0 must have as many features as c0");
  STD_TORCH_CHECK(!(s.exponential && (s.coupled || s.peephole)),
                  "exponential gates can be neither coupled nor have peepholes");
  STD_TORCH_CHECK(n0.has_value() == m0.has_value(), "n0 and m0 go together");
  STD_TORCH_CHECK(recurrent_gain.has_value() == s.layer_norm &&
                      cell_gain.has_value() == s.layer_norm &&
                      (s.layer_norm || !cell_shift.has_value()),
                  "layer norm needs input_gain, recurrent_gain and cell_gain together");
  check_lengths(lengths, s);
  const int64_t T = s.T, B = s.B, H = s.H, P = s.P, G = s.gates() * s.H;
  const auto in = [dtype](const char* name, const Optional& tensor, std::vector<int64_t> sizes) {
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
          Input("lengths", lengths, ScalarType::Long, {B}),
          zoneout_cell,
          zoneout_hidden,
          reverse,
          target_of(target)};
}

template <class T>
Block packed(const Call& call, const Kernel<T>& kernel) {
  const Shape& s = call.shape;
  Block block(kernel.packed_size(s, Storage::same));
  // Moving a weight takes about as long as ten multiply-adds.
  const Parallel parallel = parallel_for_work(10 * s.gates() * s.H * (s.I + s.P));
  kernel.pack(s, call.weights<T>(), Storage::same, block.get(), parallel);
  return block;
}

template <class T>
void run_forward(const Call& call, int64_t save, const Tensor (&outputs)[6]) {
  const Kernel<T>& kernel = kernel_of<T>(*call.target);
  Forward<T> f{};
  call.fill<T>(f);
  f.parallel = parallel_for_work(call.work());
  const Block weights = packed<T>(call, kernel);
  f.packed = weights.get();
  f.y = data<T>(outputs[0]);
  f.h = data<T>(outputs[1]);
  f.c = data<T>(outputs[2]);
  if (call.shape.exponential) {
    f.n = data<T>(outputs[3]);
    f.m = data<T>(outputs[4]);
  }
  if (save > 0) f.saved = cut_saved<T>(call.shape, save, data<T>(outputs[5]));
  const Block workspace(kernel.forward_workspace(f));
  f.workspace = workspace.get();
  kernel.forward(f);
}

std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> lstm(
    Tensor x, Tensor h0, Tensor c0, Optional n0, Optional m0, Tensor weight_ih, Tensor weight_hh,
    Optional bias, Optional weight_hr, Optional peephole, Optional input_gain,
    Optional recurrent_gain, Optional cell_gain, Optional cell_shift, Optional hidden_mask,
    Optional candidate_mask, Optional zoneout_cell_mask, Optional zoneout_hidden_mask,
    double zoneout_cell, double zoneout_hidden, Optional lengths, bool reverse, int64_t save,
    int64_t target) {
  const Call call = make_call(x, h0, c0, n0, m0, weight_ih, weight_hh, bias, weight_hr, peephole,
                              input_gain, recurrent_gain, cell_gain, cell_shift, hidden_mask,
                              candidate_mask, zoneout_cell_mask, zoneout_hidden_mask, zoneout_cell,
                              zoneout_hidden, lengths, reverse, target);
  const Shape& s = call.shape;
  STD_TORCH_CHECK(save >= 0 && save <= SAVE_ALL, "save must be 0, 1 or 2");
  const int64_t extra = s.exponential ? s.B : 0;
  int64_t saved = 0;
  for (const int64_t length : saved_layout(s, save)) saved += length;
  const Tensor outputs[6] = {make({s.T, s.B, s.P}, call.dtype), make({s.B, s.P}, call.dtype),
                             make({s.B, s.H}, call.dtype),      make({extra, s.H}, call.dtype),
                             make({extra, s.H}, call.dtype),    make({saved}, call.dtype)};
  if (call.dtype == ScalarType::Float) {
    run_forward<float>(call, save, outputs);
  } else {
    run_forward<double>(call, save, outputs);
  }
  return {outputs[0], outputs[1], outputs[2], outputs[3], outputs[4], outputs[5]};
}

using Gradients = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor,
                             Tensor, Tensor, Tensor, Tensor, Tensor>;

struct Incoming {
  Input y, saved, dy, dh, dc, dn, dm, dsaved;
};

template <class T>
void run_backward(const Call& call, const Incoming& in, int64_t save, bool wants_dx,
                  bool wants_weights, const Tensor (&out)[14]) {
  const Kernel<T>& kernel = kernel_of<T>(*call.target);
  const Shape& s = call.shape;
  Backward<T> b{};
  call.fill<T>(b);
  b.weights = call.weights<T>();
  b.parallel = parallel_for_work(2 * call.work());
  b.y = in.y.as<T>();
  b.saved = cut_saved<T>(s, save, in.saved.as<T>());
  b.dy = in.dy.as<T>();
  b.dh = in.dh.as<T>();
  b.dc = in.dc.as<T>();
  b.dn = in.dn.as<T>();
  b.dm = in.dm.as<T>();
  b.dsaved = cut_saved<T>(s, save, in.dsaved.as<T>());
  std::optional<Block> weights;
  if (save < SAVE_ALL) {
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

Gradients lstm_backward(Optional dy, Optional dh, Optional dc, Optional dn, Optional dm,
                        Optional dsaved, Tensor y, Tensor saved, Tensor x, Tensor h0, Tensor c0,
                        Optional n0, Optional m0, Tensor weight_ih, Tensor weight_hh, Optional bias,
                        Optional weight_hr, Optional peephole, Optional input_gain,
                        Optional recurrent_gain, Optional cell_gain, Optional cell_shift,
                        Optional hidden_mask, Optional candidate_mask, Optional zoneout_cell_mask,
                        Optional zoneout_hidden_mask, double zoneout_cell, double zoneout_hidden,
                        Optional lengths, bool reverse, int64_t save, int64_t target, bool wants_dx,
                        bool wants_weights) {
  const Call call = make_call(x, h0, c0, n0, m0, weight_ih, weight_hh, bias, weight_hr, peephole,
                              input_gain, recurrent_gain, cell_gain, cell_shift, hidden_mask,
                              candidate_mask, zoneout_cell_mask, zoneout_hidden_mask, zoneout_cell,
                              zoneout_hidden, lengths, reverse, target);
  const Shape& s = call.shape;
  const ScalarType dtype = call.dtype;
  STD_TORCH_CHECK(save == SAVE_STATES || save == SAVE_ALL, "backward needs saved values");
  int64_t count = 0;
  for (const int64_t length : saved_layout(s, save)) count += length;
  const Incoming in{Input("y", y, dtype, {s.T, s.B, s.P}),
                    Input("saved", saved, dtype, {count}),
                    Input("dy", dy, dtype, {s.T, s.B, s.P}),
                    Input("dh", dh, dtype, {s.B, s.P}),
                    Input("dc", dc, dtype, {s.B, s.H}),
                    Input("dn", s.exponential ? dn : std::nullopt, dtype, {s.B, s.H}),
                    Input("dm", s.exponential ? dm : std::nullopt, dtype, {s.B, s.H}),
                    Input("dsaved", dsaved, dtype, {count})};
  const auto some = [dtype](bool wanted, std::vector<int64_t> sizes) {
    if (!wanted) sizes[0] = 0;
    return make(std::move(sizes), dtype);
  };
  const int64_t G = s.gates() * s.H;
  const bool w = wants_weights, norm = w && s.layer_norm;
  const Tensor out[14] = {some(wants_dx, {s.T, s.B, s.I}),
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
  if (dtype == ScalarType::Float) {
    run_backward<float>(call, in, save, wants_dx, w, out);
  } else {
    run_backward<double>(call, in, save, wants_dx, w, out);
  }
  return {out[0], out[1], out[2], out[3],  out[4],  out[5],  out[6],
          out[7], out[8], out[9], out[10], out[11], out[12], out[13]};
}

// An activation of a target, elementwise; for the test of its accuracy.
Tensor activation(Tensor x, int64_t name, int64_t target) {
  STD_TORCH_CHECK(name >= 0 && name <= 3, "there is no activation ", name);
  const Input input("x", x, x.scalar_type(), {x.numel()});
  const Tensor out = make({x.numel()}, x.scalar_type());
  if (x.scalar_type() == ScalarType::Float) {
    target_of(target)->f32.activation(static_cast<int>(name), input.as<float>(), data<float>(out),
                                      x.numel());
  } else {
    STD_TORCH_CHECK(x.scalar_type() == ScalarType::Double, "x must be float32 or float64");
    target_of(target)->f64.activation(static_cast<int>(name), input.as<double>(), data<double>(out),
                                      x.numel());
  }
  return out;
}

#define GATEWORK_CELL                                                                            \
  "Tensor x, Tensor h0, Tensor c0, Tensor? n0, Tensor? m0, Tensor weight_ih, Tensor weight_hh, " \
  "Tensor? bias, Tensor? weight_hr, Tensor? peephole, Tensor? input_gain, "                      \
  "Tensor? recurrent_gain, Tensor? cell_gain, Tensor? cell_shift, Tensor? hidden_mask, "         \
  "Tensor? candidate_mask, Tensor? zoneout_cell_mask, Tensor? zoneout_hidden_mask, "             \
  "float zoneout_cell, float zoneout_hidden, Tensor? lengths, bool reverse, int save, int target"

}  // namespace

STABLE_TORCH_LIBRARY(gatework, m) {
  m.def("lstm(" GATEWORK_CELL ") -> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)");
  m.def(
      "lstm_backward(Tensor? dy, Tensor? dh, Tensor? dc, Tensor? dn, Tensor? dm, Tensor? dsaved, "
      "Tensor y, Tensor saved, " GATEWORK_CELL
      ", bool wants_dx, bool wants_weights) -> "
      "(Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, "
      "Tensor, Tensor, Tensor)");
  m.def("activation(Tensor x, int name, int target) -> Tensor");
}

STABLE_TORCH_LIBRARY_IMPL(gatework, CPU, m) {
  m.impl("lstm", TORCH_BOX(&lstm));
  m.impl("lstm_backward", TORCH_BOX(&lstm_backward));
  m.impl("activation", TORCH_BOX(&activation));
}

// Names of the targets that run here, best first, for Python through ctypes.
extern "C" __attribute__((visibility("default"))) const char* gatework_targets() {
  static const std::string names = [] {
    const Target* const* targets;
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

// Threads that a plain (or other) run of these sizes takes of those that torch has.
extern "C" __attribute__((visibility("default"))) int gatework_threads(int64_t T, int64_t B,
                                                                       int64_t I, int64_t H,
                                                                       int64_t P, int64_t gates,
                                                                       int plain, int target) {
  Forward<float> f{};
  f.shape.T = T, f.shape.B = B, f.shape.I = I, f.shape.H = H, f.shape.P = P;
  f.shape.coupled = gates == 3;
  f.shape.peephole = plain == 0;
  f.parallel = parallel_for_work(T * B * gates * H * (I + P));
  return target_of(target)->f32.forward_threads(f);
}
