// The backward run of one instruction set and precision, in chunks of steps from the last to the
// first. In a chunk each thread goes back through time for its rows of the batch and leaves the
// gradients of the pre-activations; then all threads together turn those into gradients of inputs
// and weights.

#include GATEWORK_SIMD

#include "activations.inl"
#include "backward_norms.inl"
#include "backward_sums.inl"
#include "backward_workspace.inl"
#include "products.inl"
#include "target.inl"
#include "workers.h"

namespace gatework::GATEWORK_TARGET {

template <class T>
class BackwardRun {
  using Workspace = BackwardWorkspace<T>;
  using Row = typename Workspace::Row;
  using Step = typename Workspace::Step;
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes;

 public:
  explicit BackwardRun(const Backward<T>& b)
      : b_(b),
        s_(b.shape),
        m_(b, b.workspace),
        K(m_.K),
        step(m_.step),
        plain_(plain()),
        norms_(m_),
        sums_(m_, norms_) {}
  BackwardRun(const BackwardRun&) = delete;

  void run() {
    const int64_t threads = b_.parallel.threads;
    parallel(threads,
             [this, threads](int64_t first, int64_t last) { enter(first, last, threads); });
    for (int64_t end = s_.T; end > 0;) {
      end = m_.enter_chunk(end);
      parallel(m_.shares, [this](int64_t first, int64_t last) {
        for (int64_t n = first; n < last; ++n) back_through_time(n);
      });
      if (m_.paired) {
        parallel(threads, [this, threads](int64_t first, int64_t last) {
          sums_.pair_slots(first, last, threads);
        });
      }
      parallel(threads, [this, threads](int64_t first, int64_t last) {
        sums_.add_chunk(first, last, threads);
      });
    }
    parallel(threads,
             [this, threads](int64_t first, int64_t last) { leave(first, last, threads); });
  }

 private:
  template <class Body>
  void parallel(int64_t shares, Body body) const {
    in_parallel(b_.parallel, shares, body);
  }

  void enter(int64_t first, int64_t last, int64_t shares) {
    const auto share = [&](int64_t count, int64_t at) { return count * at / shares; };
    sums_.pack(s_.P, b_.weights.weight_hh, m_.back, share(m_.hiddens.panels, first),
               share(m_.hiddens.panels, last));
    if (b_.dx != nullptr) {
      sums_.pack(s_.I, b_.weights.weight_ih, m_.back_x, share(m_.inputs.panels, first),
                 share(m_.inputs.panels, last));
    }
    if (first != 0) return;
    if (s_.projection) {
      pack_columns(s_.P, s_.H, b_.weights.weight_hr, m_.back_r, int64_t(0), int64_t(0), int64_t(0),
                   m_.cells.panels);
      m_.zero(m_.raw, m_.places * m_.cells.padded());
    }
    if (s_.peephole) pack_cells(s_, K - 1, b_.weights.peephole, m_.peephole);
    if (s_.layer_norm) norms_.enter();
    sums_.enter();
    each_carry([this](const T* from, T* carry, T*, int64_t count, int64_t stride) {
      m_.for_places([=](int64_t b, int64_t place) {
        Workspace::zero(carry + place * stride, stride);
        if (from == nullptr) return;
        std::memcpy(carry + place * stride, from + b * count, count * sizeof(T));
      });
    });
  }

  void leave(int64_t first, int64_t last, int64_t shares) {
    sums_.leave(first, last, shares);
    if (first != 0) return;
    if (s_.layer_norm) norms_.leave();
    each_carry([this](const T*, const T* carry, T* to, int64_t count, int64_t stride) {
      if (to == nullptr) return;
      m_.for_places([=](int64_t b, int64_t place) {
        std::memcpy(to + b * count, carry + place * stride, count * sizeof(T));
      });
    });
  }

  // Calls f(gradient of the last state, its place on the way, gradient of the first, values of a
  // row, and from one row on the way to the next) for each state.
  template <class F>
  void each_carry(F&& f) const {
    f(b_.dh, m_.carry_h, b_.dh0, s_.P, m_.outputs);
    f(b_.dc, m_.carry_c, b_.dc0, s_.H, m_.padded);
    if (!s_.exponential) return;
    f(b_.dn, m_.carry_n, b_.dn0, s_.H, m_.padded);
    f(b_.dm, m_.carry_m, b_.dm0, s_.H, m_.padded);
  }

  void back_through_time(int64_t share) {
    for (int64_t i = 0; i < m_.chunk_steps; ++i) {
      const Step step = m_.step_of(share, b_.reverse ? i : m_.chunk_steps - 1 - i);
      if (step.count > 0) back_through_step(step);
    }
  }

  void back_through_step(const Step& at) {
    const auto each = [&](auto work) {
      for (int64_t a = 0; a < at.count; ++a) work(row_of(at, a));
    };
    if (!plain_) each([this](const Row& row) { receive(row); });
    if (s_.projection) {
      multiply_columns<T>({m_.carry_h, m_.outputs, at.places}, at.count, 0,
                          {m_.back_r, Storage::same, nullptr, m_.cells.width, s_.P}, nullptr,
                          m_.cells, {m_.raw, m_.cells.padded(), at.places});
    }
    if (s_.layer_norm) {
      each([this](const Row& row) { norms_.read_cell(row); });
      each([this](const Row& row) { norms_.sum_read(row); });
      each([this](const Row& row) { norms_.back_through_read(row); });
    }
    each([this](const Row& row) { back_through_cell(row); });
    if (s_.layer_norm) {
      each([this](const Row& row) { norms_.sum_gates(row); });
      each([this](const Row& row) { norms_.back_through_gates(row); });
    }
    sums_.pair_cells(at.rooms, at.count);
    sums_.multiply_back(m_.delta_hidden, m_.hidden_cells, {0, at.count, at.rooms}, m_.back,
                        m_.hiddens, {m_.carry_h, m_.outputs, at.places});
    if (!plain_) each([this](const Row& row) { pass_on(row); });
  }

  // Without any option of the cell, so that nothing is asked on the way back through the gates.
  bool plain() const {
    return !s_.coupled && !s_.exponential && !s_.projection && !s_.layer_norm && !s_.peephole &&
           b_.masks.hidden == nullptr && b_.masks.candidate == nullptr && !m_.zones_cell() &&
           !zones_hidden() && b_.dsaved.gates == nullptr && b_.dsaved.cells == nullptr;
  }

  bool zones_hidden() const {
    return b_.masks.zoneout_hidden != nullptr || b_.masks.zoneout_hidden_rate != 0;
  }

  // All gradient that reaches the hidden state of a step.
  void receive(const Row& row) {
    T* carry = m_.carry_h + row.place * m_.outputs;
    const int64_t index = row.t * s_.B + row.b;
    if (b_.dy != nullptr) {
      const T* dy = b_.dy + index * s_.P;
      for (int64_t j = 0; j < s_.P; ++j) carry[j] += dy[j];
    }
    if (zones_hidden()) {
      T* direct = m_.direct + row.place * m_.outputs;
      for (int64_t j = 0; j < s_.P; ++j) {
        const T rate = b_.masks.zoneout_hidden == nullptr
                           ? b_.masks.zoneout_hidden_rate
                           : b_.masks.zoneout_hidden[index * s_.P + j];
        direct[j] = rate * carry[j];
        carry[j] = (1 - rate) * carry[j];
      }
    }
    if (s_.projection) std::memcpy(m_.projected + row.slot * s_.P, carry, s_.P * sizeof(T));
    if (b_.masks.hidden != nullptr) {
      const T* old = m_.h_rows[row.slot];
      T* masked = m_.masked + row.slot * s_.P;
      for (int64_t j = 0; j < s_.P; ++j) masked[j] = old[j] * b_.masks.hidden[row.b * s_.P + j];
      m_.h_rows[row.slot] = masked;
    }
  }

  void pass_on(const Row& row) {
    T* carry = m_.carry_h + row.place * m_.outputs;
    if (b_.masks.hidden != nullptr) {
      for (int64_t j = 0; j < s_.P; ++j) carry[j] *= b_.masks.hidden[row.b * s_.P + j];
    }
    if (zones_hidden()) {
      const T* direct = m_.direct + row.place * m_.outputs;
      for (int64_t j = 0; j < s_.P; ++j) carry[j] += direct[j];
    }
  }

  Row row_of(const Step& step, int64_t a) const {
    const int64_t t = step.t, place = step.places[a], b = place - step.skipped;
    const int64_t at = t * s_.B + b, slot = step.slots[b];
    Row row{t,
            b,
            place,
            slot,
            step.rooms[a],
            m_.saved().gates + m_.index(t, b) * 4 * s_.H,
            b_.saved.cells + at * s_.H,
            m_.c_rows[slot],
            nullptr,
            nullptr,
            s_.projection ? m_.raw + place * m_.cells.padded() : m_.carry_h + place * m_.outputs};
    if (s_.exponential) {
      row.normalisers = b_.saved.normalisers + at * s_.H;
      row.old_normalisers = m_.old_state(b_.saved.normalisers, b_.n0, t, b);
    }
    return row;
  }

  void back_through_cell(const Row& row) {
    for (int64_t p = 0; p < m_.panels; ++p) {
      if (s_.layer_norm) norms_.ask_for_gates(row, p);
      if (plain_) {
        back_through_gates<true>(row, p);
      } else if (s_.exponential) {
        back_through_exponential(row, p);
      } else {
        back_through_gates<false>(row, p);
      }
    }
  }

  static V some(const T* place, int n) { return Workspace::some(place, n); }
  // An incoming gradient of a trace, or zero.
  V traced(const T* rows, int64_t index, int64_t count, int64_t at, int n) const {
    return rows == nullptr ? V::zero() : some(rows + index * count + at, n);
  }

  // Gradients through h = o * tanh(c): of o, and of c in *d_read.
  V back_through_output(const Row& row, int64_t p, V o, V shown, bool squashed, V* d_read) {
    const int64_t at = p * L;
    if (s_.layer_norm) {
      *d_read = V::load(m_.delta_read + row.place * m_.padded + at);
      return V::load(m_.delta_out + row.place * m_.padded + at);
    }
    const V dh = V::load(row.dh + at);
    if (squashed) shown = tanh_of(shown);
    *d_read = dh * o;
    if (squashed) *d_read = *d_read * V::fnma(shown, shown, V::set(1));
    if (s_.projection) (o * shown).store(m_.shown + row.slot * m_.cells.padded() + at);
    return dh * shown;
  }

  // The same for the plain cell, whose gradient of h has not been received.
  V back_through_hidden(const Row& row, int64_t index, int64_t p, int n, V o, V cell,
                        V* d_read) const {
    V dh = V::load(row.dh + p * L);
    if (b_.dy != nullptr) dh = dh + some(b_.dy + index * s_.H + p * L, n);
    const V shown = tanh_of(cell);
    *d_read = dh * o * V::fnma(shown, shown, V::set(1));
    return dh * shown;
  }

  // Through g = tanh(a) * keep, from the gradient of the g that was applied.
  V back_through_candidate(const Row& row, int64_t p, V d, V g, int n) const {
    const V one = V::set(1);
    if (b_.masks.candidate == nullptr) return d * V::fnma(g, g, one);
    const V keep = some(b_.masks.candidate + row.b * s_.H + p * L, n);
    const V squashed = V::select(V::equal(keep, V::zero()), V::zero(), g / keep);
    return d * keep * V::fnma(squashed, squashed, one);
  }

  template <bool Plain>
  void back_through_gates(const Row& row, int64_t p) {
    const int64_t at = p * L, index = row.t * s_.B + row.b, H = s_.H;
    const int n = m_.lanes(p);
    const V one = V::set(1);
    const V i = some(row.gates + at, n), f = some(row.gates + H + at, n);
    const V g = some(row.gates + 2 * H + at, n), o = some(row.gates + 3 * H + at, n);
    const V old = some(row.old_cells + at, n), now = m_.new_cell(row, p, n);
    const auto gate_traced = [&](int gate) {
      return Plain ? V::zero() : traced(b_.dsaved.gates, index, 4 * H, gate * H + at, n);
    };
    V d_read;
    V d_o = Plain ? back_through_hidden(row, index, p, n, o, now, &d_read)
                  : back_through_output(row, p, o, now, true, &d_read) + gate_traced(3);
    const V a_o = d_o * o * (one - o);
    T* carry = m_.carry_c + row.place * m_.padded + at;
    V d_kept = V::load(carry), through = V::zero();
    if (!Plain) d_kept = d_kept + traced(b_.dsaved.cells, index, H, at, n);
    V d_cell = d_kept + d_read;
    if (!Plain && m_.zones_cell()) {
      const V rate = b_.masks.zoneout_cell == nullptr
                         ? V::set(b_.masks.zoneout_cell_rate)
                         : some(b_.masks.zoneout_cell + index * H + at, n);
      d_cell = V::fma(one - rate, d_kept, d_read);
      through = rate * d_kept;
    }
    if (!Plain && s_.peephole) {
      d_cell = V::fma(a_o, V::load(m_.peephole + (p * (K - 1) + K - 2) * L), d_cell);
      now.store(m_.new_cells + row.slot * m_.padded + at);
    }
    V d_i = V::fma(d_cell, g, gate_traced(0));
    const V d_f = V::fma(d_cell, old, gate_traced(1));
    const V d_g = V::fma(d_cell, i, gate_traced(2));
    if (!Plain && s_.coupled) d_i = d_i - d_f;
    const V a_i = d_i * i * (one - i), a_f = d_f * f * (one - f);
    V d_old = V::fma(d_cell, f, through);
    if (!Plain && s_.peephole) {
      d_old = V::fma(a_i, V::load(m_.peephole + p * (K - 1) * L), d_old);
      if (!s_.coupled) d_old = V::fma(a_f, V::load(m_.peephole + (p * (K - 1) + 1) * L), d_old);
    }
    d_old.store(carry);
    T* delta = m_.delta + (p * m_.slots + row.room) * step;
    a_i.store(delta);
    if (Plain || !s_.coupled) a_f.store(delta + L);
    const V a_g = Plain ? d_g * V::fnma(g, g, one) : back_through_candidate(row, p, d_g, g, n);
    a_g.store(delta + (K - 2) * L);
    a_o.store(delta + (K - 1) * L);
  }

  void back_through_exponential(const Row& row, int64_t p) {
    const int64_t at = p * L, index = row.t * s_.B + row.b, H = s_.H;
    const int n = m_.lanes(p);
    const V one = V::set(1);
    const V i = some(row.gates + at, n), f = some(row.gates + H + at, n);
    const V g = some(row.gates + 2 * H + at, n), o = some(row.gates + 3 * H + at, n);
    const V old = some(row.old_cells + at, n), cell = some(row.cells + at, n);
    const V old_n = some(row.old_normalisers + at, n);
    // Behind the last cell any divisor but 0 will do.
    const V normaliser =
        V::select(V::equal(V::load(ones(n)), one), some(row.normalisers + at, n), one);
    const V ratio = cell / normaliser;
    V d_ratio;
    V d_o = back_through_output(row, p, o, ratio, false, &d_ratio);
    d_o = d_o + traced(b_.dsaved.gates, index, 4 * H, 3 * H + at, n);
    T* carry_c = m_.carry_c + row.place * m_.padded + at;
    T* carry_n = m_.carry_n + row.place * m_.padded + at;
    T* carry_m = m_.carry_m + row.place * m_.padded + at;
    const V d_share = d_ratio / normaliser;
    const V d_c = V::load(carry_c) + traced(b_.dsaved.cells, index, H, at, n) + d_share;
    const V d_n =
        V::fnma(d_share, ratio, V::load(carry_n) + traced(b_.dsaved.normalisers, index, H, at, n));
    const V d_i = V::fma(d_c, g, d_n) + traced(b_.dsaved.gates, index, 4 * H, at, n);
    const V d_f = V::fma(d_c, old, d_n * old_n) + traced(b_.dsaved.gates, index, 4 * H, H + at, n);
    const V d_g = V::fma(d_c, i, traced(b_.dsaved.gates, index, 4 * H, 2 * H + at, n));
    const V e_i = d_i * i, e_f = d_f * f;
    const V d_m = V::load(carry_m) + traced(b_.dsaved.stabilisers, index, H, at, n) - e_i - e_f;
    // m is the larger of a_i and log f + m': where the gate is 1 it was the larger, both in a tie.
    const V half = V::set(static_cast<T>(0.5));
    const V tied = V::select(V::equal(f, one), half, one);
    const V to_i = V::select(V::equal(i, one), tied, V::zero());
    V d_log = V::fma(d_m, one - to_i, e_f);
    d_log = V::select(V::equal(old_n, V::zero()), V::zero(), d_log);
    (d_c * f).store(carry_c);
    (d_n * f).store(carry_n);
    d_log.store(carry_m);
    const T* rest = m_.saved().forget_rest;
    T* delta = m_.delta + (p * m_.slots + row.room) * step;
    V::fma(d_m, to_i, e_i).store(delta);
    (d_log * some(rest + m_.index(row.t, row.b) * H + at, n)).store(delta + L);
    back_through_candidate(row, p, d_g, g, n).store(delta + 2 * L);
    (d_o * o * (one - o)).store(delta + (K - 1) * L);
  }

  // A vector of n ones and then zeros.
  static const T* ones(int n) {
    alignas(64) static const Window window;
    return window.values + L - n;
  }
  struct Window {
    T values[2 * L];
    Window() {
      for (int i = 0; i < 2 * L; ++i) values[i] = i < L ? T(1) : T(0);
    }
  };

  const Backward<T>& b_;
  const Shape& s_;
  Workspace m_;
  const int64_t K, step;
  const bool plain_;
  const BackwardNorms<T> norms_;
  const BackwardSums<T> sums_;
};

template <class T>
void backward(const Backward<T>& b) {
  BackwardRun<T>(b).run();
}

template <class T>
size_t backward_workspace(const Backward<T>& b) {
  return BackwardWorkspace<T>(b, nullptr).bytes;
}

using Scalar = GATEWORK_SCALAR;
template void backward(const Backward<Scalar>&);
template size_t backward_workspace(const Backward<Scalar>&);

}  // namespace gatework::GATEWORK_TARGET
