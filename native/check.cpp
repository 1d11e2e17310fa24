// Checks every kernel that runs here against plain code, without Python: for sanitizers and
// emulators. Prints a line for each target and precision; exits with 1 at the first failure.
//
//   gatework_check [--quick] [--seed N] [--target NAME]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "check_reference.h"
#include "kernels.h"

namespace {

using namespace gatework;
using check::Answer;
using check::Array;
using check::Problem;

std::string failing;  // what is being checked, for the message of a failure

[[noreturn]] void fail(const std::string& what) {
  std::printf("FAILED %s: %s\n", failing.c_str(), what.c_str());
  std::exit(1);
}

#if defined(__SANITIZE_ADDRESS__)
constexpr size_t FENCE = 0;  // the sanitizer watches the very ends
#else
constexpr size_t FENCE = 64;
#endif

// Memory of exactly the size asked for, full of a pattern, with fences that must stay intact.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t count, bool aligned = false)
      : bytes_(count * sizeof(T)), aligned_(aligned) {
    const size_t whole = bytes_ + 2 * FENCE;
    block_ = static_cast<unsigned char*>(aligned ? std::aligned_alloc(64, (whole + 63) / 64 * 64)
                                                 : std::malloc(whole + 1));
    std::memset(block_, 0xff, whole);  // not a number, in both precisions
    std::memset(block_, 0xa5, FENCE);
    std::memset(block_ + FENCE + bytes_, 0xa5, FENCE);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() {
    for (size_t i = 0; i < FENCE; ++i) {
      if (block_[i] != 0xa5 || block_[FENCE + bytes_ + i] != 0xa5) fail("wrote past an array");
    }
    std::free(block_);
  }
  T* get() { return reinterpret_cast<T*>(block_ + FENCE); }
  size_t count() const { return bytes_ / sizeof(T); }

 private:
  size_t bytes_;
  bool aligned_;
  unsigned char* block_;
};

template <class T>
using Guard = std::unique_ptr<Guarded<T>>;

void on_threads(void* context, int64_t count, void (*body)(void*, int64_t, int64_t),
                void* argument) {
  const int64_t threads = std::min<int64_t>(*static_cast<int*>(context), count);
  std::vector<std::thread> team;
  for (int64_t i = 1; i < threads; ++i) {
    team.emplace_back(body, argument, count * i / threads, count * (i + 1) / threads);
  }
  body(argument, 0, count / threads);
  for (std::thread& thread : team) thread.join();
}

const char* const WEIGHTS[] = {"weight_ih",  "weight_hh",      "bias",      "weight_hr", "peephole",
                               "input_gain", "recurrent_gain", "cell_gain", "cell_shift"};
const char* const STATES[] = {"h0", "c0", "n0", "m0"};

// All arrays of one run of a kernel in precision T.
template <class T>
struct Run {
  const Kernel<T>& kernel;
  const Problem& problem;
  std::map<std::string, std::vector<T>> given;
  std::map<std::string, Guard<T>> out;
  Guard<unsigned char> packed;
  int threads;

  Run(const Kernel<T>& k, const Problem& p, int threads_)
      : kernel(k), problem(p), threads(threads_) {
    for (const auto& [name, values] : p.inputs) given[name].assign(values.begin(), values.end());
  }

  const T* in(const char* name) const {
    const auto at = given.find(name);
    return at == given.end() ? nullptr : at->second.data();
  }
  T* make(const std::string& name, size_t count) {
    out[name] = std::make_unique<Guarded<T>>(count);
    return out[name]->get();
  }
  Weights<T> weights() const {
    return {in("weight_ih"),      in("weight_hh"), in("bias"),
            in("weight_hr"),      in("peephole"),  in("input_gain"),
            in("recurrent_gain"), in("cell_gain"), in("cell_shift")};
  }
  void fill(auto& f) {
    f.shape = problem.shape;
    f.x = in("x");
    f.h0 = in("h0");
    f.c0 = in("c0");
    f.n0 = in("n0");
    f.m0 = in("m0");
    f.masks = {in("hidden_mask"),
               in("candidate_mask"),
               in("zoneout_cell_mask"),
               in("zoneout_hidden_mask"),
               static_cast<T>(problem.zoneout_cell),
               static_cast<T>(problem.zoneout_hidden)};
    f.lengths = problem.lengths.empty() ? nullptr : problem.lengths.data();
    f.reverse = problem.reverse;
    f.parallel = {threads, &threads, on_threads};
    f.packed = packed->get();
  }

  void pack(Storage storage) {
    packed =
        std::make_unique<Guarded<unsigned char>>(kernel.packed_size(problem.shape, storage), true);
    kernel.pack(problem.shape, weights(), storage, packed->get(), {threads, &threads, on_threads});
  }

  // save: 0 nothing, 1 the states, 2 everything.
  void forward(int save, Storage storage = Storage::same) {
    const Shape& s = problem.shape;
    pack(storage);
    Forward<T> f{};
    fill(f);
    f.storage = storage;
    f.y = make("y", s.T * s.B * s.P);
    f.h = make("h", s.B * s.P);
    f.c = make("c", s.B * s.H);
    if (s.exponential) {
      f.n = make("n", s.B * s.H);
      f.m = make("m", s.B * s.H);
    }
    const int64_t rows = s.T * s.B;
    if (save > 0) {
      f.saved.cells = make("cells", rows * s.H);
      if (s.exponential) {
        f.saved.normalisers = make("normalisers", rows * s.H);
        f.saved.stabilisers = make("stabilisers", rows * s.H);
      }
    }
    if (save > 1) {
      f.saved.gates = make("gates", rows * 4 * s.H);
      if (s.exponential) f.saved.forget_rest = make("forget_rest", rows * s.H);
      if (s.layer_norm) {
        f.saved.input_hat = make("input_hat", rows * s.gates() * s.H);
        f.saved.input_rstd = make("input_rstd", rows);
        f.saved.hidden_hat = make("hidden_hat", rows * s.gates() * s.H);
        f.saved.hidden_rstd = make("hidden_rstd", rows);
      }
    }
    Guarded<unsigned char> workspace(kernel.forward_workspace(f), true);
    f.workspace = workspace.get();
    kernel.forward(f);
  }

  const T* saved(const char* name) {
    const auto at = out.find(name);
    return at == out.end() ? nullptr : at->second->get();
  }

  void backward(const std::map<std::string, Array>& incoming) {
    const Shape& s = problem.shape;
    Backward<T> b{};
    fill(b);
    b.weights = weights();
    b.y = saved("y");
    b.saved = {saved("gates"),       saved("cells"),       saved("normalisers"),
               saved("stabilisers"), saved("forget_rest"), saved("input_hat"),
               saved("input_rstd"),  saved("hidden_hat"),  saved("hidden_rstd")};
    std::map<std::string, std::vector<T>> in_;
    for (const auto& [name, values] : incoming) in_[name].assign(values.begin(), values.end());
    b.dy = in_["y"].data();
    b.dh = in_["h"].data();
    b.dc = in_["c"].data();
    if (s.exponential) {
      b.dn = in_["n"].data();
      b.dm = in_["m"].data();
    }
    const auto gradient = [&](const char* name) -> T* {
      const Array* input = problem.find(name);
      return input == nullptr ? nullptr : make(std::string("d") + name, input->size());
    };
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
    Guarded<unsigned char> workspace(kernel.backward_workspace(b), true);
    b.workspace = workspace.get();
    kernel.backward(b);
  }
};

using Random = std::mt19937_64;

Array draw(Random& random, size_t count, double spread, double middle = 0) {
  std::normal_distribution<double> normal(middle, spread);
  Array values(count);
  // Through float, so that both precisions start from the same numbers.
  for (double& v : values) v = static_cast<float>(normal(random));
  return values;
}

Problem make_problem(Random& random, bool quick) {
  const auto pick = [&](std::initializer_list<int64_t> from) {
    return *(from.begin() + random() % from.size());
  };
  const auto maybe = [&](int of) { return random() % of == 0; };
  Problem p{};
  Shape& s = p.shape;
  s.H = quick ? pick({1, 3, 7, 9, 16, 17}) : pick({1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65});
  s.B = pick({0, 1, 2, 5, 6, 7, 13});
  s.T = pick({0, 1, 2, 5});
  if (maybe(8)) s.T = 90;  // several chunks
  s.I = pick({1, 3, 16, 19});
  s.exponential = maybe(4);
  s.coupled = !s.exponential && maybe(4);
  s.peephole = !s.exponential && maybe(3);
  s.layer_norm = s.H > 1 && maybe(3);
  s.projection = s.H > 1 && maybe(4);
  s.P = s.projection ? 1 + static_cast<int64_t>(random() % (s.H - 1)) : s.H;
  s.bias = !maybe(5);
  p.reverse = maybe(2);
  const int64_t G = s.gates() * s.H;
  const double spread = 1 / std::sqrt(static_cast<double>(s.H));
  const auto add = [&](const char* name, size_t count, double wide, double middle = 0) {
    p.inputs[name] = draw(random, count, wide, middle);
  };
  add("x", s.T * s.B * s.I, 1);
  add("h0", s.B * s.P, 0.5);
  add("c0", s.B * s.H, 0.5);
  add("weight_ih", G * s.I, spread);
  add("weight_hh", G * s.P, spread);
  if (s.bias) add("bias", G, 0.3);
  if (s.projection) add("weight_hr", s.P * s.H, spread);
  if (s.peephole) add("peephole", (s.gates() - 1) * s.H, 0.3);
  if (s.layer_norm) {
    add("input_gain", G, 0.2, 1);
    add("recurrent_gain", G, 0.2, 1);
    add("cell_gain", s.H, 0.2, 1);
    if (s.bias) add("cell_shift", s.H, 0.2);
  }
  if (s.exponential) {
    add("n0", s.B * s.H, 0.1, 1);
    add("m0", s.B * s.H, 0.3);
    for (int64_t i = 0; i < s.B * s.H; i += 3) p.inputs["n0"][i] = 0;
  }
  const auto mask = [&](const char* name, size_t count, double kept) {
    Array& values = p.inputs[name] = Array(count);
    for (double& v : values) v = maybe(3) ? 0 : kept;
  };
  if (maybe(3)) mask("hidden_mask", s.B * s.P, 1.5);
  if (maybe(3)) mask("candidate_mask", s.B * s.H, 1.5);
  if (!s.exponential && maybe(4)) mask("zoneout_cell_mask", s.T * s.B * s.H, 1);
  if (maybe(4)) mask("zoneout_hidden_mask", s.T * s.B * s.P, 1);
  if (!s.exponential && maybe(5)) p.zoneout_cell = 0.25;
  if (maybe(5)) p.zoneout_hidden = 0.25;
  if (maybe(2)) {
    for (int64_t b = 0; b < s.B; ++b) p.lengths.push_back(random() % (s.T + 1));
  }
  return p;
}

std::string describe(const Problem& p) {
  const Shape& s = p.shape;
  std::string text = "T=" + std::to_string(s.T) + " B=" + std::to_string(s.B) +
                     " I=" + std::to_string(s.I) + " H=" + std::to_string(s.H) +
                     " P=" + std::to_string(s.P) + (s.coupled ? " coupled" : "") +
                     (s.exponential ? " exponential" : "") + (s.layer_norm ? " norm" : "") +
                     (s.peephole ? " peephole" : "") + (s.bias ? "" : " no bias") +
                     (p.reverse ? " reverse" : "") + (p.lengths.empty() ? "" : " lengths");
  for (const auto& [name, values] : p.inputs) {
    if (name.find("mask") != std::string::npos) text += " " + name;
  }
  return text;
}

// The largest difference over the largest value, or 1 where that is smaller.
template <class T>
double distance(const T* found, const Array& wanted, const std::string& name) {
  double worst = 0, scale = 1;
  for (const double v : wanted) scale = std::fmax(scale, std::fabs(v));
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double off = std::fabs(static_cast<double>(found[i]) - wanted[i]) / scale;
    if (!(off <= 1e30)) fail(name + " was not written or is not a number");
    worst = std::fmax(worst, off);
  }
  return worst;
}

template <class T>
void same_bits(Run<T>& one, Run<T>& two, const std::string& what) {
  for (const auto& [name, values] : one.out) {
    if (two.out.count(name) == 0) continue;
    if (std::memcmp(values->get(), two.out[name]->get(), values->count() * sizeof(T)) != 0) {
      fail(name + " differs " + what);
    }
  }
}

double total(const Answer& a, const std::map<std::string, Array>& weights) {
  double sum = 0;
  const auto add = [&](const Array& values, const char* name) {
    for (size_t i = 0; i < values.size(); ++i) sum += values[i] * weights.at(name)[i];
  };
  add(a.y, "y");
  add(a.h, "h");
  add(a.c, "c");
  if (!a.n.empty()) add(a.n, "n");
  if (!a.m.empty()) add(a.m, "m");
  return sum;
}

// Gradients of double kernels against central differences of the plain code, at a few places.
void check_gradients(Run<double>& run, const std::map<std::string, Array>& incoming, Random& random,
                     double* worst) {
  std::vector<std::string> all(std::begin(WEIGHTS), std::end(WEIGHTS));
  all.insert(all.end(), std::begin(STATES), std::end(STATES));
  all.push_back("x");
  for (const std::string& name : all) {
    const Array* input = run.problem.find(name);
    if (input == nullptr || input->empty()) continue;
    for (int trial = 0; trial < 3; ++trial) {
      const size_t at = random() % input->size();
      // A normaliser of 0 means that nothing is stored: not a place to move from.
      if (name == "n0" && (*input)[at] == 0) continue;
      double ends[2];
      for (int side = 0; side < 2; ++side) {
        Problem moved = run.problem;
        moved.inputs[name][at] += side == 0 ? -1e-5 : 1e-5;
        ends[side] = total(check::run(moved), incoming);
      }
      const double slope = (ends[1] - ends[0]) / 2e-5;
      const double found = run.out["d" + name]->get()[at];
      const double off = std::fabs(found - slope) / (1 + std::fabs(slope));
      *worst = std::fmax(*worst, off);
      if (!(off < 2e-5)) {
        fail("gradient of " + name + " is " + std::to_string(found) + ", by differences " +
             std::to_string(slope));
      }
    }
  }
}

template <class T>
double check_forward(Run<T>& run, const Answer& truth) {
  double worst = 0;
  const auto add = [&](const char* name, const Array& wanted) {
    worst = std::fmax(worst, distance(run.saved(name), wanted, name));
  };
  add("y", truth.y);
  add("h", truth.h);
  add("c", truth.c);
  if (run.problem.shape.exponential) {
    add("n", truth.n);
    add("m", truth.m);
  }
  return worst;
}

template <class T>
void check_problem(const Kernel<T>& kernel, const Problem& p, Random& random, double* forward_worst,
                   double* backward_worst) {
  const Answer truth = check::run(p);
  const double limit = sizeof(T) == 8 ? 1e-11 : 2e-4;
  const Shape& s = p.shape;
  Run<T> whole(kernel, p, 1), states(kernel, p, 1), nothing(kernel, p, 2), threaded(kernel, p, 5);
  whole.forward(2);
  states.forward(1);
  nothing.forward(0);
  threaded.forward(2);
  const double off = check_forward(whole, truth);
  *forward_worst = std::fmax(*forward_worst, off);
  if (off > limit) fail("forward is off by " + std::to_string(off));
  same_bits(whole, states, "when only states are saved");
  same_bits(whole, nothing, "when nothing is saved, on two threads");
  same_bits(whole, threaded, "on five threads");
  std::map<std::string, Array> incoming;
  incoming["y"] = draw(random, s.T * s.B * s.P, 1);
  incoming["h"] = draw(random, s.B * s.P, 1);
  incoming["c"] = draw(random, s.B * s.H, 1);
  incoming["n"] = draw(random, s.exponential ? s.B * s.H : 0, 1);
  incoming["m"] = draw(random, s.exponential ? s.B * s.H : 0, 1);
  whole.backward(incoming);
  states.backward(incoming);
  threaded.backward(incoming);
  same_bits(whole, states, "after computing the gates again");
  same_bits(whole, threaded, "on five threads, backward");
  if constexpr (sizeof(T) == 8) {
    if (s.T <= 5) check_gradients(whole, incoming, random, backward_worst);
  }
}

// Float against double gradients of the same target: the double ones are held against differences.
void check_precisions(const Target& target, const Problem& p, Random& random, double* worst) {
  Run<float> single(target.f32, p, 1);
  Run<double> twice(target.f64, p, 1);
  single.forward(2);
  twice.forward(2);
  std::map<std::string, Array> incoming;
  const Shape& s = p.shape;
  incoming["y"] = draw(random, s.T * s.B * s.P, 1);
  incoming["h"] = draw(random, s.B * s.P, 1);
  incoming["c"] = draw(random, s.B * s.H, 1);
  incoming["n"] = Array(s.B * s.H);
  incoming["m"] = Array(s.B * s.H);
  single.backward(incoming);
  twice.backward(incoming);
  for (const auto& [name, values] : twice.out) {
    if (name[0] != 'd') continue;
    const Array wanted(values->get(), values->get() + values->count());
    const double off = distance(single.out[name]->get(), wanted, name);
    *worst = std::fmax(*worst, off);
    if (off > 2e-2) fail(name + " in float is off by " + std::to_string(off));
  }
}

// Weights of 16 and 8 bits: close to the run with whole ones.
void check_storage(const Target& target, const Problem& p, double* worst) {
  for (const auto& [storage, limit] :
       {std::pair{Storage::f16, 0.05}, std::pair{Storage::i8, 0.5}}) {
    Run<float> whole(target.f32, p, 1), small(target.f32, p, 2);
    whole.forward(0);
    small.forward(0, storage);
    const Array wanted(whole.saved("y"), whole.saved("y") + whole.out["y"]->count());
    const double off = distance(small.saved("y"), wanted, "y");
    *worst = std::fmax(*worst, off);
    if (off > limit) fail("weights of fewer bits are off by " + std::to_string(off));
  }
}

template <class T>
double check_linear(const Kernel<T>& kernel, Random& random) {
  double worst = 0;
  for (const int64_t outputs : {1, 5, 16, 17, 33, 64, 70}) {
    const int64_t rows = 4, inputs = 9;
    const Array weight = draw(random, outputs * inputs, 1), bias = draw(random, outputs, 1);
    const Array x = draw(random, rows * inputs, 1);
    const std::vector<T> w(weight.begin(), weight.end()), v(bias.begin(), bias.end()),
        given(x.begin(), x.end());
    Guarded<unsigned char> packed(kernel.packed_linear_size(inputs, outputs, Storage::same), true);
    kernel.pack_linear(inputs, outputs, w.data(), v.data(), Storage::same, packed.get());
    Guarded<T> out(rows * outputs);
    kernel.linear(rows, inputs, outputs, packed.get(), Storage::same, given.data(), out.get());
    Array wanted;
    for (int64_t r = 0; r < rows; ++r) {
      const Array row = check::product(weight, &x[r * inputs], outputs, inputs);
      for (int64_t j = 0; j < outputs; ++j) wanted.push_back(row[j] + bias[j]);
    }
    const double off = distance(out.get(), wanted, "linear");
    if (off > (sizeof(T) == 8 ? 1e-12 : 1e-5)) fail("linear is off by " + std::to_string(off));
    worst = std::fmax(worst, off);
  }
  return worst;
}

template <class T>
double check_activations(const Kernel<T>& kernel) {
  const auto log_sigmoid = [](double v) {
    return std::fmin(v, 0.0) - std::log1p(std::exp(-std::fabs(v)));
  };
  double worst = 0;
  std::vector<T> x;
  for (double v = -60; v <= 60; v += 0.37) x.push_back(static_cast<T>(v));
  for (int name = 0; name < 4; ++name) {
    Guarded<T> out(x.size());
    kernel.activation(name, x.data(), out.get(), static_cast<int64_t>(x.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      const double v = x[i], found = out.get()[i];
      const double wanted = name == 0   ? check::sigmoid(v)
                            : name == 1 ? std::tanh(v)
                            : name == 2 ? std::exp(v)
                                        : log_sigmoid(v);
      const double ulp =
          std::fabs(found - wanted) / std::fabs(wanted) / (sizeof(T) == 8 ? 2.3e-16 : 1.2e-7);
      if (!(ulp < 4)) fail("activation " + std::to_string(name) + " at " + std::to_string(v));
      worst = std::fmax(worst, ulp);
    }
  }
  return worst;
}

// Calls at the same time from several threads, each with threads of its own.
void check_concurrency(const Target& target, Random& random) {
  failing = std::string(target.name) + ", calls at the same time";
  Problem p = make_problem(random, true);
  while (p.shape.T < 2 || p.shape.B < 2) p = make_problem(random, true);
  Run<float> alone(target.f32, p, 1);
  alone.forward(2);
  std::vector<std::unique_ptr<Run<float>>> runs;
  for (int i = 0; i < 4; ++i) runs.push_back(std::make_unique<Run<float>>(target.f32, p, 2));
  std::vector<std::thread> callers;
  for (auto& run : runs) callers.emplace_back([&run] { run->forward(2); });
  for (std::thread& caller : callers) caller.join();
  for (auto& run : runs) same_bits(alone, *run, "when called at the same time");
}

// Wide enough for threads to share the panels of one row and to meet after each step.
void check_meeting(const Target& target, Random& random) {
  failing = std::string(target.name) + ", threads that share the cells";
  Problem p{};
  p.shape = {6, 1, 8, 160, 160, false, false, false, false, false, true};
  const Shape& s = p.shape;
  p.inputs["x"] = draw(random, s.T * s.B * s.I, 1);
  p.inputs["h0"] = p.inputs["c0"] = draw(random, s.H, 0.5);
  p.inputs["weight_ih"] = draw(random, 4 * s.H * s.I, 0.1);
  p.inputs["weight_hh"] = draw(random, 4 * s.H * s.H, 0.1);
  p.inputs["bias"] = draw(random, 4 * s.H, 0.1);
  Run<float> alone(target.f32, p, 1);
  alone.forward(2);
  for (const int threads : {2, 3}) {
    Run<float> shared(target.f32, p, threads);
    shared.forward(2);
    same_bits(alone, shared, "on " + std::to_string(threads) + " threads that share the cells");
  }
}

double smallest_normal_halved() {
  volatile double tiny = 2.2250738585072014e-308;
  return tiny / 2;
}

void check_target(const Target& target, uint64_t seed, bool quick) {
  double forward32 = 0, forward64 = 0, backward64 = 0, backward32 = 0, small = 0;
  Random random(seed);
  const int problems = quick ? 60 : 250;
  const double before = smallest_normal_halved();
  for (int i = 0; i < problems; ++i) {
    const Problem p = make_problem(random, quick);
    failing = std::string(target.name) + " problem " + std::to_string(i) + " of seed " +
              std::to_string(seed) + ", " + describe(p);
    check_problem(target.f32, p, random, &forward32, &backward32);
    check_problem(target.f64, p, random, &forward64, &backward64);
    check_precisions(target, p, random, &backward32);
    // Over many steps even a rounding of the weights grows into another run.
    if (p.shape.T <= 5) check_storage(target, p, &small);
  }
  failing = target.name;
  if (smallest_normal_halved() != before) fail("the mode for denormals was not restored");
  const double linear32 = check_linear(target.f32, random),
               linear64 = check_linear(target.f64, random);
  const double ulp32 = check_activations(target.f32), ulp64 = check_activations(target.f64);
  check_concurrency(target, random);
  check_meeting(target, random);
  std::printf(
      "%-7s float  forward %.1e backward %.1e linear %.1e activations %.2f ulp, fewer bits %.1e\n",
      target.name, forward32, backward32, linear32, ulp32, small);
  std::printf("%-7s double forward %.1e backward %.1e linear %.1e activations %.2f ulp\n",
              target.name, forward64, backward64, linear64, ulp64);
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** words) {
  bool quick = false;
  uint64_t seed = 1;
  std::string only;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--quick") {
      quick = true;
    } else if (word == "--seed" && i + 1 < count) {
      seed = std::strtoull(words[++i], nullptr, 10);
    } else if (word == "--target" && i + 1 < count) {
      only = words[++i];
    } else {
      std::printf("usage: gatework_check [--quick] [--seed N] [--target NAME]\n");
      return 2;
    }
  }
  const Target* const* targets;
  const int available = available_targets(&targets);
  bool checked = false;
  for (int i = 0; i < available; ++i) {
    if (!only.empty() && only != targets[i]->name) continue;
    check_target(*targets[i], seed, quick);
    checked = true;
  }
  if (!checked) std::printf("no target %s here\n", only.c_str());
  return checked ? 0 : 2;
}
