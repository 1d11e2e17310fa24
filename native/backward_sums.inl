// Gradients of inputs and weights, from those of a chunk's pre-activations: sums over its slots,
// added up in panels and unpacked when the run ends.

#pragma once

#include "backward_norms.inl"
#include "backward_workspace.inl"
#include "products.inl"

namespace gatework::GATEWORK_TARGET {

template <class T>
class BackwardSums {
  using Workspace = BackwardWorkspace<T>;
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes;

 public:
  BackwardSums(const Workspace& workspace, const BackwardNorms<T>& norms)
      : m_(workspace), s_(workspace.s), K(workspace.K), step(workspace.step), norms_(norms) {}

  void enter() const {
    for (int64_t slot = 0; slot < m_.slots; ++slot) m_.in_order[slot] = slot;
    m_.zero(m_.sum_ih, m_.wide * s_.I);
    m_.zero(m_.sum_hh, m_.wide * s_.P);
    m_.zero(m_.sum_bias, m_.wide);
    if (s_.projection) m_.zero(m_.sum_hr, m_.cells.padded() * s_.P);
    if (s_.peephole) m_.zero(m_.sum_peephole, m_.panels * (K - 1) * L);
    if (m_.run.dx != nullptr && m_.run.lengths != nullptr) {
      m_.zero(m_.run.dx, s_.T * s_.B * s_.I);
    }
  }

  // A weight of gates for multiply_back: its panels first to last.
  void pack(int64_t columns, const T* weight, void* to, int64_t first, int64_t last) const {
    if constexpr (HAS_BFLOAT16<T>) {
      if (m_.paired) {
        return pack_column_pairs(s_, columns, weight, static_cast<Pair*>(to), first, last);
      }
    }
    pack_columns(s_.gates() * s_.H, columns, weight, static_cast<T*>(to), s_.H, K, first, last);
  }

  // Rooms that follow the first one, or those that index names.
  struct Rooms {
    int64_t first, count;
    const int64_t* index = nullptr;
  };

  // out[row] = gradients of pre-activations times a weight, for some rooms.
  void multiply_back(const T* delta, const Pair* cells, const Rooms& rooms, const void* weight,
                     const Columns<T>& columns, Rows<T> out) const {
    if constexpr (HAS_BFLOAT16<T>) {
      const int64_t half = step / 2;
      if (m_.paired) {
        return multiply_columns<T, Pair>(
            {cells + rooms.first * half, half, rooms.index}, rooms.count, m_.slots * half,
            {weight, Storage::bfloat16, nullptr, columns.width, half, m_.panels}, nullptr, columns,
            out);
      }
    }
    multiply_columns<T>(
        {delta + rooms.first * step, step, rooms.index}, rooms.count, m_.slots * step,
        {weight, Storage::same, nullptr, columns.width, step, m_.panels}, nullptr, columns, out);
  }

  // Of bfloat16: gradients of some rooms, in pairs of cells.
  void pair_cells(const int64_t* rooms, int64_t count) const {
    if constexpr (HAS_BFLOAT16<T>) {
      for (int64_t p = 0; m_.paired && p < m_.panels; ++p) {
        for (int64_t a = 0; a < count; ++a) {
          const int64_t at = (p * m_.slots + rooms[a]) * step;
          Pairs<V>::round(m_.delta_hidden + at, step, m_.hidden_cells + at / 2);
          if (!s_.layer_norm) continue;
          Pairs<V>::round(m_.delta_input + at, step, m_.input_cells + at / 2);
        }
      }
    }
  }

  // One share of the same in pairs of slots, and of what their gradients are multiplied with.
  void pair_slots(int64_t first, int64_t last, int64_t shares) const {
    if constexpr (HAS_BFLOAT16<T>) {
      const int64_t count = pairs(m_.used);
      for (int64_t i = count * first / shares; i < count * last / shares; ++i) {
        const bool two = 2 * i + 1 < m_.used;
        m_.x_pairs[i] = m_.x_room(i), m_.h_pairs[i] = m_.h_room(i);
        const auto pair = [two](const T* one, const T* other, int64_t width, Pair* to) {
          for (int64_t j = 0; j < width; j += L) {
            const int n = static_cast<int>(smaller(L, width - j));
            const V second = two ? V::load(other + j, n) : V::zero();
            Pairs<V>::of(V::load(one + j, n), second).store(to + j);
          }
        };
        pair(m_.x_rows[2 * i], two ? m_.x_rows[2 * i + 1] : nullptr, s_.I, m_.x_room(i));
        pair(m_.h_rows[2 * i], two ? m_.h_rows[2 * i + 1] : nullptr, s_.P, m_.h_room(i));
        for (int64_t p = 0; p < m_.panels; ++p) {
          const int64_t one = (p * m_.slots + m_.room_of[2 * i]) * step;
          const int64_t other = two ? (p * m_.slots + m_.room_of[2 * i + 1]) * step : one;
          const int64_t to = (p * pairs(m_.slots) + i) * step;
          pair(m_.delta_hidden + one, m_.delta_hidden + other, step, m_.hidden_slots + to);
          if (!s_.layer_norm) continue;
          pair(m_.delta_input + one, m_.delta_input + other, step, m_.input_slots + to);
        }
      }
    }
  }

  // One share of what a chunk adds.
  void add_chunk(int64_t first, int64_t last, int64_t shares) const {
    const Backward<T>& run = m_.run;
    if (run.dx != nullptr) {
      const int64_t begin = m_.used * first / shares, rows = m_.used * last / shares - begin;
      multiply_back(m_.delta_input, m_.input_cells, {begin, rows}, m_.back_x, m_.inputs,
                    {run.dx, s_.I, m_.row_of + begin});
    }
    // Panels are shared out; where they are few, the rows of each as well.
    for (int64_t item = m_.panels * first; item < m_.panels * last;) {
      const int64_t p = item / shares, end = smaller((p + 1) * shares, m_.panels * last);
      const int64_t from = item - p * shares, to = end - p * shares;
      const auto rows = [&](int64_t count, int64_t at) { return count * at / shares; };
      if (run.dweight_ih != nullptr) {
        add_weight(p, m_.x_rows, m_.x_pairs, rows(s_.I, from), rows(s_.I, to), m_.delta_input,
                   m_.input_slots, m_.sum_ih + p * s_.I * step);
      }
      if (run.dweight_hh != nullptr) {
        add_weight(p, m_.h_rows, m_.h_pairs, rows(s_.P, from), rows(s_.P, to), m_.delta_hidden,
                   m_.hidden_slots, m_.sum_hh + p * s_.P * step);
      }
      if (from == 0) add_cells(p);
      item = end;
    }
    if (s_.projection && run.dweight_hr != nullptr) add_projection(first, last, shares);
  }

  // One share of the gradients of weights.
  void leave(int64_t first, int64_t last, int64_t shares) const {
    const Backward<T>& run = m_.run;
    const int64_t p0 = m_.panels * first / shares, p1 = m_.panels * last / shares;
    if (run.dweight_ih != nullptr) unpack_gates(m_.sum_ih, s_.I, run.dweight_ih, p0, p1);
    if (run.dweight_hh != nullptr) unpack_gates(m_.sum_hh, s_.P, run.dweight_hh, p0, p1);
    if (first != 0) return;
    if (run.dbias != nullptr) unpack_cells(s_, K, m_.sum_bias, run.dbias);
    if (run.dpeephole != nullptr) unpack_cells(s_, K - 1, m_.sum_peephole, run.dpeephole);
    if (run.dweight_hr == nullptr) return;
    const int64_t wide = m_.cells.width * L;
    for (int64_t r = 0; r < s_.P; ++r) {
      for (int64_t j = 0; j < s_.H; ++j) {
        run.dweight_hr[r * s_.H + j] = m_.sum_hr[((j / wide) * s_.P + r) * wide + j % wide];
      }
    }
  }

 private:
  // Adds to rows from to to of the gradient of a weight what the slots give to panel p.
  void add_weight(int64_t p, const T* const* rows, const Pair* const* in_pairs, int64_t from,
                  int64_t to, const T* delta, const Pair* slots, T* sums) const {
    if constexpr (HAS_BFLOAT16<T>) {
      if (m_.paired) {
        return accumulate_rows(K, in_pairs, from, to, slots + p * pairs(m_.slots) * step, step,
                               m_.in_order, pairs(m_.used), sums);
      }
    }
    accumulate_rows(K, rows, from, to, delta + p * m_.slots * step, step, m_.room_of, m_.used,
                    sums);
  }

  void add_cells(int64_t p) const {
    with_count<4>(K, [&](auto gates) {
      constexpr int G = decltype(gates)::value;
      const T* deltas = m_.delta + p * m_.slots * step;
      V sums[G];
      for (int g = 0; g < G; ++g) sums[g] = V::zero();
      for (int64_t n = 0; n < m_.used; ++n) {
        const T* delta = deltas + m_.room_of[n] * G * L;
        for (int g = 0; g < G; ++g) sums[g] = sums[g] + V::load(delta + g * L);
      }
      for (int g = 0; g < G; ++g) add(sums[g], m_.sum_bias + p * step + g * L);
    });
    if (s_.peephole) add_peephole(p);
    if (s_.layer_norm) norms_.sum_gains(p);
  }

  void add_peephole(int64_t p) const {
    const int n = m_.lanes(p);
    V sums[3];
    for (int g = 0; g < K - 1; ++g) sums[g] = V::zero();
    for (int64_t slot = 0; slot < m_.used; ++slot) {
      const T* delta = m_.delta + (p * m_.slots + m_.room_of[slot]) * step;
      const V old = m_.some(m_.c_rows[slot] + p * L, n);
      sums[0] = V::fma(V::load(delta), old, sums[0]);
      if (K == 4) sums[1] = V::fma(V::load(delta + L), old, sums[1]);
      const V now = V::load(m_.new_cells + slot * m_.padded + p * L);
      sums[K - 2] = V::fma(V::load(delta + (K - 1) * L), now, sums[K - 2]);
    }
    for (int g = 0; g < K - 1; ++g) add(sums[g], m_.sum_peephole + (p * (K - 1) + g) * L);
  }

  void add_projection(int64_t first, int64_t last, int64_t shares) const {
    const int64_t wide = m_.cells.width * L;
    const int64_t from = s_.P * first / shares, to = s_.P * last / shares;
    for (int64_t q = 0; q < m_.cells.panels; ++q) {
      accumulate_rows<T>(m_.cells.width, m_.p_rows, from, to, m_.shown + q * wide,
                         m_.cells.padded(), m_.in_order, m_.used, m_.sum_hr + q * s_.P * wide);
    }
  }

  // [panel][column][gate][lane] to (K*H, columns).
  void unpack_gates(const T* sums, int64_t columns, T* out, int64_t p0, int64_t p1) const {
    for (int64_t p = p0; p < p1; ++p) {
      for (int64_t g = 0; g < K; ++g) {
        turn(sums + p * columns * step + g * L, step, columns, static_cast<int64_t>(m_.lanes(p)),
             out + (g * s_.H + p * L) * columns, columns);
      }
    }
  }

  const Workspace& m_;
  const Shape& s_;
  const int64_t K, step;
  const BackwardNorms<T>& norms_;
};

}  // namespace gatework::GATEWORK_TARGET
