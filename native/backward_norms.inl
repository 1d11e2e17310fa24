// Layer norm in a backward run: of the gates, of the cell on its way out, and of their gains.

#pragma once

#include "activations.inl"
#include "backward_workspace.inl"
#include "moments.inl"
#include "products.inl"

namespace gatework::GATEWORK_TARGET {

template <class T>
class BackwardNorms {
  using Workspace = BackwardWorkspace<T>;
  using Row = typename Workspace::Row;
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes;

 public:
  explicit BackwardNorms(const Workspace& workspace)
      : m_(workspace), s_(workspace.s), K(workspace.K), step(workspace.step) {}

  void enter() const {
    pack_cells(s_, K, m_.run.weights.input_gain, m_.input_gain);
    pack_cells(s_, K, m_.run.weights.recurrent_gain, m_.recurrent_gain);
    pack_cells(s_, 1, m_.run.weights.cell_gain, m_.cell_gain);
    pack_cells(s_, 1, m_.run.weights.cell_shift, m_.cell_shift);
    m_.zero(m_.sum_input_gain, m_.wide);
    m_.zero(m_.sum_recurrent_gain, m_.wide);
    m_.zero(m_.sum_cell_gain, m_.padded);
    m_.zero(m_.sum_cell_shift, m_.padded);
  }

  void leave() const {
    const Backward<T>& run = m_.run;
    if (run.dinput_gain != nullptr) unpack_cells(s_, K, m_.sum_input_gain, run.dinput_gain);
    if (run.drecurrent_gain != nullptr) {
      unpack_cells(s_, K, m_.sum_recurrent_gain, run.drecurrent_gain);
    }
    if (run.dcell_gain != nullptr) unpack_cells(s_, 1, m_.sum_cell_gain, run.dcell_gain);
    if (run.dcell_shift != nullptr) unpack_cells(s_, 1, m_.sum_cell_shift, run.dcell_shift);
  }

  // Each of the following does a part of the work for all rows of a step, one after the other, so
  // that the sums of one row need not wait for those of another. What a later one reads of the
  // saved values is asked for before: with the eight more that a norm saves for each cell, they lie
  // beyond the second cache.

  // Layer norm of the cell on its way out: what it reads, and the moments of that.
  void read_cell(const Row& row) const {
    T* read = m_.read + row.place * m_.padded;
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int n = m_.lanes(p);
      for (int64_t g = 0; g < 4; ++g) GATEWORK_PREFETCH(row.gates + g * s_.H + p * L);
      V value = m_.new_cell(row, p, n);
      if (s_.exponential) value = value / m_.some(row.normalisers + p * L, n);
      if (n < L) V::zero().store(read + p * L);
      save(read + p * L, value, n);
    }
    m_.found[row.place] = moments(read, s_.H, 1);
  }

  // The gradients of o and of the gain, and what runs over all cells of a row.
  void sum_read(const Row& row) const {
    const Moments<T> found = m_.found[row.place];
    T* read = m_.read + row.place * m_.padded;
    T* norm = m_.delta_norm + row.room * m_.padded;
    V total = V::zero(), product = V::zero();
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int64_t at = p * L;
      const V gain = V::load(m_.cell_gain + at);
      const V hat = normalised(V::load(read + at), found);
      V shown = V::fma(hat, gain, V::load(m_.cell_shift + at));
      const V dh = V::load(row.dh + at), o = m_.some(row.gates + 3 * s_.H + at, m_.lanes(p));
      V d = dh * o;
      if (!s_.exponential) {
        shown = tanh_of(shown);
        d = d * V::fnma(shown, shown, V::set(1));
      }
      (dh * shown).store(m_.delta_out + row.place * m_.padded + at);
      if (s_.projection) (o * shown).store(m_.shown + row.slot * m_.cells.padded() + at);
      hat.store(m_.cell_hat + row.room * m_.padded + at);
      d.store(norm + at);
      const V d_hat = d * gain;  // zero behind the last cell, where the gain is
      total = total + d_hat;
      product = V::fma(d_hat, hat, product);
    }
    const T count = static_cast<T>(s_.H);
    m_.norm_shares[row.place].read = {total.sum() / count, product.sum() / count};
  }

  // The gradient of what was read.
  void back_through_read(const Row& row) const {
    const Without without(m_.norm_shares[row.place].read, m_.found[row.place].rstd);
    const T *hats = m_.cell_hat + row.room * m_.padded, *gain = m_.cell_gain;
    const T* norm = m_.delta_norm + row.room * m_.padded;
    T* delta = m_.delta_read + row.place * m_.padded;
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int64_t at = p * L;
      const V d = without(V::load(norm + at) * V::load(gain + at), V::load(hats + at));
      if (m_.lanes(p) < L) V::zero().store(delta + at);
      save(delta + at, d, m_.lanes(p));
    }
  }

  // Asks for what the following reads of a panel.
  void ask_for_gates(const Row& row, int64_t p) const {
    const int64_t at = m_.index(row.t, row.b) * K * s_.H + p * L;
    for (int64_t g = 0; g < K; ++g) {
      GATEWORK_PREFETCH(m_.saved().input_hat + at + g * s_.H);
      GATEWORK_PREFETCH(m_.saved().hidden_hat + at + g * s_.H);
    }
  }

  // Layer norm of W x and of R h: what runs over all gates of a row.
  void sum_gates(const Row& row) const {
    V totals[2] = {V::zero(), V::zero()}, products[2] = {V::zero(), V::zero()};
    each_gate(row, [&](int64_t, V d_input, V input, V d_hidden, V hidden) {
      totals[0] = totals[0] + d_input;
      products[0] = V::fma(d_input, input, products[0]);
      totals[1] = totals[1] + d_hidden;
      products[1] = V::fma(d_hidden, hidden, products[1]);
    });
    const T count = static_cast<T>(K * s_.H);
    m_.norm_shares[row.place].input = {totals[0].sum() / count, products[0].sum() / count};
    m_.norm_shares[row.place].hidden = {totals[1].sum() / count, products[1].sum() / count};
  }

  // From the pre-activations' gradients to those of W x and R h.
  void back_through_gates(const Row& row) const {
    const auto& shares = m_.norm_shares[row.place];
    const int64_t index = m_.index(row.t, row.b);
    const Without input(shares.input, m_.saved().input_rstd[index]);
    const Without hidden(shares.hidden, m_.saved().hidden_rstd[index]);
    T *to_input = m_.delta_input, *to_hidden = m_.delta_hidden;
    each_gate(row, [=](int64_t at, V d_input, V input_hat, V d_hidden, V hidden_hat) {
      input(d_input, input_hat).store(to_input + at);
      hidden(d_hidden, hidden_hat).store(to_hidden + at);
    });
  }

  void sum_gains(int64_t p) const {
    with_count<4>(K, [&](auto gates) { sum_gains_of<decltype(gates)::value>(p); });
  }

 private:
  using Share = typename Workspace::NormShare;

  // Through (a - mean(a)) / std(a), from the gradient of that and its shares.
  struct Without {
    V mean, slope, rstd;
    Without(const Share& share, T scale)
        : mean(V::set(share.mean)), slope(V::set(share.slope)), rstd(V::set(scale)) {}
    V operator()(V d, V hat) const { return V::fnma(hat, slope, d - mean) * rstd; }
  };

  // Calls f(at, d W x normalised, W x normalised, d R h normalised, R h normalised) for each vector
  // of gates of a row; at: its place among the gradients.
  template <class F>
  void each_gate(const Row& row, F&& f) const {
    if (K == 4) return each_gate_of<4>(row, f);
    each_gate_of<3>(row, f);
  }

  // Whatever it reads from is a local variable: a vector that is written might be any other.
  template <int G, class F>
  void each_gate_of(const Row& row, F& f) const {
    const int64_t H = s_.H, whole = H / L, stride = m_.slots * G * L;
    const int64_t index = m_.index(row.t, row.b) * G * H;
    const T *inputs = m_.saved().input_hat + index, *hiddens = m_.saved().hidden_hat + index;
    const T *deltas = m_.delta, *input_gain = m_.input_gain, *recurrent_gain = m_.recurrent_gain;
    int64_t at = row.room * G * L;
    for (int64_t p = 0; p < ceil_div(H, L); ++p, at += stride - G * L) {
      const int n = static_cast<int>(p < whole ? L : H - p * L);
      for (int64_t g = 0; g < G; ++g, at += L) {
        const V delta = V::load(deltas + at);
        const int64_t gain = (p * G + g) * L, hat = g * H + p * L;
        f(at, delta * V::load(input_gain + gain), m_.some(inputs + hat, n),
          delta * V::load(recurrent_gain + gain), m_.some(hiddens + hat, n));
      }
    }
  }

  template <int G>
  void sum_gains_of(int64_t p) const {
    const int n = m_.lanes(p);
    const Saved<T, const T*> saved = m_.saved();
    V input[G], recurrent[G], gain = V::zero(), shift = V::zero();
    for (int g = 0; g < G; ++g) input[g] = recurrent[g] = V::zero();
    for (int64_t i = 0; i < m_.chunk_steps * s_.B; ++i) {
      if (m_.slot_of[i] < 0) continue;
      const int64_t room = m_.room_of[m_.slot_of[i]];
      const int64_t at = m_.index(m_.chunk_begin, 0) + i;
      for (int64_t g = 0; g < G; ++g) {
        const V delta = V::load(m_.delta + (p * m_.slots + room) * step + g * L);
        const int64_t hat = (at * G + g) * s_.H + p * L;
        input[g] = V::fma(delta, m_.some(saved.input_hat + hat, n), input[g]);
        recurrent[g] = V::fma(delta, m_.some(saved.hidden_hat + hat, n), recurrent[g]);
      }
      const V d = V::load(m_.delta_norm + room * m_.padded + p * L);
      gain = V::fma(d, V::load(m_.cell_hat + room * m_.padded + p * L), gain);
      shift = shift + d;
    }
    for (int64_t g = 0; g < G; ++g) {
      add(input[g], m_.sum_input_gain + p * step + g * L);
      add(recurrent[g], m_.sum_recurrent_gain + p * step + g * L);
    }
    add(gain, m_.sum_cell_gain + p * L);
    add(shift, m_.sum_cell_shift + p * L);
  }

  const Workspace& m_;
  const Shape& s_;
  const int64_t K, step;
};

}  // namespace gatework::GATEWORK_TARGET
