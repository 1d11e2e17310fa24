// The backward run, in chunks of steps from the last to the first. In a chunk each thread goes
// back through time for its rows of the batch and leaves the gradients of the pre-activations;
// then all threads together turn those into gradients of inputs and weights.
//
// A slot is one valid (step, row) of a chunk, in the order of the input. Gradients of
// pre-activations lie as [panel][slot][gate][lane].

namespace gatework::GATEWORK_TARGET {

// Slots of a chunk: sums of gradients are rounded at its end, and what it holds should stay in the
// second cache.
constexpr int64_t MOST_SLOTS = 512, FEWEST_SLOTS = 128, CHUNK_BYTES = 640 * 1024;

template <class T, int K>
class BackwardRun {
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes, step = K * L;

 public:
  explicit BackwardRun(const Backward<T>& b, void* block)
      : b_(b),
        s_(b.shape),
        panels_(ceil_div(s_.H, L)),
        padded_(panels_ * L),
        inputs_(s_.I),
        hiddens_(s_.P),
        cells_(s_.H),
        outputs_(larger(hiddens_.padded(), padded_)),
        steps_(chunk_steps(s_)),
        slots_(steps_ * s_.B) {
    Cutter cutter(block);
    cut(cutter);
    bytes_ = cutter.bytes();
  }

  size_t bytes() const { return bytes_; }

  void run() {
    const int64_t threads = b_.parallel.threads;
    parallel(threads,
             [this, threads](int64_t first, int64_t last) { enter(first, last, threads); });
    for (int64_t end = s_.T; end > 0;) {
      const int64_t begin = larger(int64_t(0), end - steps_);
      // Steps are counted in the order of the run; t is the place in the input.
      chunk_begin_ = b_.reverse ? s_.T - end : begin;
      chunk_steps_ = end - begin;
      list_slots();
      if (b_.saved.gates == nullptr) compute_again();
      const int64_t shares = smaller(threads, s_.B);
      parallel(shares, [this, shares](int64_t first, int64_t last) {
        back_through_time(s_.B * first / shares, s_.B * last / shares);
      });
      parallel(threads, [this, threads](int64_t first, int64_t last) {
        inputs_and_weights(first, last, threads);
      });
      end = begin;
    }
    parallel(threads,
             [this, threads](int64_t first, int64_t last) { leave(first, last, threads); });
  }

 private:
  static int64_t chunk_steps(const Shape& s) {
    const int64_t row = K * s.H * static_cast<int64_t>(sizeof(T)) * (s.layer_norm ? 5 : 1);
    const int64_t slots = smaller(larger(CHUNK_BYTES / row, FEWEST_SLOTS), MOST_SLOTS);
    const int64_t fitting = larger(int64_t(1), slots / larger(s.B, int64_t(1)));
    return smaller(larger(s.T, int64_t(1)), fitting);
  }

  void cut(Cutter& cutter) {
    const int64_t wide = panels_ * step, B = s_.B;
    delta_ = cutter.cut<T>(slots_ * wide);
    delta_input_ = s_.layer_norm ? cutter.cut<T>(slots_ * wide) : delta_;
    delta_hidden_ = s_.layer_norm ? cutter.cut<T>(slots_ * wide) : delta_;
    x_rows_ = cutter.cut<const T*>(slots_);
    h_rows_ = cutter.cut<const T*>(slots_);
    c_rows_ = cutter.cut<const T*>(slots_);
    slot_ = cutter.cut<int32_t>(slots_);
    masked_ = cutter.cut<T>(b_.masks.hidden != nullptr ? slots_ * s_.P : 0);
    carry_h_ = cutter.cut<T>(B * outputs_);
    direct_ = cutter.cut<T>(B * outputs_);
    carry_c_ = cutter.cut<T>(B * padded_);
    carry_n_ = cutter.cut<T>(s_.exponential ? B * padded_ : 0);
    carry_m_ = cutter.cut<T>(s_.exponential ? B * padded_ : 0);
    active_ = cutter.cut<int32_t>(B);
    back_ = cutter.cut<T>(hiddens_.padded() * wide);
    back_x_ = cutter.cut<T>(b_.dx != nullptr ? inputs_.padded() * wide : 0);
    sum_ih_ = cutter.cut<T>(wide * s_.I);
    sum_hh_ = cutter.cut<T>(wide * s_.P);
    sum_bias_ = cutter.cut<T>(wide);
    if (s_.projection) {
      back_r_ = cutter.cut<T>(cells_.padded() * s_.P);
      raw_ = cutter.cut<T>(B * cells_.padded());
      shown_ = cutter.cut<T>(slots_ * cells_.padded());
      projected_ = cutter.cut<T>(slots_ * s_.P);
      p_rows_ = cutter.cut<const T*>(slots_);
      sum_hr_ = cutter.cut<T>(cells_.padded() * s_.P);
    }
    if (s_.peephole) {
      peephole_ = cutter.cut<T>(panels_ * (K - 1) * L);
      new_cells_ = cutter.cut<T>(slots_ * padded_);
      sum_peephole_ = cutter.cut<T>(panels_ * (K - 1) * L);
    }
    if (s_.layer_norm) {
      input_gain_ = cutter.cut<T>(wide);
      recurrent_gain_ = cutter.cut<T>(wide);
      cell_gain_ = cutter.cut<T>(padded_);
      cell_shift_ = cutter.cut<T>(padded_);
      read_ = cutter.cut<T>(B * padded_);
      delta_read_ = cutter.cut<T>(B * padded_);
      delta_out_ = cutter.cut<T>(B * padded_);
      cell_hat_ = cutter.cut<T>(slots_ * padded_);
      delta_norm_ = cutter.cut<T>(slots_ * padded_);
      sum_input_gain_ = cutter.cut<T>(wide);
      sum_recurrent_gain_ = cutter.cut<T>(wide);
      sum_cell_gain_ = cutter.cut<T>(padded_);
      sum_cell_shift_ = cutter.cut<T>(padded_);
    }
    if (b_.saved.gates == nullptr) cut_again(cutter);
  }

  // Room to run the chunk forward once more, where its gates were not saved.
  void cut_again(Cutter& cutter) {
    const int64_t B = s_.B, n = slots_, H = s_.H;
    again_ = {};
    again_.shape = s_;
    again_.shape.T = steps_;
    again_.lengths = b_.lengths;
    again_.masks = b_.masks;
    again_.parallel = b_.parallel;
    T* start = cutter.cut<T>(B * s_.P);
    again_h0_ = start;
    again_.h0 = start;
    again_lengths_ = cutter.cut<int64_t>(B);
    again_.y = cutter.cut<T>(n * s_.P);
    again_.h = cutter.cut<T>(B * s_.P);
    again_.c = cutter.cut<T>(B * H);
    again_.n = s_.exponential ? cutter.cut<T>(B * H) : nullptr;
    again_.m = s_.exponential ? cutter.cut<T>(B * H) : nullptr;
    again_.saved.gates = cutter.cut<T>(n * 4 * H);
    if (s_.exponential) again_.saved.forget_rest = cutter.cut<T>(n * H);
    if (s_.layer_norm) {
      again_.saved.input_hat = cutter.cut<T>(n * K * H);
      again_.saved.input_rstd = cutter.cut<T>(n);
      again_.saved.hidden_hat = cutter.cut<T>(n * K * H);
      again_.saved.hidden_rstd = cutter.cut<T>(n);
    }
    again_.workspace = cutter.cut<char>(static_cast<int64_t>(forward_workspace(again_)));
  }

  template <class Body>
  void parallel(int64_t shares, Body body) const {
    in_parallel(b_.parallel, shares, body);
  }

  bool valid(int64_t t, int64_t b) const { return b_.lengths == nullptr || t < b_.lengths[b]; }
  int64_t before(int64_t t) const { return b_.reverse ? t + 1 : t - 1; }
  bool inside(int64_t t) const { return t >= 0 && t < s_.T; }

  // The state that step t of row b started from.
  const T* old_hidden(int64_t t, int64_t b) const {
    const int64_t at = before(t);
    return inside(at) && valid(at, b) ? b_.y + (at * s_.B + b) * s_.P : b_.h0 + b * s_.P;
  }
  const T* old_state(const T* states, const T* start, int64_t t, int64_t b) const {
    const int64_t at = before(t);
    return (inside(at) ? states + at * s_.B * s_.H : start) + b * s_.H;
  }

  void enter(int64_t first, int64_t last, int64_t shares) {
    const auto share = [&](int64_t count, int64_t at) { return count * at / shares; };
    const int64_t rows = s_.gates() * s_.H;
    pack_columns(rows, s_.P, b_.weights.weight_hh, back_, s_.H, K, share(hiddens_.panels, first),
                 share(hiddens_.panels, last));
    if (b_.dx != nullptr) {
      pack_columns(rows, s_.I, b_.weights.weight_ih, back_x_, s_.H, K, share(inputs_.panels, first),
                   share(inputs_.panels, last));
    }
    if (first != 0) return;
    if (s_.projection) {
      pack_columns(s_.P, s_.H, b_.weights.weight_hr, back_r_, int64_t(0), int64_t(0), int64_t(0),
                   cells_.panels);
      zero(raw_, s_.B * cells_.padded());
      zero(sum_hr_, cells_.padded() * s_.P);
    }
    if (s_.peephole) {
      pack_cells(s_, K - 1, b_.weights.peephole, peephole_);
      zero(sum_peephole_, panels_ * (K - 1) * L);
    }
    if (s_.layer_norm) {
      pack_cells(s_, K, b_.weights.input_gain, input_gain_);
      pack_cells(s_, K, b_.weights.recurrent_gain, recurrent_gain_);
      pack_cells(s_, 1, b_.weights.cell_gain, cell_gain_);
      pack_cells(s_, 1, b_.weights.cell_shift, cell_shift_);
      zero(sum_input_gain_, panels_ * step);
      zero(sum_recurrent_gain_, panels_ * step);
      zero(sum_cell_gain_, padded_);
      zero(sum_cell_shift_, padded_);
    }
    zero(sum_ih_, panels_ * step * s_.I);
    zero(sum_hh_, panels_ * step * s_.P);
    zero(sum_bias_, panels_ * step);
    for (int64_t b = 0; b < s_.B; ++b) {
      copy_or_zero(b_.dh, carry_h_, b, s_.P, outputs_);
      copy_or_zero(b_.dc, carry_c_, b, s_.H, padded_);
      if (!s_.exponential) continue;
      copy_or_zero(b_.dn, carry_n_, b, s_.H, padded_);
      copy_or_zero(b_.dm, carry_m_, b, s_.H, padded_);
    }
    if (b_.dx != nullptr && b_.lengths != nullptr) zero(b_.dx, s_.T * s_.B * s_.I);
  }

  static void zero(T* place, int64_t count) { std::memset(place, 0, count * sizeof(T)); }

  static void copy_or_zero(const T* from, T* to, int64_t b, int64_t count, int64_t stride) {
    zero(to + b * stride, stride);
    if (from != nullptr) std::memcpy(to + b * stride, from + b * count, count * sizeof(T));
  }

  void list_slots() {
    used_ = 0;
    for (int64_t i = 0; i < chunk_steps_; ++i) {
      const int64_t t = chunk_begin_ + i;
      for (int64_t b = 0; b < s_.B; ++b) {
        slot_[i * s_.B + b] = -1;
        if (!valid(t, b)) continue;
        slot_[i * s_.B + b] = static_cast<int32_t>(used_);
        x_rows_[used_] = b_.x + (t * s_.B + b) * s_.I;
        h_rows_[used_] = old_hidden(t, b);
        c_rows_[used_] = old_state(b_.saved.cells, b_.c0, t, b);
        if (s_.projection) p_rows_[used_] = projected_ + used_ * s_.P;
        ++used_;
      }
    }
  }

  void compute_again() {
    const int64_t t0 = chunk_begin_, first = b_.reverse ? t0 + chunk_steps_ - 1 : t0;
    Forward<T>& f = again_;
    f.shape.T = chunk_steps_;
    f.packed = b_.packed;
    f.reverse = b_.reverse;
    f.x = b_.x + t0 * s_.B * s_.I;
    for (int64_t b = 0; b < s_.B; ++b) {
      std::memcpy(again_h0_ + b * s_.P, old_hidden(first, b), s_.P * sizeof(T));
      if (b_.lengths == nullptr) continue;
      again_lengths_[b] = smaller(larger(b_.lengths[b] - t0, int64_t(0)), chunk_steps_);
    }
    f.lengths = b_.lengths == nullptr ? nullptr : again_lengths_;
    f.c0 = old_state(b_.saved.cells, b_.c0, first, 0);
    if (s_.exponential) {
      f.n0 = old_state(b_.saved.normalisers, b_.n0, first, 0);
      f.m0 = old_state(b_.saved.stabilisers, b_.m0, first, 0);
    }
    const int64_t rows = t0 * s_.B;
    if (f.masks.zoneout_cell != nullptr) f.masks.zoneout_cell = b_.masks.zoneout_cell + rows * s_.H;
    if (f.masks.zoneout_hidden != nullptr) {
      f.masks.zoneout_hidden = b_.masks.zoneout_hidden + rows * s_.P;
    }
    forward(f);
  }

  // Saved values of (t, row): of the whole run, or of the chunk that was computed again.
  bool whole() const { return b_.saved.gates != nullptr; }
  int64_t index(int64_t t, int64_t b) const { return (whole() ? t : t - chunk_begin_) * s_.B + b; }
  const T* gates_of(int64_t t, int64_t b) const {
    return (whole() ? b_.saved.gates : again_.saved.gates) + index(t, b) * 4 * s_.H;
  }

  void back_through_time(int64_t b0, int64_t b1) {
    for (int64_t i = 0; i < chunk_steps_; ++i) {
      const int64_t local = b_.reverse ? i : chunk_steps_ - 1 - i;
      const int64_t t = chunk_begin_ + local;
      int32_t* active = active_ + b0;
      int64_t count = 0;
      for (int64_t b = b0; b < b1; ++b) {
        if (slot_[local * s_.B + b] >= 0) active[count++] = static_cast<int32_t>(b);
      }
      const int32_t* slots = slot_ + local * s_.B;
      for (int64_t a = 0; a < count; ++a) receive(t, active[a], slots[active[a]]);
      if (s_.projection) {
        multiply_columns<T, T>([&](int64_t a) { return carry_h_ + active[a] * outputs_; }, count, 1,
                               0, s_.P, cells_, back_r_, nullptr, nullptr,
                               [&](int64_t a) { return raw_ + active[a] * cells_.padded(); });
      }
      for (int64_t a = 0; a < count; ++a) back_through_cell(t, active[a], slots[active[a]]);
      multiply_columns<T, T>([&](int64_t a) { return delta_hidden_ + slots[active[a]] * step; },
                             count, panels_, slots_ * step, step, hiddens_, back_, nullptr, nullptr,
                             [&](int64_t a) { return carry_h_ + active[a] * outputs_; });
      for (int64_t a = 0; a < count; ++a) pass_on(active[a]);
    }
  }

  bool zones_hidden() const {
    return b_.masks.zoneout_hidden != nullptr || b_.masks.zoneout_hidden_rate != 0;
  }
  bool zones_cell() const {
    return b_.masks.zoneout_cell != nullptr || b_.masks.zoneout_cell_rate != 0;
  }

  // All gradient that reaches the hidden state of step t.
  void receive(int64_t t, int64_t b, int64_t slot) {
    T* carry = carry_h_ + b * outputs_;
    const int64_t index = t * s_.B + b;
    if (b_.dy != nullptr) {
      const T* dy = b_.dy + index * s_.P;
      for (int64_t j = 0; j < s_.P; ++j) carry[j] += dy[j];
    }
    if (zones_hidden()) {
      T* direct = direct_ + b * outputs_;
      for (int64_t j = 0; j < s_.P; ++j) {
        const T rate = b_.masks.zoneout_hidden == nullptr
                           ? b_.masks.zoneout_hidden_rate
                           : b_.masks.zoneout_hidden[index * s_.P + j];
        direct[j] = rate * carry[j];
        carry[j] = (1 - rate) * carry[j];
      }
    }
    if (s_.projection) std::memcpy(projected_ + slot * s_.P, carry, s_.P * sizeof(T));
    if (b_.masks.hidden != nullptr) {
      const T* old = h_rows_[slot];
      T* masked = masked_ + slot * s_.P;
      for (int64_t j = 0; j < s_.P; ++j) masked[j] = old[j] * b_.masks.hidden[b * s_.P + j];
      h_rows_[slot] = masked;
    }
  }

  void pass_on(int64_t b) {
    T* carry = carry_h_ + b * outputs_;
    if (b_.masks.hidden != nullptr) {
      for (int64_t j = 0; j < s_.P; ++j) carry[j] *= b_.masks.hidden[b * s_.P + j];
    }
    if (zones_hidden()) {
      const T* direct = direct_ + b * outputs_;
      for (int64_t j = 0; j < s_.P; ++j) carry[j] += direct[j];
    }
  }

  // What one row of one step needs, for each panel of its cells.
  struct Row {
    int64_t t, b, slot;
    const T *gates, *cells, *old_cells, *normalisers, *old_normalisers, *dh;
  };

  void back_through_cell(int64_t t, int64_t b, int64_t slot) {
    Row row{t,
            b,
            slot,
            gates_of(t, b),
            b_.saved.cells + (t * s_.B + b) * s_.H,
            c_rows_[slot],
            nullptr,
            nullptr,
            s_.projection ? raw_ + b * cells_.padded() : carry_h_ + b * outputs_};
    if (s_.exponential) {
      row.normalisers = b_.saved.normalisers + (t * s_.B + b) * s_.H;
      row.old_normalisers = old_state(b_.saved.normalisers, b_.n0, t, b);
    }
    if (s_.layer_norm) back_through_read(row);
    for (int64_t p = 0; p < panels_; ++p) {
      if (s_.exponential) {
        back_through_exponential(row, p);
      } else {
        back_through_gates(row, p);
      }
    }
    if (!s_.layer_norm) return;
    const int64_t at = index(t, b);
    const Saved<T, const T*> saved = whole() ? b_.saved : constant(again_.saved);
    back_through_norm(slot, input_gain_, saved.input_hat + at * K * s_.H, saved.input_rstd[at],
                      delta_input_);
    back_through_norm(slot, recurrent_gain_, saved.hidden_hat + at * K * s_.H,
                      saved.hidden_rstd[at], delta_hidden_);
  }

  static Saved<T, const T*> constant(const Saved<T>& s) {
    return {s.gates,     s.cells,      s.normalisers, s.stabilisers, s.forget_rest,
            s.input_hat, s.input_rstd, s.hidden_hat,  s.hidden_rstd};
  }

  static V some(const T* place, int n) { return n == L ? V::load(place) : V::load(place, n); }
  // An incoming gradient of a trace, or zero.
  V traced(const T* rows, int64_t index, int64_t count, int64_t at, int n) const {
    return rows == nullptr ? V::zero() : some(rows + index * count + at, n);
  }

  V new_cell(const Row& row, int64_t p, int n) const {
    const int64_t at = p * L;
    if (!zones_cell()) return some(row.cells + at, n);
    const V i = some(row.gates + at, n), f = some(row.gates + s_.H + at, n),
            g = some(row.gates + 2 * s_.H + at, n);
    return V::fma(f, some(row.old_cells + at, n), i * g);
  }

  // Layer norm of the cell on its way out: leaves the gradients of what was read and of o.
  void back_through_read(const Row& row) {
    T* read = read_ + row.b * padded_;
    T* delta = delta_read_ + row.b * padded_;
    T* hats = cell_hat_ + row.slot * padded_;
    T* norm = delta_norm_ + row.slot * padded_;
    for (int64_t p = 0; p < panels_; ++p) {
      const int n = lanes(p);
      V value = new_cell(row, p, n);
      if (s_.exponential) value = value / some(row.normalisers + p * L, n);
      if (n < L) V::zero().store(read + p * L);
      value.store(read + p * L, n);
    }
    const Moments<T> found = moments(read, s_.H, 1);
    V total = V::zero(), product = V::zero();
    for (int64_t p = 0; p < panels_; ++p) {
      const int64_t at = p * L;
      const V gain = V::load(cell_gain_ + at);
      const V hat = (V::load(read + at) - V::set(found.mean)) * V::set(found.rstd);
      V shown = V::fma(hat, gain, V::load(cell_shift_ + at));
      const V dh = V::load(row.dh + at), o = some(row.gates + 3 * s_.H + at, lanes(p));
      V d = dh * o;
      if (!s_.exponential) {
        shown = tanh_of(shown);
        d = d * V::fnma(shown, shown, V::set(1));
      }
      (dh * shown).store(delta_out_ + row.b * padded_ + at);
      if (s_.projection) (o * shown).store(shown_ + row.slot * cells_.padded() + at);
      hat.store(hats + at);
      d.store(norm + at);
      const V d_hat = d * gain;  // zero behind the last cell, where the gain is
      d_hat.store(delta + at);
      total = total + d_hat;
      product = V::fma(d_hat, hat, product);
    }
    const T count = static_cast<T>(s_.H);
    const V mean = V::set(total.sum() / count), slope = V::set(product.sum() / count);
    for (int64_t p = 0; p < panels_; ++p) {
      const int64_t at = p * L;
      const V d = V::fnma(V::load(hats + at), slope, V::load(delta + at) - mean);
      if (lanes(p) < L) V::zero().store(delta + at);
      (d * V::set(found.rstd)).store(delta + at, lanes(p));
    }
  }

  int lanes(int64_t p) const { return static_cast<int>(smaller(L, s_.H - p * L)); }

  // Gradients through h = o * tanh(c): of o, and of c in *d_read.
  V back_through_output(const Row& row, int64_t p, V o, V shown, bool squashed, V* d_read) {
    const int64_t at = p * L;
    if (s_.layer_norm) {
      *d_read = V::load(delta_read_ + row.b * padded_ + at);
      return V::load(delta_out_ + row.b * padded_ + at);
    }
    const V dh = V::load(row.dh + at);
    if (squashed) shown = tanh_of(shown);
    *d_read = dh * o;
    if (squashed) *d_read = *d_read * V::fnma(shown, shown, V::set(1));
    if (s_.projection) (o * shown).store(shown_ + row.slot * cells_.padded() + at);
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

  void back_through_gates(const Row& row, int64_t p) {
    const int64_t at = p * L, index = row.t * s_.B + row.b, H = s_.H;
    const int n = lanes(p);
    const V one = V::set(1);
    const V i = some(row.gates + at, n), f = some(row.gates + H + at, n);
    const V g = some(row.gates + 2 * H + at, n), o = some(row.gates + 3 * H + at, n);
    const V old = some(row.old_cells + at, n), now = new_cell(row, p, n);
    V d_read;
    V d_o = back_through_output(row, p, o, now, true, &d_read);
    d_o = d_o + traced(b_.dsaved.gates, index, 4 * H, 3 * H + at, n);
    const V a_o = d_o * o * (one - o);
    T* carry = carry_c_ + row.b * padded_ + at;
    const V d_kept = V::load(carry) + traced(b_.dsaved.cells, index, H, at, n);
    V d_cell = d_kept + d_read, through = V::zero();
    if (zones_cell()) {
      const V rate = b_.masks.zoneout_cell == nullptr
                         ? V::set(b_.masks.zoneout_cell_rate)
                         : some(b_.masks.zoneout_cell + index * H + at, n);
      d_cell = V::fma(one - rate, d_kept, d_read);
      through = rate * d_kept;
    }
    if (s_.peephole) {
      d_cell = V::fma(a_o, V::load(peephole_ + (p * (K - 1) + K - 2) * L), d_cell);
      now.store(new_cells_ + row.slot * padded_ + at);
    }
    V d_i = V::fma(d_cell, g, traced(b_.dsaved.gates, index, 4 * H, at, n));
    const V d_f = V::fma(d_cell, old, traced(b_.dsaved.gates, index, 4 * H, H + at, n));
    const V d_g = V::fma(d_cell, i, traced(b_.dsaved.gates, index, 4 * H, 2 * H + at, n));
    if (K == 3) d_i = d_i - d_f;
    const V a_i = d_i * i * (one - i), a_f = d_f * f * (one - f);
    V d_old = V::fma(d_cell, f, through);
    if (s_.peephole) {
      d_old = V::fma(a_i, V::load(peephole_ + p * (K - 1) * L), d_old);
      if (K == 4) d_old = V::fma(a_f, V::load(peephole_ + (p * (K - 1) + 1) * L), d_old);
    }
    d_old.store(carry);
    T* delta = delta_ + (p * slots_ + row.slot) * step;
    a_i.store(delta);
    if (K == 4) a_f.store(delta + L);
    back_through_candidate(row, p, d_g, g, n).store(delta + (K - 2) * L);
    a_o.store(delta + (K - 1) * L);
  }

  void back_through_exponential(const Row& row, int64_t p) {
    const int64_t at = p * L, index = row.t * s_.B + row.b, H = s_.H;
    const int n = lanes(p);
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
    T* carry_c = carry_c_ + row.b * padded_ + at;
    T* carry_n = carry_n_ + row.b * padded_ + at;
    T* carry_m = carry_m_ + row.b * padded_ + at;
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
    const T* rest = (whole() ? b_.saved.forget_rest : again_.saved.forget_rest);
    T* delta = delta_ + (p * slots_ + row.slot) * step;
    V::fma(d_m, to_i, e_i).store(delta);
    (d_log * some(rest + this->index(row.t, row.b) * H + at, n)).store(delta + L);
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

  // Through gain * (a - mean(a)) / std(a) over all gates of a row.
  void back_through_norm(int64_t slot, const T* gain, const T* hats, T rstd, T* to) const {
    V total = V::zero(), product = V::zero();
    for (int64_t p = 0; p < panels_; ++p) {
      const int n = lanes(p);
      for (int64_t g = 0; g < K; ++g) {
        const V d =
            V::load(delta_ + (p * slots_ + slot) * step + g * L) * V::load(gain + p * step + g * L);
        total = total + d;
        product = V::fma(d, some(hats + g * s_.H + p * L, n), product);
      }
    }
    const T count = static_cast<T>(K * s_.H);
    const V mean = V::set(total.sum() / count), slope = V::set(product.sum() / count);
    for (int64_t p = 0; p < panels_; ++p) {
      const int n = lanes(p);
      for (int64_t g = 0; g < K; ++g) {
        const int64_t at = (p * slots_ + slot) * step + g * L;
        const V d = V::load(delta_ + at) * V::load(gain + p * step + g * L);
        const V hat = some(hats + g * s_.H + p * L, n);
        (V::fnma(hat, slope, d - mean) * V::set(rstd)).store(to + at);
      }
    }
  }

  // Gradients of inputs and weights from those of the chunk's pre-activations.
  void inputs_and_weights(int64_t first, int64_t last, int64_t shares) {
    if (b_.dx != nullptr) {
      const int64_t begin = used_ * first / shares, rows = used_ * last / shares - begin;
      multiply_columns<T, T>([&](int64_t r) { return delta_input_ + (begin + r) * step; }, rows,
                             panels_, slots_ * step, step, inputs_, back_x_, nullptr, nullptr,
                             [&](int64_t r) { return b_.dx + (x_rows_[begin + r] - b_.x); });
    }
    // Panels are shared out; where they are few, the rows of each as well.
    for (int64_t item = panels_ * first; item < panels_ * last;) {
      const int64_t p = item / shares, end = smaller((p + 1) * shares, panels_ * last);
      const int64_t from = item - p * shares, to = end - p * shares;
      const auto rows = [&](int64_t count, int64_t at) { return count * at / shares; };
      const T* d_input = delta_input_ + p * slots_ * step;
      const T* d_hidden = delta_hidden_ + p * slots_ * step;
      if (b_.dweight_ih != nullptr) {
        accumulate_rows<K>(x_rows_, rows(s_.I, from), rows(s_.I, to), d_input, step, used_,
                           sum_ih_ + p * s_.I * step, step);
      }
      if (b_.dweight_hh != nullptr) {
        accumulate_rows<K>(h_rows_, rows(s_.P, from), rows(s_.P, to), d_hidden, step, used_,
                           sum_hh_ + p * s_.P * step, step);
      }
      if (from == 0) sum_cells(p);
      item = end;
    }
    if (s_.projection && b_.dweight_hr != nullptr) sum_projection(first, last, shares);
  }

  void sum_cells(int64_t p) {
    for (int64_t g = 0; g < K; ++g) {
      const T* delta = delta_ + p * slots_ * step + g * L;
      T* into = sum_bias_ + p * step + g * L;
      V sum = V::zero();
      for (int64_t n = 0; n < used_; ++n) sum = sum + V::load(delta + n * step);
      (V::load(into) + sum).store(into);
    }
    if (s_.peephole) sum_peephole(p);
    if (s_.layer_norm) sum_gains(p);
  }

  void sum_peephole(int64_t p) {
    const int n = lanes(p);
    V sums[K - 1];
    for (int g = 0; g < K - 1; ++g) sums[g] = V::zero();
    for (int64_t slot = 0; slot < used_; ++slot) {
      const T* delta = delta_ + (p * slots_ + slot) * step;
      const V old = some(c_rows_[slot] + p * L, n);
      sums[0] = V::fma(V::load(delta), old, sums[0]);
      if (K == 4) sums[1] = V::fma(V::load(delta + L), old, sums[1]);
      const V now = V::load(new_cells_ + slot * padded_ + p * L);
      sums[K - 2] = V::fma(V::load(delta + (K - 1) * L), now, sums[K - 2]);
    }
    for (int g = 0; g < K - 1; ++g) {
      T* into = sum_peephole_ + (p * (K - 1) + g) * L;
      (V::load(into) + sums[g]).store(into);
    }
  }

  void sum_gains(int64_t p) {
    const int n = lanes(p);
    const Saved<T, const T*> saved = whole() ? b_.saved : constant(again_.saved);
    V input[K], recurrent[K], gain = V::zero(), shift = V::zero();
    for (int g = 0; g < K; ++g) input[g] = recurrent[g] = V::zero();
    for (int64_t i = 0; i < chunk_steps_ * s_.B; ++i) {
      const int64_t slot = slot_[i];
      if (slot < 0) continue;
      const int64_t at = (whole() ? chunk_begin_ * s_.B : 0) + i;
      for (int64_t g = 0; g < K; ++g) {
        const V delta = V::load(delta_ + (p * slots_ + slot) * step + g * L);
        const int64_t hat = (at * K + g) * s_.H + p * L;
        input[g] = V::fma(delta, some(saved.input_hat + hat, n), input[g]);
        recurrent[g] = V::fma(delta, some(saved.hidden_hat + hat, n), recurrent[g]);
      }
      const V d = V::load(delta_norm_ + slot * padded_ + p * L);
      gain = V::fma(d, V::load(cell_hat_ + slot * padded_ + p * L), gain);
      shift = shift + d;
    }
    for (int64_t g = 0; g < K; ++g) {
      T* into = sum_input_gain_ + p * step + g * L;
      (V::load(into) + input[g]).store(into);
      into = sum_recurrent_gain_ + p * step + g * L;
      (V::load(into) + recurrent[g]).store(into);
    }
    T* into = sum_cell_gain_ + p * L;
    (V::load(into) + gain).store(into);
    into = sum_cell_shift_ + p * L;
    (V::load(into) + shift).store(into);
  }

  void sum_projection(int64_t first, int64_t last, int64_t shares) {
    const int64_t wide = cells_.width * L;
    const int64_t from = s_.P * first / shares, to = s_.P * last / shares;
    with_count<4>(cells_.width, [&](auto width) {
      constexpr int N = decltype(width)::value;
      for (int64_t q = 0; q < cells_.panels; ++q) {
        accumulate_rows<N>(p_rows_, from, to, shown_ + q * wide, cells_.padded(), used_,
                           sum_hr_ + q * s_.P * wide, wide);
      }
    });
  }

  void leave(int64_t first, int64_t last, int64_t shares) {
    const int64_t p0 = panels_ * first / shares, p1 = panels_ * last / shares;
    if (b_.dweight_ih != nullptr) unpack_gates(sum_ih_, s_.I, b_.dweight_ih, p0, p1);
    if (b_.dweight_hh != nullptr) unpack_gates(sum_hh_, s_.P, b_.dweight_hh, p0, p1);
    if (first != 0) return;
    if (b_.dbias != nullptr) unpack_cells(s_, K, sum_bias_, b_.dbias);
    if (b_.dpeephole != nullptr) unpack_cells(s_, K - 1, sum_peephole_, b_.dpeephole);
    if (b_.dinput_gain != nullptr) unpack_cells(s_, K, sum_input_gain_, b_.dinput_gain);
    if (b_.drecurrent_gain != nullptr) unpack_cells(s_, K, sum_recurrent_gain_, b_.drecurrent_gain);
    if (b_.dcell_gain != nullptr) unpack_cells(s_, 1, sum_cell_gain_, b_.dcell_gain);
    if (b_.dcell_shift != nullptr) unpack_cells(s_, 1, sum_cell_shift_, b_.dcell_shift);
    if (b_.dweight_hr != nullptr) {
      const int64_t wide = cells_.width * L;
      for (int64_t r = 0; r < s_.P; ++r) {
        for (int64_t j = 0; j < s_.H; ++j) {
          b_.dweight_hr[r * s_.H + j] = sum_hr_[((j / wide) * s_.P + r) * wide + j % wide];
        }
      }
    }
    for (int64_t b = 0; b < s_.B; ++b) {
      copy_out(carry_h_, b_.dh0, b, s_.P, outputs_);
      copy_out(carry_c_, b_.dc0, b, s_.H, padded_);
      if (!s_.exponential) continue;
      copy_out(carry_n_, b_.dn0, b, s_.H, padded_);
      copy_out(carry_m_, b_.dm0, b, s_.H, padded_);
    }
  }

  static void copy_out(const T* from, T* to, int64_t b, int64_t count, int64_t stride) {
    if (to != nullptr) std::memcpy(to + b * count, from + b * stride, count * sizeof(T));
  }

  // [panel][column][gate][lane] to (K*H, columns).
  void unpack_gates(const T* sums, int64_t columns, T* out, int64_t p0, int64_t p1) const {
    for (int64_t p = p0; p < p1; ++p) {
      for (int64_t g = 0; g < K; ++g) {
        turn(sums + p * columns * step + g * L, step, columns, static_cast<int64_t>(lanes(p)),
             out + (g * s_.H + p * L) * columns, columns);
      }
    }
  }

  const Backward<T>& b_;
  const Shape& s_;
  const int64_t panels_, padded_;
  const Columns<T> inputs_, hiddens_, cells_;
  const int64_t outputs_, steps_, slots_;
  size_t bytes_ = 0;
  int64_t chunk_begin_ = 0, chunk_steps_ = 0, used_ = 0;
  const T **x_rows_, **h_rows_, **c_rows_, **p_rows_ = nullptr;
  int32_t *slot_, *active_;
  T *delta_, *delta_input_, *delta_hidden_, *masked_;
  T *carry_h_, *direct_, *carry_c_, *carry_n_, *carry_m_;
  T *back_, *back_x_, *back_r_ = nullptr;
  T *sum_ih_, *sum_hh_, *sum_bias_, *sum_hr_ = nullptr, *sum_peephole_ = nullptr;
  T *raw_ = nullptr, *shown_ = nullptr, *projected_ = nullptr;
  T *peephole_ = nullptr, *new_cells_ = nullptr;
  T *input_gain_ = nullptr, *recurrent_gain_ = nullptr, *cell_gain_ = nullptr;
  T *cell_shift_ = nullptr, *read_ = nullptr, *delta_read_ = nullptr, *delta_out_ = nullptr;
  T *cell_hat_ = nullptr, *delta_norm_ = nullptr, *sum_input_gain_ = nullptr;
  T *sum_recurrent_gain_ = nullptr, *sum_cell_gain_ = nullptr, *sum_cell_shift_ = nullptr;
  Forward<T> again_{};
  T* again_h0_ = nullptr;
  int64_t* again_lengths_ = nullptr;
};

template <class T>
void backward(const Backward<T>& b) {
  if (b.shape.coupled) {
    BackwardRun<T, 3>(b, b.workspace).run();
  } else {
    BackwardRun<T, 4>(b, b.workspace).run();
  }
}

template <class T>
size_t backward_workspace(const Backward<T>& b) {
  return b.shape.coupled ? BackwardRun<T, 3>(b, nullptr).bytes()
                         : BackwardRun<T, 4>(b, nullptr).bytes();
}

}  // namespace gatework::GATEWORK_TARGET
