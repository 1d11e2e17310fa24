// How a token is drawn: the steps of gatework.write.sampling.choose, in float64, for one row.
//
// No order of all tokens is made. A filter puts them into bins by what it ranks them by; only the
// bin in which its border lies is looked at closely, by halving: the better half of what is still
// in doubt is kept if all of it is needed, else the worse half is dropped.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels.h"

namespace gatework::runtime {

struct Sampling {
  double temperature = 1;
  int64_t top_k = 0;  // 0: not wanted
  double top_p = 0;   // 0: not wanted; also of the two below
  double min_p = 0;
  double typical = 0;
  double penalty = 1;
  bool forbid_unknown = true;
  bool allow_end = true;

  static constexpr int64_t end = 0, unknown = 1;
};

class Sampler {
 public:
  Sampler(const Kernel<double>& kernel, int64_t count)
      : kernel_(kernel),
        count_(count),
        logs_(static_cast<size_t>(count)),
        chances_(static_cast<size_t>(count)),
        keys_(static_cast<size_t>(count)),
        keeps_(static_cast<size_t>(count)),
        bin_of_(static_cast<size_t>(count)),
        recent_(static_cast<size_t>(count)) {}

  // The next token after log-probabilities (V), or -1 where they are not numbers. recent (W): the
  // tokens that came lately, each of them below V. draw: from 0 to below 1.
  template <class T>
  int64_t choose(const T* logs, const Sampling& sampling, const int64_t* recent, int64_t window,
                 double draw) {
    std::copy(logs, logs + count_, logs_.begin());
    penalise(sampling.penalty, recent, window);
    const double most = forbid(sampling);
    if (std::isnan(most)) return -1;
    best_ = first_of(most);
    if (sampling.temperature == 0) return best_;
    temper(most, sampling.temperature);
    filter(sampling);
    return find(draw);
  }

  // The chances (V) that the filters leave, zero elsewhere, not normalised; after choose, where the
  // temperature is not 0.
  const double* chances() const { return chances_.data(); }

 private:
  static constexpr int bins = 128;
  static constexpr double widest = 16;  // nats that the bins cover; what is beyond is in the last

  struct Ranked {
    double key;  // the smallest first
    int32_t token;
    bool operator<(const Ranked& other) const {
      return key != other.key ? key < other.key : token < other.token;
    }
  };

  void penalise(double penalty, const int64_t* recent, int64_t window) {
    if (penalty == 1) return;
    for (int64_t i = 0; i < window; ++i) {
      const auto token = static_cast<size_t>(recent[i]);
      if (token == Sampling::end || recent_[token]) continue;
      recent_[token] = 1;
      logs_[token] *= penalty;
    }
    for (int64_t i = 0; i < window; ++i) recent_[static_cast<size_t>(recent[i])] = 0;
  }

  // Takes forbidden tokens out; returns the largest log-probability, which is finite, or not a
  // number.
  double forbid(const Sampling& sampling) {
    constexpr double none = -std::numeric_limits<double>::infinity();
    const auto take_out = [&] {
      if (sampling.forbid_unknown && count_ > Sampling::unknown) logs_[Sampling::unknown] = none;
      if (!sampling.allow_end) logs_[Sampling::end] = none;
    };
    take_out();
    // What is no number stays, whichever side it is on.
    const auto larger = [](double a, double b) { return a > b || a != a ? a : b; };
    const double found = fold(logs_, none, larger);
    if (found != none) return found;
    std::fill(logs_.begin(), logs_.end(), 0.0);  // nothing possible is left: all are as likely
    take_out();
    return 0;
  }

  int64_t first_of(double value) const {
    return std::find(logs_.begin(), logs_.end(), value) - logs_.begin();
  }

  // Log-probabilities at a temperature and their exponentials, neither normalised.
  void temper(double most, double temperature) {
    for (double& log : logs_) log -= most;
    if (temperature != 1)
      for (double& log : logs_) log /= temperature;  // what is far below becomes impossible
    kernel_.activation(Activation::exp, logs_.data(), chances_.data(), count_);
  }

  void normalise() {
    const double all = fold(chances_, 0.0, [](double a, double b) { return a + b; });
    const double shift = std::log(all), part = 1 / all;
    for (double& log : logs_) log -= shift;
    for (double& chance : chances_) chance *= part;
  }

  // All values taken together by f, four side by side, so that none need wait for the one before.
  template <class Function>
  static double fold(const std::vector<double>& values, double start, Function f) {
    double parts[4] = {start, start, start, start};
    size_t v = 0;
    for (; v + 4 <= values.size(); v += 4)
      for (size_t j = 0; j < 4; ++j) parts[j] = f(parts[j], values[v + j]);
    for (; v < values.size(); ++v) parts[0] = f(parts[0], values[v]);
    return f(f(parts[0], parts[1]), f(parts[2], parts[3]));
  }

  void filter(const Sampling& sampling) {
    if (!sampling.top_k && sampling.top_p == 0 && sampling.min_p == 0 && sampling.typical == 0)
      return;
    normalise();
    const double most = logs_[static_cast<size_t>(best_)];
    std::fill(keeps_.begin(), keeps_.end(), 1);
    if (sampling.min_p != 0) {
      const double least = most + std::log(sampling.min_p);
      for (size_t v = 0; v < logs_.size(); ++v) keeps_[v] = logs_[v] >= least;
    }
    constexpr double all = std::numeric_limits<double>::infinity();
    const auto unlikely = [](double log) { return -log; };
    if (sampling.top_k && sampling.top_k < count_) keep_first(unlikely, all, sampling.top_k);
    // A chance of 1 is all of it: where the sum comes to 1 by rounding is of no account.
    if (sampling.top_p != 0 && sampling.top_p < 1) keep_first(unlikely, sampling.top_p, count_);
    if (sampling.typical != 0 && sampling.typical < 1) {
      double entropy = 0;
      for (size_t v = 0; v < logs_.size(); ++v)
        if (chances_[v] != 0) entropy -= chances_[v] * logs_[v];
      keep_first([=](double log) { return std::fabs(log + entropy); }, sampling.typical, count_);
    }
    keeps_[static_cast<size_t>(best_)] = 1;
    for (size_t v = 0; v < chances_.size(); ++v)
      if (!keeps_[v]) chances_[v] = 0;
  }

  // Drop all tokens but the first by key(log), the smallest first: those before which there is
  // less than `mass` of the chances, at most `number` of them.
  template <class Key>
  void keep_first(Key key, double mass, int64_t number) {
    for (size_t v = 0; v < keys_.size(); ++v) keys_[v] = key(logs_[v]);
    constexpr double infinite = std::numeric_limits<double>::infinity();
    const double low = fold(keys_, infinite, [](double a, double b) { return a < b ? a : b; });
    const double high = fold(keys_, -infinite, [](double a, double b) { return a > b ? a : b; });
    const double span = std::min(high - low, widest), scale = span > 0 ? (bins - 1) / span : 0;
    std::fill_n(chance_in_, bins, 0.0);
    std::fill_n(tokens_in_, bins, 0);
    for (size_t v = 0; v < keys_.size(); ++v) {
      const double off = keys_[v] - low;
      const int bin = off < span ? static_cast<int>(off * scale) : bins - 1;
      bin_of_[v] = static_cast<uint8_t>(bin);
      chance_in_[bin] += chances_[v];
      tokens_in_[bin] += 1;
    }
    int border = 0;
    double before = 0;
    int64_t left = number;
    while (border + 1 < bins && before + chance_in_[border] < mass && tokens_in_[border] < left) {
      before += chance_in_[border];
      left -= tokens_in_[border++];
    }
    ranked_.clear();
    for (size_t v = 0; v < keys_.size(); ++v) {
      if (bin_of_[v] > border) keeps_[v] = 0;
      if (bin_of_[v] == border) ranked_.push_back({keys_[v], static_cast<int32_t>(v)});
    }
    for (size_t i = needed(before, mass, left); i < ranked_.size(); ++i)
      keeps_[static_cast<size_t>(ranked_[i].token)] = 0;
  }

  // How many of the ranked are needed, at most `number`: those before which there is less than
  // `mass`, `before` in front of all of them. They are the first ones afterwards.
  size_t needed(double before, double mass, int64_t number) {
    size_t low = 0, high = ranked_.size();
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      const auto begin = ranked_.begin();
      std::nth_element(begin + static_cast<int64_t>(low), begin + static_cast<int64_t>(middle),
                       begin + static_cast<int64_t>(high));
      double here = before;
      for (size_t i = low; i < middle; ++i) here += chance(i);
      if (here >= mass || static_cast<int64_t>(middle) >= number) {
        high = middle;
      } else {  // the middle one is needed, too
        before = here + chance(middle);
        low = middle + 1;
      }
    }
    return low;
  }

  double chance(size_t place) const { return chances_[static_cast<size_t>(ranked_[place].token)]; }

  // The first token at which the sum of chances is above draw times all of them.
  int64_t find(double draw) {
    constexpr int64_t block = 64;
    sums_.clear();
    double all = 0;
    for (int64_t first = 0; first < count_; first += block) {
      const int64_t last = std::min(first + block, count_);
      double parts[4] = {};
      int64_t v = first;
      for (; v + 4 <= last; v += 4)
        for (int64_t j = 0; j < 4; ++j) parts[j] += chances_[static_cast<size_t>(v + j)];
      for (; v < last; ++v) parts[0] += chances_[static_cast<size_t>(v)];
      sums_.push_back(all);
      all += (parts[0] + parts[1]) + (parts[2] + parts[3]);
    }
    const double wanted = draw * all;
    // The last block that begins at or below what is wanted; its end lies above it.
    auto place = std::upper_bound(sums_.begin(), sums_.end(), wanted) - sums_.begin() - 1;
    double sum = sums_[static_cast<size_t>(place)];
    int64_t found = -1;
    for (int64_t v = place * block; v < count_; ++v) {
      const double one = chances_[static_cast<size_t>(v)];
      if (one == 0) continue;
      found = v;
      sum += one;
      if (sum > wanted) return v;
    }
    if (found >= 0) return found;  // rounding left the sum below: the last one that is possible
    for (int64_t v = count_ - 1; v >= 0; --v)
      if (chances_[static_cast<size_t>(v)] != 0) return v;
    return -1;
  }

  const Kernel<double>& kernel_;
  const int64_t count_;
  int64_t best_ = 0;
  std::vector<double> logs_, chances_, keys_, sums_;
  std::vector<uint8_t> keeps_, bin_of_, recent_;
  double chance_in_[bins];
  int64_t tokens_in_[bins];
  std::vector<Ranked> ranked_;
};

}  // namespace gatework::runtime
