// One run of a kernel, forward and backward, with all its arrays under guard.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "check_memory.h"
#include "check_problem.h"
#include "kernels.h"

namespace check {

enum class Save { nothing, states, everything };

template <class T>
std::unique_ptr<Guarded<T>> guarded(const Array& values) {
  auto copy = std::make_unique<Guarded<T>>(values.size());
  for (size_t i = 0; i < values.size(); ++i) copy->get()[i] = static_cast<T>(values[i]);
  return copy;
}

template <class T>
class Run {
 public:
  using Names = std::set<std::string>;

  Run(const gatework::Kernel<T>& k, const Problem& p, Threads threads = {1, 1})
      : kernel_(k), problem_(p), threads_(threads) {
    for (const auto& [name, values] : p.inputs) given_[name] = guarded<T>(values);
  }

  const Problem& problem() const { return problem_; }
  const gatework::Kernel<T>& kernel() const { return kernel_; }
  // Outputs, what was saved, and gradients (named d...), by the names of kernels.h.
  const std::map<std::string, std::unique_ptr<Guarded<T>>>& out() const { return out_; }
  const T* find(const std::string& name) const {
    const auto at = out_.find(name);
    return at == out_.end() ? nullptr : at->second->get();
  }

  // With inputs that are looked up: words (V, I), and tokens for x.
  void forward(Save save, const Array& words, const std::vector<int64_t>& tokens) {
    const gatework::Shape& s = problem_.shape;
    packed_ = std::make_unique<Guarded<unsigned char>>(
        kernel_.packed_size(s, gatework::Storage::same), true);
    kernel_.pack(s, weights(), gatework::Storage::same, packed_->get(), parallel());
    const auto values = guarded<T>(words);
    const int64_t count = static_cast<int64_t>(words.size()) / s.I;
    Guarded<T> table(count * kernel_.table_width(s));
    kernel_.project(s, packed_->get(), count, values->get(), table.get());
    table_ = table.get();
    tokens_ = tokens.data();
    forward(save);
    table_ = nullptr;
  }

  void forward(Save save, gatework::Storage storage = gatework::Storage::same) {
    using gatework::Storage;
    const gatework::Shape& s = problem_.shape;
    packed_ = std::make_unique<Guarded<unsigned char>>(kernel_.packed_size(s, storage), true);
    in_mode(mode(), [&] { kernel_.pack(s, weights(), storage, packed_->get(), parallel()); });
    gatework::Forward<T> f{};
    fill(f);
    f.storage = storage_ = storage;
    f.table = table_;
    f.tokens = tokens_;
    f.y = make("y", s.T * s.B * s.P);
    f.h = make("h", s.B * s.P);
    f.c = make("c", s.B * s.H);
    if (s.exponential) {
      f.n = make("n", s.B * s.H);
      f.m = make("m", s.B * s.H);
    }
    make_saved(f.saved, save);
    Guarded<unsigned char> workspace(kernel_.forward_workspace(f), true);
    f.workspace = workspace.get();
    in_mode(mode(), [&] { kernel_.forward(f); });
  }

  // Incoming gradients by the names of what they belong to; absent ones are null, and so are the
  // gradients that go out of the inputs named in unwanted.
  void backward(const Arrays& incoming, const Names& unwanted = {}) {
    std::map<std::string, std::unique_ptr<Guarded<T>>> held;
    const auto in = [&](const char* name) -> const T* {
      const auto found = incoming.find(name);
      if (found == incoming.end()) return nullptr;
      held[name] = guarded<T>(found->second);
      return held[name]->get();
    };
    const auto gradient = [&](const char* name) -> T* {
      const Array* input = problem_.find(name);
      if (input == nullptr || unwanted.count(name) != 0) return nullptr;
      return make(std::string("d") + name, input->size());
    };
    gatework::Backward<T> b{};
    fill(b);
    b.storage = storage_;
    b.weights = weights();
    b.y = find("y");
    b.saved = {find("gates"),       find("cells"),       find("normalisers"),
               find("stabilisers"), find("forget_rest"), find("input_hat"),
               find("input_rstd"),  find("hidden_hat"),  find("hidden_rstd")};
    b.dy = in("y");
    b.dh = in("h");
    b.dc = in("c");
    b.dn = in("n");
    b.dm = in("m");
    b.dsaved.gates = in("gates");
    b.dsaved.cells = in("cells");
    b.dsaved.normalisers = in("normalisers");
    b.dsaved.stabilisers = in("stabilisers");
    b.dx = gradient("x");
    b.dh0 = gradient("h0");
    b.dc0 = gradient("c0");
    b.dn0 = gradient("n0");
    b.dm0 = gradient("m0");
    b.dweight_ih = gradient("weight_ih");
    b.dweight_hh = gradient("weight_hh");
    b.dbias = gradient("bias");
    b.dweight_hr = gradient("weight_hr");
    b.dpeephole = gradient("peephole");
    b.dinput_gain = gradient("input_gain");
    b.drecurrent_gain = gradient("recurrent_gain");
    b.dcell_gain = gradient("cell_gain");
    b.dcell_shift = gradient("cell_shift");
    Guarded<unsigned char> workspace(kernel_.backward_workspace(b), true);
    b.workspace = workspace.get();
    in_mode(mode(), [&] { kernel_.backward(b); });
  }

 private:
  const T* in(const char* name) const {
    const auto at = given_.find(name);
    return at == given_.end() ? nullptr : at->second->get();
  }
  T* make(const std::string& name, size_t count) {
    out_[name] = std::make_unique<Guarded<T>>(count);
    return out_[name]->get();
  }
  gatework::Weights<T> weights() const {
    return {in("weight_ih"),      in("weight_hh"), in("bias"),
            in("weight_hr"),      in("peephole"),  in("input_gain"),
            in("recurrent_gain"), in("cell_gain"), in("cell_shift")};
  }
  gatework::Parallel parallel() { return {threads_.wanted, &threads_, on_threads}; }

  void fill(auto& f) {
    f.shape = problem_.shape;
    f.x = in("x");
    f.h0 = in("h0");
    f.c0 = in("c0");
    f.n0 = in("n0");
    f.m0 = in("m0");
    f.masks = {in("hidden_mask"),
               in("candidate_mask"),
               in("zoneout_cell_mask"),
               in("zoneout_hidden_mask"),
               static_cast<T>(problem_.zoneout_cell),
               static_cast<T>(problem_.zoneout_hidden)};
    f.lengths = problem_.lengths.empty() ? nullptr : problem_.lengths.data();
    f.reverse = problem_.reverse;
    f.parallel = parallel();
    f.packed = packed_->get();
  }

  void make_saved(gatework::Saved<T>& saved, Save save) {
    const gatework::Shape& s = problem_.shape;
    const int64_t rows = s.T * s.B, wide = s.gates() * s.H;
    if (save == Save::nothing) return;
    saved.cells = make("cells", rows * s.H);
    if (s.exponential) {
      saved.normalisers = make("normalisers", rows * s.H);
      saved.stabilisers = make("stabilisers", rows * s.H);
    }
    if (save == Save::states) return;
    saved.gates = make("gates", rows * 4 * s.H);
    if (s.exponential) saved.forget_rest = make("forget_rest", rows * s.H);
    if (!s.layer_norm) return;
    saved.input_hat = make("input_hat", rows * wide);
    saved.input_rstd = make("input_rstd", rows);
    saved.hidden_hat = make("hidden_hat", rows * wide);
    saved.hidden_rstd = make("hidden_rstd", rows);
  }

  const gatework::Kernel<T>& kernel_;
  const Problem& problem_;
  Threads threads_;
  std::map<std::string, std::unique_ptr<Guarded<T>>> given_, out_;
  std::unique_ptr<Guarded<unsigned char>> packed_;
  gatework::Storage storage_ = gatework::Storage::same;
  const T* table_ = nullptr;
  const int64_t* tokens_ = nullptr;
};

}  // namespace check
