// The cell equations once more, one number at a time: what the kernels are held against. See
// src/gatework/cell/equations.py for the equations and their sources. The kind of number is free:
// double for values, Dual for values with their derivative in one direction.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels.h"

namespace check {

using Array = std::vector<double>;
using Arrays = std::map<std::string, Array>;

// A number and its derivative.
struct Dual {
  double value, slope;
  Dual(double v = 0, double s = 0) : value(v), slope(s) {}
};
inline double value_of(double x) { return x; }
inline double value_of(const Dual& x) { return x.value; }
inline Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.slope + b.slope}; }
inline Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.slope - b.slope}; }
inline Dual operator*(Dual a, Dual b) {
  return {a.value * b.value, a.slope * b.value + a.value * b.slope};
}
inline Dual operator/(Dual a, Dual b) {
  const double ratio = a.value / b.value;
  return {ratio, (a.slope - ratio * b.slope) / b.value};
}
inline Dual exp(Dual x) { return {std::exp(x.value), std::exp(x.value) * x.slope}; }
inline Dual sqrt(Dual x) { return {std::sqrt(x.value), x.slope / (2 * std::sqrt(x.value))}; }
inline Dual tanh(Dual x) {
  const double t = std::tanh(x.value);
  return {t, (1 - t * t) * x.slope};
}
inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
inline Dual sigmoid(Dual x) {
  const double s = sigmoid(x.value);
  return {s, s * (1 - s) * x.slope};
}
inline double log_sigmoid(double x) {
  return std::fmin(x, 0.0) - std::log1p(std::exp(-std::fabs(x)));
}
inline Dual log_sigmoid(Dual x) { return {log_sigmoid(x.value), sigmoid(-x.value) * x.slope}; }

// One run: sizes, variant and every input by name. An absent name is an absent input.
struct Problem {
  gatework::Shape shape;
  bool reverse;
  double zoneout_cell, zoneout_hidden;
  std::vector<int64_t> lengths;  // empty: all rows run to the end
  Arrays inputs;

  const Array* find(const std::string& name) const {
    const auto at = inputs.find(name);
    return at == inputs.end() ? nullptr : &at->second;
  }
};

// Everything that a run gives, by the names of kernels.h: y, h, c, n, m, and of what is saved
// gates, cells, normalisers and stabilisers.
template <class N>
using Answer = std::map<std::string, std::vector<N>>;

template <class N>
class Plain {
 public:
  // Directions: the derivatives of inputs, by name; an absent name stands still.
  explicit Plain(const Problem& p, const Arrays& directions = {}) : p_(p), s_(p.shape) {
    for (const auto& [name, values] : p.inputs) {
      std::vector<N>& to = inputs_[name];
      const auto direction = directions.find(name);
      for (size_t i = 0; i < values.size(); ++i) {
        if constexpr (std::is_same_v<N, Dual>) {
          to.push_back({values[i], direction == directions.end() ? 0 : direction->second[i]});
        } else {
          to.push_back(values[i]);
        }
      }
    }
  }

  Answer<N> run() {
    const int64_t rows = s_.T * s_.B;
    Answer<N> a;
    a["y"].resize(rows * s_.P);
    a["h"] = inputs_.at("h0");
    a["c"] = inputs_.at("c0");
    a["gates"].resize(rows * 4 * s_.H);
    a["cells"].resize(rows * s_.H);
    if (s_.exponential) {
      a["n"] = inputs_.at("n0");
      a["m"] = inputs_.at("m0");
      a["normalisers"].resize(rows * s_.H);
      a["stabilisers"].resize(rows * s_.H);
    }
    for (int64_t i = 0; i < s_.T; ++i) {
      const int64_t t = p_.reverse ? s_.T - 1 - i : i;
      for (int64_t b = 0; b < s_.B; ++b) {
        const int64_t index = t * s_.B + b;
        N* h = &a["h"][b * s_.P];
        if (p_.lengths.empty() || t < p_.lengths[b]) {
          step(index, b, h, &a["c"][b * s_.H], s_.exponential ? &a["n"][b * s_.H] : nullptr,
               s_.exponential ? &a["m"][b * s_.H] : nullptr, &a["gates"][index * 4 * s_.H]);
          for (int64_t j = 0; j < s_.P; ++j) a["y"][index * s_.P + j] = h[j];
        }
        for (int64_t j = 0; j < s_.H; ++j) {
          a["cells"][index * s_.H + j] = a["c"][b * s_.H + j];
          if (!s_.exponential) continue;
          a["normalisers"][index * s_.H + j] = a["n"][b * s_.H + j];
          a["stabilisers"][index * s_.H + j] = a["m"][b * s_.H + j];
        }
      }
    }
    return a;
  }

 private:
  N at(const char* name, int64_t i, double otherwise) const {
    const auto found = inputs_.find(name);
    return found == inputs_.end() ? N(otherwise) : found->second[i];
  }

  std::vector<N> product(const char* weight, const N* x, int64_t rows, int64_t columns) const {
    const std::vector<N>& w = inputs_.at(weight);
    std::vector<N> out(rows);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t k = 0; k < columns; ++k) out[r] = out[r] + w[r * columns + k] * x[k];
    }
    return out;
  }

  // (values - mean) / std * gain over the whole array, as layer norm does.
  void normalise(std::vector<N>& values, const char* gain) const {
    const N count = static_cast<double>(values.size());
    N mean = 0.0, variance = 0.0;
    for (const N& v : values) mean = mean + v / count;
    for (const N& v : values) variance = variance + (v - mean) * (v - mean) / count;
    using std::sqrt;
    const N deviation = sqrt(variance + N(1e-5));
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = (values[i] - mean) / deviation * inputs_.at(gain)[i];
    }
  }

  // One step of one row: h, c, n and m are replaced, gates are filled.
  void step(int64_t index, int64_t b, N* h, N* c, N* n, N* m, N* gates) const {
    using std::exp, std::tanh;
    const int64_t H = s_.H, P = s_.P, K = s_.gates(), G = K - 2, O = K - 1;
    std::vector<N> a = product("weight_ih", inputs_.at("x").data() + index * s_.I, K * H, s_.I);
    const std::vector<N> old(h, h + P);
    std::vector<N> fed = old, shown(H), kept(H);
    for (int64_t j = 0; j < P; ++j) fed[j] = fed[j] * at("hidden_mask", b * P + j, 1);
    std::vector<N> r = product("weight_hh", fed.data(), K * H, P);
    if (s_.layer_norm) {
      normalise(a, "input_gain");
      normalise(r, "recurrent_gain");
    }
    for (int64_t j = 0; j < K * H; ++j) a[j] = a[j] + r[j] + at("bias", j, 0);
    for (int64_t j = 0; j < H; ++j) {
      const auto peep = [&](int64_t row) { return at("peephole", row * H + j, 0); };
      N &i = gates[j], &f = gates[H + j], &g = gates[2 * H + j], &o = gates[3 * H + j];
      N cell;
      g = tanh(a[G * H + j]) * at("candidate_mask", b * H + j, 1);
      if (s_.exponential) {
        N log_f = log_sigmoid(a[H + j]) + m[j];
        if (value_of(n[j]) == 0) log_f = N(-std::numeric_limits<double>::infinity());
        const N top = value_of(log_f) > value_of(a[j]) ? log_f : a[j];
        i = exp(a[j] - top);
        f = exp(log_f - top);
        cell = f * c[j] + i * g;
        n[j] = f * n[j] + i;
        m[j] = top;
        o = sigmoid(a[O * H + j]);
        shown[j] = cell / n[j];
      } else {
        i = sigmoid(a[j] + peep(0) * c[j]);
        f = s_.coupled ? N(1) - i : sigmoid(a[H + j] + peep(1) * c[j]);
        cell = f * c[j] + i * g;
        o = sigmoid(a[O * H + j] + peep(K - 2) * cell);
        shown[j] = cell;
      }
      const N rate = at("zoneout_cell_mask", index * H + j, p_.zoneout_cell);
      kept[j] = rate * c[j] + (N(1) - rate) * cell;
    }
    if (s_.layer_norm) normalise(shown, "cell_gain");
    for (int64_t j = 0; j < H; ++j) {
      const N value = shown[j] + at("cell_shift", j, 0);
      shown[j] = gates[3 * H + j] * (s_.exponential ? value : tanh(value));
      c[j] = kept[j];
    }
    if (s_.projection) shown = product("weight_hr", shown.data(), P, H);
    for (int64_t j = 0; j < P; ++j) {
      const N rate = at("zoneout_hidden_mask", index * P + j, p_.zoneout_hidden);
      h[j] = rate * old[j] + (N(1) - rate) * shown[j];
    }
  }

  const Problem& p_;
  const gatework::Shape& s_;
  std::map<std::string, std::vector<N>> inputs_;
};

}  // namespace check
