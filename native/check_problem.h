// Random problems: sizes that straddle the vectors, and any combination of variants.
#pragma once

#include <cmath>
#include <random>
#include <string>

#include "check_reference.h"

namespace check {

using Random = std::mt19937_64;

constexpr int64_t LONG = 90;  // steps of a long run: several chunks

inline Array draw(Random& random, size_t count, double spread, double middle = 0) {
  std::normal_distribution<double> normal(middle, spread);
  Array values(count);
  // Through float, so that both precisions start from the same numbers.
  for (double& v : values) v = static_cast<float>(normal(random));
  return values;
}

inline Problem make_problem(Random& random, bool quick) {
  const auto pick = [&](std::initializer_list<int64_t> from) {
    return *(from.begin() + random() % from.size());
  };
  const auto maybe = [&](int of) { return random() % of == 0; };
  Problem p{};
  gatework::Shape& s = p.shape;
  s.H = quick ? pick({1, 3, 7, 9, 16, 17}) : pick({1, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65});
  s.B = pick({0, 1, 2, 5, 6, 7, 13});
  s.T = pick({0, 1, 2, 5});
  if (maybe(8)) s.T = LONG;
  if (s.T <= 2 && maybe(6)) s.B = 70;  // more rows than a chunk holds
  s.I = pick({1, 3, 16, 19});
  s.exponential = maybe(4);
  s.coupled = !s.exponential && maybe(4);
  s.peephole = !s.exponential && maybe(3);
  // Of one or two equal cells layer norm leaves only the rounding of their difference.
  s.layer_norm = s.H > 2 && maybe(3);
  s.projection = s.H > 1 && maybe(4);
  s.P = s.projection ? 1 + static_cast<int64_t>(random() % (s.H - 1)) : s.H;
  s.bias = !maybe(5);
  p.reverse = maybe(2);
  const int64_t G = s.gates() * s.H;
  const double spread = 1 / std::sqrt(static_cast<double>(s.H));
  // A long run forgets: else it would grow any rounding into a different run.
  const double feedback = s.T == LONG ? 0.3 : 1;
  const auto add = [&](const char* name, size_t count, double wide, double middle = 0) {
    p.inputs[name] = draw(random, count, wide, middle);
  };
  add("x", s.T * s.B * s.I, 1);
  add("h0", s.B * s.P, 0.5);
  add("c0", s.B * s.H, 0.5);
  add("weight_ih", G * s.I, spread);
  add("weight_hh", G * s.P, spread * feedback);
  if (s.bias) add("bias", G, 0.3);
  if (s.projection) add("weight_hr", s.P * s.H, spread);
  if (s.peephole) add("peephole", (s.gates() - 1) * s.H, 0.3 * feedback);
  if (s.layer_norm) {
    add("input_gain", G, 0.2, 1);
    add("recurrent_gain", G, 0.2 * feedback, feedback);
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

inline std::string describe(const Problem& p) {
  const gatework::Shape& s = p.shape;
  std::string text = "T=" + std::to_string(s.T) + " B=" + std::to_string(s.B) +
                     " I=" + std::to_string(s.I) + " H=" + std::to_string(s.H) +
                     " P=" + std::to_string(s.P) + (s.coupled ? " coupled" : "") +
                     (s.exponential ? " exponential" : "") + (s.layer_norm ? " norm" : "") +
                     (s.peephole ? " peephole" : "") + (s.projection ? " projection" : "") +
                     (s.bias ? "" : " no bias") + (p.reverse ? " reverse" : "") +
                     (p.zoneout_cell != 0 ? " zoneout_cell" : "") +
                     (p.zoneout_hidden != 0 ? " zoneout_hidden" : "");
  for (const auto& [name, values] : p.inputs) {
    if (name.find("mask") != std::string::npos) text += " " + name;
  }
  if (!p.lengths.empty()) text += " lengths";
  for (const int64_t length : p.lengths) text += " " + std::to_string(length);
  return text;
}

// How an array runs over the batch: (outer, B, inner), or not at all where outer is 0.
inline int64_t outer_of(const std::string& name, const gatework::Shape& s) {
  for (const char* each : {"x", "y", "gates", "cells", "normalisers", "stabilisers", "dx",
                           "zoneout_cell_mask", "zoneout_hidden_mask"}) {
    if (name == each) return s.T;
  }
  for (const char* once : {"h0", "c0", "n0", "m0", "h", "c", "n", "m", "dh0", "dc0", "dn0", "dm0",
                           "hidden_mask", "candidate_mask"}) {
    if (name == once) return 1;
  }
  return 0;
}

// Rows [first, last) of the batch of one array.
template <class T>
std::vector<T> rows_of(const T* values, size_t count, int64_t outer, int64_t B, int64_t first,
                       int64_t last) {
  std::vector<T> cut;
  const int64_t inner = outer * B == 0 ? 0 : static_cast<int64_t>(count) / (outer * B);
  for (int64_t t = 0; t < outer; ++t) {
    const T* start = values + t * B * inner;
    cut.insert(cut.end(), start + first * inner, start + last * inner);
  }
  return cut;
}

inline Arrays rows_of(const Arrays& all, const gatework::Shape& s, int64_t first, int64_t last) {
  Arrays cut = all;
  for (auto& [name, values] : cut) {
    const int64_t outer = outer_of(name, s);
    if (outer > 0) values = rows_of(values.data(), values.size(), outer, s.B, first, last);
  }
  return cut;
}

// The same problem for rows [first, last) of its batch alone.
inline Problem rows_of(const Problem& p, int64_t first, int64_t last) {
  Problem part = p;
  part.shape.B = last - first;
  part.inputs = rows_of(p.inputs, p.shape, first, last);
  if (!p.lengths.empty()) {
    part.lengths.assign(p.lengths.begin() + first, p.lengths.begin() + last);
  }
  return part;
}

}  // namespace check
