// Layer norm in a backward run: of the gates, of the cell on its way out, and of their gains.

#pragma once

#include "activations.inl"
#include "backward_workspace.inl"
#include "moments.inl"

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

  // Layer norm of the cell on its way out: leaves the gradients of what was read and of o.
  void back_through_read(const Row& row) const {
    T* read = m_.read + row.b * m_.padded;
    T* delta = m_.delta_read + row.b * m_.padded;
    T* hats = m_.cell_hat + row.slot * m_.padded;
    T* norm = m_.delta_norm + row.slot * m_.padded;
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int n = m_.lanes(p);
      V value = m_.new_cell(row, p, n);
      if (s_.exponential) value = value / m_.some(row.normalisers + p * L, n);
      if (n < L) V::zero().store(read + p * L);
      value.store(read + p * L, n);
    }
    const Moments<T> found = moments(read, s_.H, 1);
    V total = V::zero(), product = V::zero();
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int64_t at = p * L;
      const V gain = V::load(m_.cell_gain + at);
      const V hat = (V::load(read + at) - V::set(found.mean)) * V::set(found.rstd);
      V shown = V::fma(hat, gain, V::load(m_.cell_shift + at));
      const V dh = V::load(row.dh + at), o = m_.some(row.gates + 3 * s_.H + at, m_.lanes(p));
      V d = dh * o;
      if (!s_.exponential) {
        shown = tanh_of(shown);
        d = d * V::fnma(shown, shown, V::set(1));
      }
      (dh * shown).store(m_.delta_out + row.b * m_.padded + at);
      if (s_.projection) (o * shown).store(m_.shown + row.slot * m_.cells.padded() + at);
      hat.store(hats + at);
      d.store(norm + at);
      const V d_hat = d * gain;  // zero behind the last cell, where the gain is
      d_hat.store(delta + at);
      total = total + d_hat;
      product = V::fma(d_hat, hat, product);
    }
    const T count = static_cast<T>(s_.H);
    const V mean = V::set(total.sum() / count), slope = V::set(product.sum() / count);
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int64_t at = p * L;
      const V d = V::fnma(V::load(hats + at), slope, V::load(delta + at) - mean);
      if (m_.lanes(p) < L) V::zero().store(delta + at);
      (d * V::set(found.rstd)).store(delta + at, m_.lanes(p));
    }
  }

  // From the pre-activations' gradients to those of W x and R h, each with a norm of its own.
  void back_through_gates(const Row& row) const {
    const int64_t at = m_.index(row.t, row.b);
    const Saved<T, const T*> saved = m_.saved();
    back_through_norm(row.slot, m_.input_gain, saved.input_hat + at * K * s_.H,
                      saved.input_rstd[at], m_.delta_input);
    back_through_norm(row.slot, m_.recurrent_gain, saved.hidden_hat + at * K * s_.H,
                      saved.hidden_rstd[at], m_.delta_hidden);
  }

  void sum_gains(int64_t p) const {
    const int n = m_.lanes(p);
    const Saved<T, const T*> saved = m_.saved();
    V input[4], recurrent[4], gain = V::zero(), shift = V::zero();
    for (int g = 0; g < K; ++g) input[g] = recurrent[g] = V::zero();
    for (int64_t i = 0; i < m_.chunk_steps * s_.B; ++i) {
      const int64_t slot = m_.slot_of[i];
      if (slot < 0) continue;
      const int64_t at = m_.index(m_.chunk_begin, 0) + i;
      for (int64_t g = 0; g < K; ++g) {
        const V delta = V::load(m_.delta + (p * m_.slots + slot) * step + g * L);
        const int64_t hat = (at * K + g) * s_.H + p * L;
        input[g] = V::fma(delta, m_.some(saved.input_hat + hat, n), input[g]);
        recurrent[g] = V::fma(delta, m_.some(saved.hidden_hat + hat, n), recurrent[g]);
      }
      const V d = V::load(m_.delta_norm + slot * m_.padded + p * L);
      gain = V::fma(d, V::load(m_.cell_hat + slot * m_.padded + p * L), gain);
      shift = shift + d;
    }
    for (int64_t g = 0; g < K; ++g) {
      add(input[g], m_.sum_input_gain + p * step + g * L);
      add(recurrent[g], m_.sum_recurrent_gain + p * step + g * L);
    }
    add(gain, m_.sum_cell_gain + p * L);
    add(shift, m_.sum_cell_shift + p * L);
  }

 private:
  // Through gain * (a - mean(a)) / std(a) over all gates of a row.
  void back_through_norm(int64_t slot, const T* gain, const T* hats, T rstd, T* to) const {
    V total = V::zero(), product = V::zero();
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int n = m_.lanes(p);
      for (int64_t g = 0; g < K; ++g) {
        const V d = V::load(m_.delta + (p * m_.slots + slot) * step + g * L) *
                    V::load(gain + p * step + g * L);
        total = total + d;
        product = V::fma(d, m_.some(hats + g * s_.H + p * L, n), product);
      }
    }
    const T count = static_cast<T>(K * s_.H);
    const V mean = V::set(total.sum() / count), slope = V::set(product.sum() / count);
    for (int64_t p = 0; p < m_.panels; ++p) {
      const int n = m_.lanes(p);
      for (int64_t g = 0; g < K; ++g) {
        const int64_t at = (p * m_.slots + slot) * step + g * L;
        const V d = V::load(m_.delta + at) * V::load(gain + p * step + g * L);
        const V hat = m_.some(hats + g * s_.H + p * L, n);
        (V::fnma(hat, slope, d - mean) * V::set(rstd)).store(to + at);
      }
    }
  }

  const Workspace& m_;
  const Shape& s_;
  const int64_t K, step;
};

}  // namespace gatework::GATEWORK_TARGET
