// Checks every kernel that runs here against plain code, without Python: for sanitizers and
// emulators. Prints a line for each target and precision; exits with 1 at the first failure.
//
//   gatework_check [--quick] [--seed N] [--target NAME]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "check_parts.h"
#include "check_run.h"

namespace {

using namespace gatework;
using namespace check;

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
void all_written(const Run<T>& run) {
  for (const auto& [name, values] : run.out()) {
    for (size_t i = 0; i < values->count(); ++i) {
      if (!std::isfinite(values->get()[i])) fail(name + " was not written or is not a number");
    }
  }
}

template <class T>
void same_bits(const Run<T>& one, const Run<T>& two, const std::string& what) {
  for (const auto& [name, values] : one.out()) {
    const T* other = two.find(name);
    if (other == nullptr) continue;
    if (std::memcmp(values->get(), other, values->count() * sizeof(T)) != 0) {
      fail(name + " differs " + what);
    }
  }
}

// As same_bits, but 0 may have either sign: what adding a gradient of zero may change.
template <class T>
void same_values(const Run<T>& one, const Run<T>& two, const std::string& what) {
  for (const auto& [name, values] : one.out()) {
    const T* other = two.find(name);
    for (size_t i = 0; other != nullptr && i < values->count(); ++i) {
      if (values->get()[i] != other[i]) fail(name + " differs " + what);
    }
  }
}

// Random gradients of everything that a run gives; those of a trace are zero on padding.
Arrays incoming_gradients(const Problem& p, const Answer<double>& truth, Random& random) {
  const Shape& s = p.shape;
  Arrays incoming;
  for (const auto& [name, values] : truth) {
    Array& to = incoming[name] = draw(random, values.size(), 1);
    if (p.lengths.empty() || outer_of(name, s) != s.T || name.size() == 1) continue;
    const int64_t inner = s.H * (name == "gates" ? 4 : 1);
    for (int64_t i = 0; i < static_cast<int64_t>(to.size()); ++i) {
      if (i / inner / s.B >= p.lengths[i / inner % s.B]) to[i] = 0;
    }
  }
  return incoming;
}

// Gradients against derivatives of the plain code in random directions, which see every element.
double check_directions(const Run<double>& run, const Arrays& incoming, Random& random) {
  const Problem& p = run.problem();
  std::vector<Arrays> directions;
  Arrays all;
  for (const auto& [name, values] : p.inputs) {
    if (name.find("mask") != std::string::npos || values.empty()) continue;
    all[name] = draw(random, values.size(), 1);
    directions.push_back({{name, all[name]}});
  }
  if (p.shape.T == LONG) directions = {all};
  double worst = 0;
  for (const Arrays& direction : directions) {
    double slope = 0, found = 0, scale = 1;
    for (const auto& [name, values] : Plain<Dual>(p, direction).run()) {
      for (size_t i = 0; i < values.size(); ++i) slope += values[i].slope * incoming.at(name)[i];
    }
    std::string names;
    for (const auto& [name, values] : direction) {
      names += " " + name;
      const double* gradient = run.find("d" + name);
      for (size_t i = 0; i < values.size(); ++i) {
        found += gradient[i] * values[i];
        scale += std::fabs(gradient[i] * values[i]);
      }
    }
    const double off = std::fabs(found - slope) / scale;
    worst = std::fmax(worst, off);
    if (!(off < 1e-12)) {
      fail("along" + names + " the gradient is " + std::to_string(found) + " instead of " +
           std::to_string(slope));
    }
  }
  return worst;
}

// Some rows of the batch alone give the bits that they give beside the others.
template <class T>
void check_neighbours(const Kernel<T>& kernel, const Run<T>& whole, const Arrays& incoming,
                      Random& random) {
  const Shape& s = whole.problem().shape;
  if (s.B < 2) return;
  const int64_t first = static_cast<int64_t>(random() % s.B);
  const int64_t last = first + 1 + static_cast<int64_t>(random() % (s.B - first));
  const Problem part = rows_of(whole.problem(), first, last);
  Run<T> alone(kernel, part);
  alone.forward(Save::everything);
  alone.backward(rows_of(incoming, s, first, last));
  for (const auto& [name, values] : alone.out()) {
    const int64_t outer = outer_of(name, s);
    if (outer == 0) continue;
    const auto& all = *whole.out().at(name);
    const std::vector<T> wanted = rows_of(all.get(), all.count(), outer, s.B, first, last);
    if (std::memcmp(values->get(), wanted.data(), wanted.size() * sizeof(T)) != 0) {
      fail(name + " of rows " + std::to_string(first) + " to " + std::to_string(last) +
           " differs without their neighbours");
    }
  }
}

// Gradients that are not wanted, and incoming ones that are not there, change no others.
template <class T>
void check_absent(Run<T>& whole, const Arrays& incoming, Random& random) {
  std::set<std::string> unwanted;
  for (const auto& [name, values] : whole.problem().inputs) {
    if (random() % 2 == 0) unwanted.insert(name);
  }
  Run<T> fewer(whole.kernel(), whole.problem());
  fewer.forward(Save::everything);
  fewer.backward(incoming, unwanted);
  same_bits(fewer, whole, "when other gradients are not wanted");
  Arrays zeros = incoming, absent = incoming;
  for (const auto& [name, values] : incoming) {
    if (random() % 2 == 0) continue;
    zeros[name] = Array(values.size());
    absent.erase(name);
  }
  Run<T> of_zeros(whole.kernel(), whole.problem());
  of_zeros.forward(Save::everything);
  of_zeros.backward(zeros);
  fewer.backward(absent);
  same_values(of_zeros, fewer, "when an incoming gradient of zero is absent");
}

struct Worst {
  double forward = 0, backward = 0, less = 0;
};

// Everything of one precision. Leaves the gradients in whole.
template <class T>
void check_problem(Run<T>& whole, const Answer<double>& truth, const Arrays& incoming,
                   Random& random, Worst* worst) {
  const Kernel<T>& kernel = whole.kernel();
  const Problem& p = whole.problem();
  const double limit = sizeof(T) == 8 ? 1e-12 : 1e-4;
  whole.forward(Save::everything);
  all_written(whole);
  for (const auto& [name, values] : truth) {
    const double off = distance(whole.find(name), values, name);
    worst->forward = std::fmax(worst->forward, off);
    if (off > limit) fail(name + " is off by " + std::to_string(off / limit) + " times the limit");
  }
  whole.backward(incoming);
  all_written(whole);
  Run<T> states(kernel, p), nothing(kernel, p, {2, 2}), threaded(kernel, p, {5, 5});
  states.forward(Save::states);
  same_bits(whole, states, "when only states are saved");
  states.backward(incoming);
  same_bits(whole, states, "after computing the gates again");
  in_mode(flushing(), [&] { nothing.forward(Save::nothing); });
  same_bits(whole, nothing, "when nothing is saved, on two threads");
  threaded.forward(random() % 2 == 0 ? Save::states : Save::everything);
  threaded.backward(incoming);
  same_bits(whole, threaded, "on five threads");
  const int given = 1 + static_cast<int>(random() % 2);
  Run<T> refused(kernel, p, {5, given});
  refused.forward(random() % 2 == 0 ? Save::states : Save::everything);
  refused.backward(incoming);
  same_bits(whole, refused, "on " + std::to_string(given) + " threads instead of five");
  check_neighbours(kernel, whole, incoming, random);
  check_absent(whole, incoming, random);
}

// Whether float and double agree which was larger in each maximum of the sLSTM: a gate is 1 where
// its side was. Where they do not, gradients of gates and states jump, and both are right.
bool same_branches(const Run<float>& single, const Run<double>& twice) {
  if (!single.problem().shape.exponential) return true;
  const Guarded<double>& gates = *twice.out().at("gates");
  for (size_t i = 0; i < gates.count(); ++i) {
    if ((single.find("gates")[i] == 1) != (gates.get()[i] == 1)) return false;
  }
  return true;
}

// Gradients in float against those in double, which are held against derivatives.
void check_precisions(Run<float>& single, Run<double>& twice, const Arrays& incoming,
                      Worst* worst) {
  if (!same_branches(single, twice)) {
    // The outputs alone do not depend on which was larger.
    const Arrays smooth = {{"y", incoming.at("y")}, {"h", incoming.at("h")}};
    single.backward(smooth);
    twice.backward(smooth);
  }
  for (const auto& [name, values] : twice.out()) {
    if (name[0] != 'd') continue;
    const Array wanted(values->get(), values->get() + values->count());
    const double off = distance(single.find(name), wanted, name);
    worst->backward = std::fmax(worst->backward, off);
    if (off > 5e-4) fail(name + " in float is off by " + std::to_string(off));
  }
}

// Weights of 16 and 8 bits against a run with whole weights of the values that they stand for.
void check_storage(const Target& target, const Problem& p, Worst* worst) {
  for (const Storage storage : {Storage::f16, Storage::int8_weights, Storage::int8}) {
    if (storage == Storage::int8 && !can_run_int8(target)) continue;
    Problem rounded = p, given = p;
    given.shape.hidden_input = storage == Storage::int8 && p.shape.B % 2 == 0;
    for (const char* name : {"weight_ih", "weight_hh", "weight_hr"}) {
      const int64_t columns = name[7] == 'i' ? p.shape.I : name[8] == 'h' ? p.shape.P : p.shape.H;
      if (p.find(name) != nullptr) round_weight(rounded.inputs[name], columns, storage);
    }
    Run<float> small(target.f32, given, {2, 2});
    small.forward(Save::nothing, storage);
    all_written(small);
    Run<float> alone(target.f32, given);
    alone.forward(Save::nothing, storage);
    same_bits(small, alone, "with weights of fewer bits on two threads");
    const double off = distance(small.find("y"), Plain<double>(rounded).run().at("y"), "y");
    worst->less = std::fmax(worst->less, off);
    // Int8 also rounds hidden states, to 16 bits.
    const double limit = storage == Storage::int8 ? 1e-3 : 1e-4;
    if (off > limit) fail("weights of fewer bits are off by " + std::to_string(off));
  }
}

// Factors of bfloat16, forward and backward: the bits on one thread and on two, with gates that
// were kept and gates that are computed again.
void check_bfloat16(const Target& target, const Problem& p, const Arrays& incoming, Worst* worst) {
  if (!can_run_bfloat16(target)) return;
  Run<float> alone(target.f32, p), two(target.f32, p, {2, 2});
  alone.forward(Save::states, Storage::bfloat16);
  two.forward(Save::everything, Storage::bfloat16);
  const double off = distance(two.find("y"), Plain<double>(p).run().at("y"), "y");
  worst->less = std::fmax(worst->less, off);
  if (off > 0.05) fail("factors of bfloat16 are off by " + std::to_string(off));
  alone.backward(incoming);
  two.backward(incoming);
  all_written(two);
  same_bits(alone, two, "with factors of bfloat16 on two threads");
}

// Inputs that are looked up give the bits of inputs that are multiplied.
template <class T>
void check_table(const Kernel<T>& kernel, Random& random) {
  for (int i = 0; i < 40; ++i) {
    Problem p = make_problem(random, true);
    failing = "a table of inputs, " + describe(p);
    const Shape& s = p.shape;
    constexpr int64_t tokens = 5;
    const Array words = draw(random, tokens * s.I, 1);
    std::vector<int64_t> read;
    for (int64_t r = 0; r < s.T * s.B; ++r) {
      read.push_back(static_cast<int64_t>(random() % tokens));
      std::copy_n(words.begin() + read.back() * s.I, s.I, p.inputs["x"].begin() + r * s.I);
    }
    Run<T> multiplied(kernel, p), looked_up(kernel, p, {2, 2});
    multiplied.forward(Save::nothing);
    looked_up.forward(Save::nothing, words, read);
    same_bits(multiplied, looked_up, "where inputs are looked up");
  }
}

// Calls at the same time from several threads, each with threads of its own.
void check_concurrency(const Target& target, Random& random) {
  failing = std::string(target.name) + ", calls at the same time";
  Problem p = make_problem(random, true);
  while (p.shape.T < 2 || p.shape.B < 2) p = make_problem(random, true);
  const Arrays incoming = incoming_gradients(p, Plain<double>(p).run(), random);
  Run<float> alone(target.f32, p);
  alone.forward(Save::states);
  alone.backward(incoming);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      Run<float> run(target.f32, p, {2, 2});
      run.forward(Save::states);
      run.backward(incoming);
      same_bits(alone, run, "when called at the same time");
    });
  }
  for (std::thread& caller : callers) caller.join();
}

// Wide enough for threads to share the panels of one row and to meet after each step, and long
// enough for them to part, where they are more than the cores, and to meet again.
void check_team(const Target& target, Random& random) {
  failing = std::string(target.name) + ", threads that share the cells";
  Problem p{};
  p.shape = {800, 1, 8, 160, 160, false, false, false, false, false, true};
  const Shape& s = p.shape;
  p.inputs["x"] = draw(random, s.T * s.B * s.I, 1);
  p.inputs["h0"] = p.inputs["c0"] = draw(random, s.H, 0.5);
  p.inputs["weight_ih"] = draw(random, 4 * s.H * s.I, 0.1);
  p.inputs["weight_hh"] = draw(random, 4 * s.H * s.H, 0.1);
  p.inputs["bias"] = draw(random, 4 * s.H, 0.1);
  Run<float> alone(target.f32, p);
  alone.forward(Save::everything);
  for (const Threads threads :
       {Threads{2, 2}, Threads{3, 3}, Threads{3, 2}, Threads{3, 1}, Threads{5, 5}}) {
    Run<float> shared(target.f32, p, threads);
    shared.forward(Save::everything);
    same_bits(alone, shared,
              "on " + std::to_string(threads.given) + " threads of " +
                  std::to_string(threads.wanted) + " that share the cells");
  }
}

void check_target(const Target& target, uint64_t seed, bool quick) {
  Worst single, twice;
  Random random(seed);
  const int problems = quick ? 60 : 250;
  for (int i = 0; i < problems; ++i) {
    const Problem p = make_problem(random, quick);
    failing = std::string(target.name) + " problem " + std::to_string(i) + " of seed " +
              std::to_string(seed) + (quick ? ", quick" : "") + ", " + describe(p);
    const Answer<double> truth = Plain<double>(p).run();
    const Arrays incoming = incoming_gradients(p, truth, random);
    Run<float> f32(target.f32, p);
    Run<double> f64(target.f64, p);
    check_problem(f32, truth, incoming, random, &single);
    check_problem(f64, truth, incoming, random, &twice);
    twice.backward = std::fmax(twice.backward, check_directions(f64, incoming, random));
    check_precisions(f32, f64, incoming, &single);
    check_storage(target, p, &single);
    check_bfloat16(target, p, incoming, &single);
  }
  failing = std::string(target.name) + " float";
  const double linear32 = check_linear(target.f32, random), ulp32 = check_activations(target.f32);
  check_linear_storage(target.f32, can_run_int8(target), random);
  check_log_sum_exp(target.f32, 1e-6);
  check_log_sum_exp(target.f64, 1e-14);
  check_table(target.f32, random);
  check_table(target.f64, random);
  failing = std::string(target.name) + " double";
  const double linear64 = check_linear(target.f64, random), ulp64 = check_activations(target.f64);
  check_concurrency(target, random);
  check_team(target, random);
  std::printf(
      "%-7s float  forward %.1e backward %.1e linear %.1e activations %.2f ulp, fewer bits %.1e\n",
      target.name, single.forward, single.backward, linear32, ulp32, single.less);
  std::printf("%-7s double forward %.1e backward %.1e linear %.1e activations %.2f ulp\n",
              target.name, twice.forward, twice.backward, linear64, ulp64);
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
  check_spare_cores();
  for (int i = 0; i < available; ++i) {
    if (!only.empty() && only != targets[i]->name) continue;
    check_target(*targets[i], seed, quick);
    checked = true;
  }
  if (!checked) std::printf("no target %s here\n", only.c_str());
  return checked ? 0 : 2;
}
