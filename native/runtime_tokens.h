// Networks that read and write tokens: what is in front of the layers and behind them.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <optional>
#include <tuple>

#include "crew.h"
#include "runtime_helpers.h"
#include "runtime_network.h"
#include "runtime_sampler.h"
#include "runtime_stepper.h"
#include "workers.h"

namespace gatework::runtime {

using TokenRow = nb::ndarray<const int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using TokenRows = nb::ndarray<const int64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

constexpr int64_t chunk_values = int64_t{1} << 20;  // log-probabilities that are held at once

// Calls body(first, last) on ranges of rows, on the threads of a call.
template <class Body>
void over_rows(const Parallel& parallel, int64_t rows, Body body) {
  const int64_t shares = std::min<int64_t>(parallel.threads, rows);
  auto share = [&](int64_t first, int64_t last) {
    body(rows * first / shares, rows * last / shares);
  };
  in_parallel(parallel, shares, share);
}

// The log-probabilities of tokens after outputs (rows, O) of the last layer. With clusters, rare
// tokens are told within their own, behind the chance of the cluster: adaptive softmax.
template <class T>
class Predictor {
 public:
  explicit Predictor(const Network<T>& network)
      : network_(network), words_(*network.words), tails_(words_.tails.size()) {}

  // logs (rows, V).
  void all(const Parallel& parallel, int64_t rows, const T* hidden, T* logs) {
    const int64_t V = words_.count;
    if (words_.tails.empty()) {
      map(parallel, words_.head, rows, hidden, logs);
      for (int64_t r = 0; r < rows; ++r) normalise(logs + r * V, V, T(0));
      return;
    }
    tell_heads(parallel, rows, hidden);
    const int64_t wide = words_.head.outputs, common = wide - tails_;
    for (int64_t r = 0; r < rows; ++r) std::copy_n(heads_.data() + r * wide, common, logs + r * V);
    int64_t first = common;
    for (int64_t i = 0; i < tails_; ++i) {
      const int64_t size = tell_tail(parallel, i, rows, hidden);
      for (int64_t r = 0; r < rows; ++r) {
        T* to = logs + r * V + first;
        std::copy_n(inside_.data() + r * size, size, to);
        normalise(to, size, heads_[static_cast<size_t>(r * wide + common + i)]);
      }
      first += size;
    }
  }

  // The log-probability of one target each row, (rows).
  void targets(const Parallel& parallel, int64_t rows, const T* hidden, const int64_t* targets,
               T* logs) {
    if (words_.tails.empty()) {
      inside_.resize(static_cast<size_t>(rows * words_.count));
      map(parallel, words_.head, rows, hidden, inside_.data());
      for (int64_t r = 0; r < rows; ++r)
        logs[r] = one_of(inside_.data() + r * words_.count, words_.count, targets[r]);
      return;
    }
    tell_heads(parallel, rows, hidden);
    const int64_t wide = words_.head.outputs, common = wide - tails_, O = words_.head.inputs;
    for (int64_t r = 0; r < rows; ++r)
      if (targets[r] < common) logs[r] = heads_[static_cast<size_t>(r * wide + targets[r])];
    int64_t first = common;
    for (int64_t i = 0; i < tails_; ++i) {
      const int64_t size = words_.tails[static_cast<size_t>(i)].outer.outputs;
      chosen_.clear();
      gathered_.clear();
      for (int64_t r = 0; r < rows; ++r) {
        if (targets[r] < first || targets[r] >= first + size) continue;
        chosen_.push_back(r);
        gathered_.insert(gathered_.end(), hidden + r * O, hidden + (r + 1) * O);
      }
      if (!chosen_.empty()) {
        tell_tail(parallel, i, static_cast<int64_t>(chosen_.size()), gathered_.data());
        for (size_t j = 0; j < chosen_.size(); ++j) {
          const int64_t r = chosen_[j];
          const T* inside = inside_.data() + static_cast<int64_t>(j) * size;
          logs[r] = heads_[static_cast<size_t>(r * wide + common + i)] +
                    one_of(inside, size, targets[r] - first);
        }
      }
      first += size;
    }
  }

 private:
  void map(const Parallel& parallel, const Head& head, int64_t rows, const T* x, T* out) const {
    over_rows(parallel, rows, [&](int64_t first, int64_t last) {
      network_.kernel->linear(last - first, head.inputs, head.outputs, head.packed.get(),
                              network_.storage, x + first * head.inputs,
                              out + first * head.outputs);
    });
  }

  void tell_heads(const Parallel& parallel, int64_t rows, const T* hidden) {
    const int64_t wide = words_.head.outputs;
    heads_.resize(static_cast<size_t>(rows * wide));
    map(parallel, words_.head, rows, hidden, heads_.data());
    for (int64_t r = 0; r < rows; ++r) normalise(heads_.data() + r * wide, wide, T(0));
  }

  // Scores of a cluster into inside_; returns its size.
  int64_t tell_tail(const Parallel& parallel, int64_t i, int64_t rows, const T* hidden) {
    const Tail& tail = words_.tails[static_cast<size_t>(i)];
    middle_.resize(static_cast<size_t>(rows * tail.inner.outputs));
    inside_.resize(static_cast<size_t>(rows * tail.outer.outputs));
    map(parallel, tail.inner, rows, hidden, middle_.data());
    map(parallel, tail.outer, rows, middle_.data(), inside_.data());
    return tail.outer.outputs;
  }

  void normalise(T* row, int64_t count, T outside) const {
    const T shift = network_.kernel->log_sum_exp(count, row);
    for (int64_t v = 0; v < count; ++v) row[v] = (row[v] - shift) + outside;
  }

  T one_of(const T* row, int64_t count, int64_t target) const {
    return (row[target] - network_.kernel->log_sum_exp(count, row)) + T(0);
  }

  const Network<T>& network_;
  const Words<T>& words_;
  const int64_t tails_;
  std::vector<T> heads_, middle_, inside_, gathered_;
  std::vector<int64_t> chosen_;
};

using Draws = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Chosen = nb::ndarray<int64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
// temperature, top_k, top_p, min_p, typical, penalty; 0 leaves a filter out.
using Settings = std::tuple<double, int64_t, double, double, double, double>;

inline Sampling sampling_of(const Settings& settings, bool forbid_unknown, bool allow_end,
                            int64_t vocabulary) {
  const auto& [temperature, top_k, top_p, min_p, typical, penalty] = settings;
  if (forbid_unknown + !allow_end >= vocabulary) throw nb::value_error("no token is allowed");
  if (!(temperature >= 0) || top_k < 0 || !(top_p >= 0) || !(min_p >= 0) || !(typical >= 0) ||
      !(penalty > 0))
    throw nb::value_error("the settings of sampling are out of range");
  return {temperature, top_k, top_p, min_p, typical, penalty, forbid_unknown, allow_end};
}

// Choose a token after each row of logs (B, V) by draws (B, 1) and recent (B, W), into chosen
// (B, 1); chances (B, V) takes what the filters leave. For tests of the sampler.
inline void choose(const std::string& target,
                   nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu> logs,
                   TokenRows recent, Draws draws, Chosen chosen,
                   nb::ndarray<double, nb::ndim<2>, nb::c_contig, nb::device::cpu> chances,
                   const Settings& settings, bool forbid_unknown, bool allow_end) {
  const Target* found = find_target(target.c_str());
  const size_t B = logs.shape(0), V = logs.shape(1), W = recent.shape(1);
  const int64_t count = static_cast<int64_t>(V);
  bool fits = found && recent.shape(0) == B && draws.shape(0) == B && draws.shape(1) == 1 &&
              chosen.shape(0) == B && chosen.shape(1) == 1 && chances.shape(0) == B &&
              chances.shape(1) == V;
  for (size_t i = 0; fits && i < B * W; ++i)
    fits = recent.data()[i] >= 0 && recent.data()[i] < count;
  if (!fits) throw nb::value_error("the arrays do not fit each other");
  const Sampling sampling = sampling_of(settings, forbid_unknown, allow_end, count);
  Sampler sampler(found->f64, count);
  for (size_t b = 0; b < B; ++b) {
    chosen.data()[b] = sampler.choose(logs.data() + b * V, sampling, recent.data() + b * W,
                                      static_cast<int64_t>(W), draws.data()[b]);
    std::copy_n(sampler.chances(), V, chances.data() + b * V);
  }
}

// Rows of tokens, a step at a time. One thread at a time: busy is read and set under Python's lock.
template <class T>
class TokenStepper {
 public:
  using Row = nb::ndarray<T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
  using ConstRow = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

  TokenStepper(const Network<T>& network, int64_t rows)
      : network_(network),
        runner_(network),
        predictor_(network),
        sampler_(network.target->f64, network.words->count) {
    if (rows < 0) throw nb::value_error("the rows of a batch must be at least 0");
    resize(rows);
  }

  int64_t rows() const { return runner_.rows(); }

  // Read a token in each row; log-probabilities of the next into logs (B, V).
  void step(TokenRow tokens, Row logs) {
    check_free();
    check_tokens(tokens.data(), static_cast<int64_t>(tokens.shape(0)), rows());
    if (static_cast<int64_t>(logs.shape(0)) != rows() ||
        static_cast<int64_t>(logs.shape(1)) != network_.words->count)
      throw nb::value_error("the array of log-probabilities does not fit the network");
    run(1, [&] { step_into(tokens.data(), logs.data()); });
  }

  // Read tokens (B), choose the next ones by draws (B, N) and recent (B, W), and so on, into
  // chosen (B, N). Returns the first row whose log-probabilities are not numbers, else -1.
  int64_t write(TokenRow tokens, TokenRows recent, Draws draws, Chosen chosen,
                const Settings& settings, bool forbid_unknown, bool allow_end) {
    check_free();
    const int64_t B = rows(), N = static_cast<int64_t>(draws.shape(1));
    const int64_t W = static_cast<int64_t>(recent.shape(1));
    check_tokens(tokens.data(), static_cast<int64_t>(tokens.shape(0)), B);
    check_tokens(recent.data(), static_cast<int64_t>(recent.shape(0)) * W, B * W);
    if (static_cast<int64_t>(draws.shape(0)) != B || static_cast<int64_t>(chosen.shape(0)) != B ||
        static_cast<int64_t>(chosen.shape(1)) != N)
      throw nb::value_error("the draws do not fit the rows");
    const Sampling sampling =
        sampling_of(settings, forbid_unknown, allow_end, network_.words->count);
    int64_t lost = -1;
    run(N, [&] {
      lost = write_into(tokens.data(), recent.data(), W, draws.data(), N, sampling, chosen.data());
    });
    return lost;
  }

  // Go on with these rows of the state.
  void keep(TokenRow rows) {
    check_free();
    const auto count = static_cast<int64_t>(rows.shape(0));
    for (int64_t i = 0; i < count; ++i)
      if (rows(i) < 0 || rows(i) >= this->rows()) throw nb::index_error("the row is not there");
    std::vector<T> states(static_cast<size_t>(this->rows() * network_.state_size()));
    runner_.store(states.data());
    resize(count);
    runner_.load(states.data(), rows.data());
  }

  void read(Row states) const {
    check_states(states.shape(0), states.shape(1));
    runner_.store(states.data());
  }
  void write_states(ConstRow states) {
    check_states(states.shape(0), states.shape(1));
    runner_.load(states.data());
  }

  // What the last step handed to the head, into (B, O).
  void hidden(Row out) const {
    check_free();
    if (static_cast<int64_t>(out.shape(0)) != rows() ||
        static_cast<int64_t>(out.shape(1)) != network_.words->head.inputs)
      throw nb::value_error("the array does not fit the network");
    std::copy(hidden_.begin(), hidden_.end(), out.data());
  }

 private:
  void resize(int64_t rows) {
    runner_.resize(1, rows);
    hidden_.assign(static_cast<size_t>(rows * network_.words->head.inputs), T(0));
  }

  void check_free() const {
    if (busy_) throw std::runtime_error("another thread is in a step of this stepper");
  }
  void check_states(size_t rows, size_t width) const {
    check_free();
    if (static_cast<int64_t>(rows) != this->rows() ||
        static_cast<int64_t>(width) != network_.state_size())
      throw nb::value_error("the state does not fit the network");
  }
  void check_tokens(const int64_t* tokens, int64_t count, int64_t wanted) const {
    if (count != wanted) throw nb::value_error("the tokens do not fit the rows");
    if (!network_.words->has(tokens, count))
      throw nb::index_error("a token is not in the vocabulary");
  }

  template <class Function>
  void run(int64_t steps, Function function) {
    busy_ = true;
    try {
      long_or_short(network_.products() * rows() * steps, function);
    } catch (...) {
      busy_ = false;
      throw;
    }
    busy_ = false;
  }

  void step_into(const int64_t* tokens, T* logs) {
    runner_.run(tokens, hidden_.data(), nullptr);
    predictor_.all(Parallel{}, rows(), hidden_.data(), logs);
  }

  int64_t write_into(const int64_t* tokens, const int64_t* recent, int64_t W, const double* draws,
                     int64_t N, const Sampling& sampling, int64_t* chosen) {
    const int64_t B = rows(), V = network_.words->count, wide = W + N;
    logs_.resize(static_cast<size_t>(B * V));
    next_.assign(tokens, tokens + B);
    came_.resize(static_cast<size_t>(B * wide));  // what came lately, and behind it what comes
    for (int64_t b = 0; b < B; ++b) std::copy_n(recent + b * W, W, came_.data() + b * wide);
    std::fill_n(chosen, B * N, Sampling::end);
    ended_.assign(static_cast<size_t>(B), 0);
    int64_t open = B;
    for (int64_t n = 0; n < N && open > 0; ++n) {
      step_into(next_.data(), logs_.data());
      for (int64_t b = 0; b < B; ++b) {
        const auto row = static_cast<size_t>(b);
        if (ended_[row]) continue;
        int64_t* came = came_.data() + b * wide + n;
        const int64_t token =
            sampler_.choose(logs_.data() + b * V, sampling, came, W, draws[b * N + n]);
        if (token < 0) return b;
        came[W] = next_[row] = chosen[b * N + n] = token;
        if (token != Sampling::end) continue;
        ended_[row] = 1;
        --open;
      }
    }
    return -1;
  }

  const Network<T>& network_;
  Runner<T> runner_;
  Predictor<T> predictor_;
  Sampler sampler_;
  std::vector<T> hidden_, logs_;
  std::vector<int64_t> next_, came_;
  std::vector<uint8_t> ended_;
  bool busy_ = false;
};

// Read tokens (T, B) from states (B, S) into ended (B, S). y is (T, B) log-probabilities of the
// targets (T, B), or, without them, (T * B, V) of all tokens.
template <class T>
void read_tokens(const Network<T>& network, int64_t steps, int64_t rows, const int64_t* tokens,
                 const int64_t* targets, const T* states, T* y, T* ended, int threads) {
  const int64_t V = network.words->count, O = network.words->head.inputs;
  Crew crew(Helpers::run, threads, network.products() * steps * rows);
  const Parallel parallel = crew.parallel();
  Runner<T> runner(network, parallel);
  Predictor<T> predictor(network);
  std::vector<T> state(states, states + rows * network.state_size()), hidden;
  const int64_t most = std::max<int64_t>(1, chunk_values / std::max<int64_t>(1, rows * V));
  for (int64_t first = 0; first < steps; first += most) {
    const int64_t here = std::min(most, steps - first), count = here * rows;
    hidden.resize(static_cast<size_t>(count * O));
    runner.resize(here, rows);
    runner.load(state.data());
    runner.run(tokens + first * rows, hidden.data(), nullptr);
    runner.store(state.data());
    if (targets) {
      predictor.targets(parallel, count, hidden.data(), targets + first * rows, y + first * rows);
    } else {
      predictor.all(parallel, count, hidden.data(), y + first * rows * V);
    }
  }
  std::copy(state.begin(), state.end(), ended);
}

}  // namespace gatework::runtime
