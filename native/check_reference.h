// The cell equations once more, one number at a time in double precision: what check.cpp holds the
// kernels against. See src/gatework/cell/equations.py for the equations and their sources.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "kernels.h"

namespace check {

using Array = std::vector<double>;

// One run: sizes, variant and every input by name. An absent name is an absent input.
struct Problem {
  gatework::Shape shape;
  bool reverse;
  double zoneout_cell, zoneout_hidden;
  std::vector<int64_t> lengths;  // empty: all rows run to the end
  std::map<std::string, Array> inputs;

  const Array* find(const std::string& name) const {
    const auto at = inputs.find(name);
    return at == inputs.end() ? nullptr : &at->second;
  }
  double at(const std::string& name, int64_t i, double otherwise) const {
    const Array* found = find(name);
    return found == nullptr ? otherwise : (*found)[i];
  }
};

struct Answer {
  Array y, h, c, n, m;
};

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// (values - mean) / std * gain over the whole array, as layer norm does.
inline void normalise(Array& values, const Array& gain) {
  double mean = 0, variance = 0;
  for (const double v : values) mean += v / values.size();
  for (const double v : values) variance += (v - mean) * (v - mean) / values.size();
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = (values[i] - mean) / std::sqrt(variance + 1e-5) * gain[i];
  }
}

inline Array product(const Array& weight, const double* x, int64_t rows, int64_t columns) {
  Array out(rows);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t k = 0; k < columns; ++k) out[r] += weight[r * columns + k] * x[k];
  }
  return out;
}

// One step of one row: h, c, n and m are replaced.
inline void step(const Problem& p, int64_t t, int64_t b, double* h, double* c, double* n,
                 double* m) {
  const gatework::Shape& s = p.shape;
  const int64_t H = s.H, P = s.P, K = s.gates();
  Array a = product(p.inputs.at("weight_ih"), &p.inputs.at("x")[(t * s.B + b) * s.I], K * H, s.I);
  Array old(h, h + P), fed = old;
  for (int64_t j = 0; j < P; ++j) fed[j] *= p.at("hidden_mask", b * P + j, 1);
  Array r = product(p.inputs.at("weight_hh"), fed.data(), K * H, P);
  if (s.layer_norm) {
    normalise(a, p.inputs.at("input_gain"));
    normalise(r, p.inputs.at("recurrent_gain"));
  }
  for (int64_t j = 0; j < K * H; ++j) a[j] += r[j] + p.at("bias", j, 0);
  const int64_t G = K - 2;  // place of the candidate
  const int64_t O = K - 1;
  Array kept(H), shown(H), output(H);
  for (int64_t j = 0; j < H; ++j) {
    const auto peep = [&](int64_t row) { return p.at("peephole", row * H + j, 0); };
    const double g = std::tanh(a[G * H + j]) * p.at("candidate_mask", b * H + j, 1);
    double cell;
    if (s.exponential) {
      const double a_f = a[H + j];
      double log_f = std::fmin(a_f, 0.0) - std::log1p(std::exp(-std::fabs(a_f))) + m[j];
      if (n[j] == 0) log_f = -std::numeric_limits<double>::infinity();
      const double top = std::fmax(log_f, a[j]);
      const double i = std::exp(a[j] - top), f = std::exp(log_f - top);
      cell = f * c[j] + i * g;
      n[j] = f * n[j] + i;
      m[j] = top;
      output[j] = sigmoid(a[O * H + j]);
      shown[j] = cell / n[j];
    } else {
      const double i = sigmoid(a[j] + peep(0) * c[j]);
      const double f = s.coupled ? 1 - i : sigmoid(a[H + j] + peep(1) * c[j]);
      cell = f * c[j] + i * g;
      output[j] = sigmoid(a[O * H + j] + peep(K - 2) * cell);
      shown[j] = cell;
    }
    const double rate = p.at("zoneout_cell_mask", (t * s.B + b) * H + j, p.zoneout_cell);
    kept[j] = rate * c[j] + (1 - rate) * cell;
  }
  if (s.layer_norm) normalise(shown, p.inputs.at("cell_gain"));
  Array raw(H);
  for (int64_t j = 0; j < H; ++j) {
    const double value = shown[j] + p.at("cell_shift", j, 0);
    raw[j] = output[j] * (s.exponential ? value : std::tanh(value));
    c[j] = kept[j];
  }
  if (s.projection) raw = product(p.inputs.at("weight_hr"), raw.data(), P, H);
  for (int64_t j = 0; j < P; ++j) {
    const double rate = p.at("zoneout_hidden_mask", (t * s.B + b) * P + j, p.zoneout_hidden);
    h[j] = rate * old[j] + (1 - rate) * raw[j];
  }
}

inline Answer run(const Problem& p) {
  const gatework::Shape& s = p.shape;
  Answer a{Array(s.T * s.B * s.P), p.inputs.at("h0"), p.inputs.at("c0"), {}, {}};
  if (s.exponential) {
    a.n = p.inputs.at("n0");
    a.m = p.inputs.at("m0");
  }
  for (int64_t i = 0; i < s.T; ++i) {
    const int64_t t = p.reverse ? s.T - 1 - i : i;
    for (int64_t b = 0; b < s.B; ++b) {
      if (!p.lengths.empty() && t >= p.lengths[b]) continue;
      double* n = s.exponential ? &a.n[b * s.H] : nullptr;
      double* m = s.exponential ? &a.m[b * s.H] : nullptr;
      step(p, t, b, &a.h[b * s.P], &a.c[b * s.H], n, m);
      for (int64_t j = 0; j < s.P; ++j) a.y[(t * s.B + b) * s.P + j] = a.h[b * s.P + j];
    }
  }
  return a;
}

}  // namespace check
