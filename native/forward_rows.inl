// What a forward run does with whole rows, whatever the number of gates: its memory, the states,
// the projection of inputs, and what follows the gates.
#pragma once

#include <cstring>

#include "activations.inl"
#include "int8.inl"
#include "kernels.h"
#include "moments.inl"
#include "panels.inl"
#include "products.inl"
#include "workers.h"

namespace gatework::GATEWORK_TARGET {

constexpr int64_t FORWARD_ROWS = 64;  // rows whose input projections are held at once

// Workspace that all threads share; each has a part of its own of what is numbered by share.
template <class T>
struct ForwardWorkspace {
  T *pre, *recurrent, *hidden, *masked, *cell, *normaliser, *stabiliser, *raw, *output, *read;
  int64_t *steps, *active;  // rows of x of a chunk; rows of the batch of a step
  Moments<T>* found;        // of those rows, layer norm
  Rounded<T>* rounded;
  uint8_t* rounded_bytes;
  int64_t rows, apart;  // rows that states have, and how many of them lie between two threads'
  Pair *input_pairs, *hidden_pairs;  // of bfloat16: of rows of x and of hidden states
  size_t bytes;

  ForwardWorkspace(const Forward<T>& f, void* block) {
    const Shape& s = f.shape;
    const int64_t padded = ceil_div(s.H, Vec<T>::lanes) * Vec<T>::lanes;
    const int64_t wide = padded * s.gates(), threads = f.parallel.threads;
    const int64_t outputs = larger(Columns<T>(s.P).padded(), padded);
    const bool late = s.projection || s.layer_norm;
    apart = ceil_div(APART, padded * static_cast<int64_t>(sizeof(T)));
    rows = s.B + (threads - 1) * apart;
    Arena arena(block);
    pre = arena.allocate<T>((threads * chunk_rows(s) + s.B) * wide);
    recurrent = arena.allocate<T>(s.layer_norm ? rows * wide : 0);
    hidden = arena.allocate<T>(2 * rows * outputs);
    masked = arena.allocate<T>(f.masks.hidden != nullptr ? rows * outputs : 0);
    cell = arena.allocate<T>(rows * padded);
    normaliser = arena.allocate<T>(s.exponential ? rows * padded : 0);
    stabiliser = arena.allocate<T>(s.exponential ? rows * padded : 0);
    raw = arena.allocate<T>(late ? rows * padded : 0);
    output = arena.allocate<T>(s.layer_norm ? rows * padded : 0);
    read = arena.allocate<T>(s.layer_norm ? rows * padded : 0);
    steps = arena.allocate<int64_t>(threads * row_slots(s));
    active = arena.allocate<int64_t>(threads * active_slots(s));
    found = arena.allocate<Moments<T>>(s.layer_norm ? threads * row_slots(s) : 0);
    const int64_t int8_rows = f.storage == Storage::int8 ? threads * row_slots(s) : 0;
    rounded = arena.allocate<Rounded<T>>(int8_rows);
    rounded_bytes = arena.allocate<uint8_t>(int8_rows * rounded_size(s));
    const int64_t pairing = f.storage == Storage::bfloat16 ? threads : 0;
    input_pairs = arena.allocate<Pair>(pairing * row_slots(s) * pairs(s.I));
    hidden_pairs = arena.allocate<Pair>(pairing * s.B * pairs(s.P));
    bytes = arena.bytes();
  }

  // Rows of a chunk of steps; that of a thread may have as many more as it has rows of the batch.
  static int64_t chunk_rows(const Shape& s) {
    return smaller(larger(s.T, int64_t(1)) * larger(s.B, int64_t(1)), FORWARD_ROWS);
  }
  static int64_t row_slots(const Shape& s) { return FORWARD_ROWS + s.B; }
  static int64_t active_slots(const Shape& s) { return ceil_div(s.B, int64_t(8)) * 8; }
  static int64_t rounded_size(const Shape& s) { return 8 * quads(larger(s.I, s.P)); }
};

// The rows of the batch and the panels that a thread has; the states of its first row lie in
// first_row of the workspace.
struct ForwardShare {
  int64_t number, first_slot, first_row, b0, b1, p0, p1;
};

template <class T>
class ForwardRows {
 protected:
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes;

  // The number of a share gives it room of its own in the workspace.
  ForwardRows(const Forward<T>& f, const ForwardWorkspace<T>& workspace, const ForwardShare& share)
      : f_(f),
        s_(f.shape),
        w_(f.shape, f.storage, f.packed),
        m_(workspace),
        b0_(share.b0),
        b1_(share.b1),
        p0_(share.p0),
        p1_(share.p1),
        wide_(w_.panels * w_.step),
        padded_(w_.panels * L),
        outputs_(larger(Columns<T>(s_.P).padded(), padded_)) {
    m_.pre += share.first_slot * wide_;
    m_.steps += share.number * m_.row_slots(s_);
    m_.active += share.number * m_.active_slots(s_);
    const int64_t skipped = share.first_row - share.b0;
    for (T** of : {&m_.hidden, &m_.masked}) *of += skipped * outputs_;
    for (T** of : {&m_.cell, &m_.normaliser, &m_.stabiliser, &m_.raw, &m_.output, &m_.read}) {
      *of += skipped * padded_;
    }
    m_.recurrent += skipped * wide_;
    if (s_.layer_norm) m_.found += share.number * m_.row_slots(s_);
    if (f.storage == Storage::int8) {
      m_.rounded += share.number * m_.row_slots(s_);
      m_.rounded_bytes += share.number * m_.row_slots(s_) * m_.rounded_size(s_);
    }
    if (f.storage == Storage::bfloat16) {
      m_.input_pairs += share.number * m_.row_slots(s_) * pairs(s_.I);
      m_.hidden_pairs += share.number * s_.B * pairs(s_.P);
    }
    stand_at(0);
  }

  // The states of step s lie in one of two places, by turns.
  void stand_at(int64_t s) {
    previous_ = m_.hidden + s % 2 * m_.rows * outputs_;
    next_ = m_.hidden + (s + 1) % 2 * m_.rows * outputs_;
  }

  int64_t time(int64_t s) const { return f_.reverse ? s_.T - 1 - s : s; }
  bool valid(int64_t t, int64_t b) const { return f_.lengths == nullptr || t < f_.lengths[b]; }

  void enter() {
    for (int64_t b = b0_; b < b1_; ++b) {
      copy_in(f_.c0, m_.cell, b, s_.H, padded_);
      if (s_.exponential) {
        copy_in(f_.n0, m_.normaliser, b, s_.H, padded_);
        copy_in(f_.m0, m_.stabiliser, b, s_.H, padded_);
      }
      copy_in(f_.h0, previous_, b, s_.P, outputs_);
      mask_hidden(b, previous_);
    }
  }

  void leave() {
    for (int64_t b = b0_; b < b1_; ++b) {
      std::memcpy(f_.h + b * s_.P, previous_ + b * outputs_, s_.P * sizeof(T));
      std::memcpy(f_.c + b * s_.H, m_.cell + b * padded_, s_.H * sizeof(T));
      if (!s_.exponential) continue;
      std::memcpy(f_.n + b * s_.H, m_.normaliser + b * padded_, s_.H * sizeof(T));
      std::memcpy(f_.m + b * s_.H, m_.stabiliser + b * padded_, s_.H * sizeof(T));
    }
  }

  // Pre-activations of the input for every valid row of steps [s, end), one slot after the other.
  void project_inputs(int64_t s, int64_t end) {
    int64_t count = 0;
    for (int64_t at = s; at < end; ++at) {
      const int64_t t = time(at);
      for (int64_t b = b0_; b < b1_; ++b) {
        if (valid(t, b)) m_.steps[count++] = t * s_.B + b;
      }
    }
    if (f_.table != nullptr) return look_up_inputs(count);
    multiply_inputs(count, s_.layer_norm ? nullptr : w_.bias);
    if (!s_.layer_norm) return;
    find_moments(m_.pre, count, m_.steps, f_.saved.input_rstd);
    for (int64_t slot = 0; slot < count; ++slot) {
      T* row = m_.pre + slot * wide_;
      T* hats = f_.saved.input_hat;
      if (hats != nullptr) hats += m_.steps[slot] * w_.K * s_.H;
      normalise(row, m_.found[slot], s_.H, w_.K, w_.input_gain, w_.bias, row, hats);
    }
  }

  // Those of the gates of rows that follow each other, all before any is made use of: so the sums
  // of one row need not wait for those of another. rstds[index] is kept where it is not null.
  void find_moments(const T* rows, int64_t count, const int64_t* index, T* rstds) const {
    for (int64_t r = 0; r < count; ++r) {
      m_.found[r] = moments(rows + r * wide_, s_.H, w_.K);
      if (rstds != nullptr) rstds[index[r]] = m_.found[r].rstd;
    }
  }

  // The valid rows of step t, into m_.active; returns how many they are.
  int64_t list_active(int64_t t) {
    int64_t count = 0;
    for (int64_t b = b0_; b < b1_; ++b) {
      if (valid(t, b)) m_.active[count++] = b;
    }
    return count;
  }

  // The hidden states that the active rows read.
  Rows<const T> hidden() const {
    return {f_.masks.hidden != nullptr ? m_.masked : previous_, outputs_, m_.active};
  }

  // m_.rounded from rows.
  void round_rows(const Rows<const T>& rows, int64_t count, int64_t width) {
    if constexpr (HAS_INT8<T>) {
      const int64_t size = m_.rounded_size(s_);
      for (int64_t r = 0; r < count; ++r) {
        uint8_t* place = m_.rounded_bytes + r * size;
        m_.rounded[r] = {place, place + size / 2, T(0)};
        Int8Product<V>::round(rows[r], width, m_.rounded[r]);
      }
    }
  }

  // Rows rounded to bfloat16, one behind the other.
  Rows<const Pair> in_pairs(const Rows<const T>& rows, int64_t count, int64_t width,
                            Pair* to) const {
    if constexpr (HAS_BFLOAT16<T>) {
      for (int64_t r = 0; r < count; ++r) {
        Pairs<V>::round(rows[r], width, to + r * pairs(width));
      }
    }
    return {to, pairs(width)};
  }

  // The sums of R h alone, before their layer norm, a row after the other.
  void multiply_recurrent(int64_t count, T* out) {
    if (f_.storage == Storage::int8) {
      return multiply_int8(count, s_.P, w_.recurrent, w_.recurrent_scale, w_.recurrent_offset,
                           nullptr, out);
    }
    multiply_rows(hidden(), count, s_.P, w_.recurrent, w_.recurrent_scale, m_.hidden_pairs, nullptr,
                  out);
  }

  // What needs whole rows: cell norm, projection, zoneout of the hidden state, padding.
  void finish(int64_t t, int64_t count) {
    if (s_.layer_norm) {
      for (int64_t row = 0; row < count; ++row) {
        m_.found[row] = moments(m_.read + m_.active[row] * padded_, s_.H, 1);
      }
      for (int64_t row = 0; row < count; ++row) read_normed(m_.active[row], m_.found[row]);
    }
    if (s_.projection) {
      const Columns<T> columns(s_.P);
      multiply_columns<T>({m_.raw, padded_, m_.active}, count, 0,
                          weight(w_.projection, w_.projection_scale, columns.width, s_.H), nullptr,
                          columns, {next_, outputs_, m_.active});
    }
    int64_t row = 0;
    for (int64_t b = b0_; b < b1_; ++b) {
      const int64_t index = t * s_.B + b;
      if (row < count && m_.active[row] == b) {
        ++row;
        zone_hidden(b, index);
        std::memcpy(f_.y + index * s_.P, next_ + b * outputs_, s_.P * sizeof(T));
      } else {
        stand_still(b, index);
      }
      mask_hidden(b, next_);
    }
  }

  void swap_hidden() {
    T* swap = previous_;
    previous_ = next_;
    next_ = swap;
  }

 private:
  // Of what is multiplied as floats; where the storage is int8 it is kept in plain bytes, and where
  // it is bfloat16 as it is.
  Weight<T> weight(const void* values, const T* scale, int64_t width, int64_t count) const {
    const Storage kept = f_.storage == Storage::bfloat16 ? Storage::same : f_.storage;
    return {values, kept, scale, width, count};
  }

  void copy_in(const T* from, T* to, int64_t b, int64_t count, int64_t stride) const {
    std::memcpy(to + b * stride, from + b * count, count * sizeof(T));
    std::memset(to + b * stride + count, 0, (stride - count) * sizeof(T));
  }

  void mask_hidden(int64_t b, const T* hidden) const {
    if (f_.masks.hidden == nullptr) return;
    const T* mask = f_.masks.hidden + b * s_.P;
    for (int64_t j = 0; j < s_.P; ++j) {
      m_.masked[b * outputs_ + j] = hidden[b * outputs_ + j] * mask[j];
    }
  }

  void look_up_inputs(int64_t count) {
    for (int64_t slot = 0; slot < count; ++slot) {
      // Threads that share the panels also share the row, each its own part of it.
      const T* row = f_.table + f_.tokens[m_.steps[slot]] * wide_;
      std::memcpy(m_.pre + slot * wide_ + p0_ * w_.step, row + p0_ * w_.step,
                  (p1_ - p0_) * w_.step * sizeof(T));
    }
  }

  void multiply_inputs(int64_t count, const T* bias) {
    const Rows<const T> rows{f_.x, s_.I, m_.steps};
    if (f_.storage == Storage::int8 && s_.hidden_input) {
      round_rows(rows, count, s_.I);
      multiply_int8(count, s_.I, w_.input, w_.input_scale, w_.input_offset, bias, m_.pre);
      return;
    }
    multiply_rows(rows, count, s_.I, w_.input, w_.input_scale, m_.input_pairs, bias, m_.pre);
  }

  // Rows times the panels of this thread, in floats or bfloat16.
  void multiply_rows(const Rows<const T>& rows, int64_t count, int64_t width, const void* values,
                     const T* scale, Pair* room, const T* bias, T* out) {
    const Rows<T> to{out, wide_};
    if constexpr (HAS_BFLOAT16<T>) {
      if (f_.storage == Storage::bfloat16) {
        const Weight<T> paired{values, f_.storage, nullptr, w_.K, pairs(width)};
        return multiply_panels(in_pairs(rows, count, width, room), count, int64_t(0), paired, bias,
                               p0_, p1_, to, wide_);
      }
    }
    multiply_panels(rows, count, int64_t(0), weight(values, scale, w_.K, width), bias, p0_, p1_, to,
                    wide_);
  }

  void multiply_int8(int64_t count, int64_t width, const void* values, const T* scale,
                     const int32_t* offset, const T* bias, T* out) {
    if constexpr (HAS_INT8<T>) {
      multiply_int8_gates(w_.K, m_.rounded, count, width, static_cast<const int8_t*>(values), scale,
                          offset, bias, out, wide_, p0_, p1_);
    }
  }

  void read_normed(int64_t b, const Moments<T>& found) {
    const T* read = m_.read + b * padded_;
    T* to = s_.projection ? m_.raw + b * padded_ : next_ + b * outputs_;
    for (int64_t p = 0; p < w_.panels; ++p) {
      const V hat = normalised(V::load(read + p * L), found);
      const V shown = V::fma(hat, V::load(w_.cell_gain + p * L), V::load(w_.cell_shift + p * L));
      const V o = V::load(m_.output + b * padded_ + p * L);
      (o * (s_.exponential ? shown : tanh_of(shown))).store(to + p * L);
    }
  }

  void zone_hidden(int64_t b, int64_t index) {
    if (f_.masks.zoneout_hidden == nullptr && f_.masks.zoneout_hidden_rate == 0) return;
    const T* old = previous_ + b * outputs_;
    T* now = next_ + b * outputs_;
    for (int64_t j = 0; j < s_.P; ++j) {
      const T rate = f_.masks.zoneout_hidden == nullptr ? f_.masks.zoneout_hidden_rate
                                                        : f_.masks.zoneout_hidden[index * s_.P + j];
      now[j] = rate * old[j] + (1 - rate) * now[j];
    }
  }

  // Padding: the state stays, the output is zero, and what is saved is zero but for the state.
  void stand_still(int64_t b, int64_t index) {
    std::memcpy(next_ + b * outputs_, previous_ + b * outputs_, outputs_ * sizeof(T));
    std::memset(f_.y + index * s_.P, 0, s_.P * sizeof(T));
    const Saved<T>& saved = f_.saved;
    clear(saved.gates, index, 4 * s_.H);
    clear(saved.forget_rest, index, s_.H);
    clear(saved.input_hat, index, w_.K * s_.H);
    clear(saved.hidden_hat, index, w_.K * s_.H);
    clear(saved.input_rstd, index, 1);
    clear(saved.hidden_rstd, index, 1);
    keep(saved.cells, index, m_.cell, b);
    keep(saved.normalisers, index, m_.normaliser, b);
    keep(saved.stabilisers, index, m_.stabiliser, b);
  }

  static void clear(T* rows, int64_t index, int64_t count) {
    if (rows != nullptr) std::memset(rows + index * count, 0, count * sizeof(T));
  }

  void keep(T* rows, int64_t index, const T* state, int64_t b) const {
    if (rows != nullptr) std::memcpy(rows + index * s_.H, state + b * padded_, s_.H * sizeof(T));
  }

 protected:
  const Forward<T>& f_;
  const Shape& s_;
  const Packed<T> w_;
  ForwardWorkspace<T> m_;
  const int64_t b0_, b1_, p0_, p1_;
  const int64_t wide_, padded_, outputs_;
  T *previous_, *next_;
};

}  // namespace gatework::GATEWORK_TARGET
