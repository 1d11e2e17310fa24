// The forward run: input projections of a chunk of steps at once, then step by step the product
// with the hidden state, panel by panel, with the gate arithmetic done on the sums.

namespace gatework::GATEWORK_TARGET {

constexpr int64_t FORWARD_ROWS = 64;  // rows whose input projections are held at once
constexpr double EPSILON = 1e-5;      // of layer norm, as in cell/equations.py

// Mean and reciprocal standard deviation of the valid lanes of `groups` padded rows of cells.
template <class T>
struct Moments {
  T mean, rstd;
};

// Four sums side by side, so that they need not wait for each other.
template <class V, class F>
inline typename V::Scalar sum_vectors(int64_t count, F&& value) {
  V sums[4] = {V::zero(), V::zero(), V::zero(), V::zero()};
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int j = 0; j < 4; ++j) sums[j] = sums[j] + value(i + j);
  }
  for (; i < count; ++i) sums[0] = sums[0] + value(i);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum();
}

// Of H cells in [panel][group][lane]; the lanes behind the last cell must be zero on entry.
template <class T>
inline Moments<T> moments(const T* row, int64_t H, int64_t groups) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  const int64_t whole = H / L * groups, vectors = ceil_div(H, L) * groups;
  const T count = static_cast<T>(H * groups);
  const T mean = sum_vectors<V>(vectors, [&](int64_t i) { return V::load(row + i * L); }) / count;
  const V middle = V::set(mean);
  T squares = sum_vectors<V>(whole, [&](int64_t i) {
    const V off = V::load(row + i * L) - middle;
    return off * off;
  });
  if (whole < vectors) {
    squares += sum_vectors<V>(vectors - whole, [&](int64_t i) {
      T part[L] = {};
      (V::load(row + (whole + i) * L) - middle).store(part, static_cast<int>(H % L));
      const V off = V::load(part);
      return off * off;
    });
  }
  return {mean, static_cast<T>(1) / square_root(squares / count + static_cast<T>(EPSILON))};
}

// to = start + gain * (row - mean) * rstd, of H cells and K gates in panels; what lies behind the
// last cell of row is zero. hats (K*H) takes the normalised row where it is not null. Returns rstd.
template <int K, class T>
inline T normalise(const T* row, int64_t H, const T* gain, const T* start, T* to, T* hats) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes, step = K * L;
  const Moments<T> found = moments(row, H, K);
  for (int64_t p = 0; p < ceil_div(H, L); ++p) {
    const int n = static_cast<int>(smaller(L, H - p * L));
    for (int64_t g = 0; g < K; ++g) {
      const int64_t at = p * step + g * L;
      const V hat = (V::load(row + at) - V::set(found.mean)) * V::set(found.rstd);
      if (hats != nullptr) hat.store(hats + g * H + p * L, n);
      V::fma(hat, V::load(gain + at), V::load(start + at)).store(to + at);
    }
  }
  return found.rstd;
}

template <class T, class S, int K, bool Plain>
class ForwardRun {
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes, step = K * L;
  static constexpr bool int8 = std::is_same_v<S, Int8Weight>;
  using Kept = std::conditional_t<int8, int8_t, S>;  // of what is multiplied as floats

 public:
  // Workspace that all threads share.
  struct Shared {
    T *pre, *recurrent, *hidden, *masked, *cell, *normaliser, *stabiliser, *raw, *output, *read;
    const T** rows;
    int32_t* active;
    Rounded<T>* rounded;
    uint8_t* rounded_bytes;
    size_t bytes;

    Shared(const Forward<T>& f, void* block, int64_t slots) {
      const Shape& s = f.shape;
      const int64_t panels = ceil_div(s.H, L), wide = panels * step, padded = panels * L;
      const int64_t outputs = Columns<T>(s.P).padded();
      const bool late = s.projection || s.layer_norm;
      Arena arena(block);
      pre = arena.allocate<T>(slots * wide);
      recurrent = arena.allocate<T>(s.layer_norm ? s.B * wide : 0);
      hidden = arena.allocate<T>(2 * s.B * larger(outputs, padded));
      masked = arena.allocate<T>(f.masks.hidden != nullptr ? s.B * larger(outputs, padded) : 0);
      cell = arena.allocate<T>(s.B * padded);
      normaliser = arena.allocate<T>(s.exponential ? s.B * padded : 0);
      stabiliser = arena.allocate<T>(s.exponential ? s.B * padded : 0);
      raw = arena.allocate<T>(late ? s.B * padded : 0);
      output = arena.allocate<T>(s.layer_norm ? s.B * padded : 0);
      read = arena.allocate<T>(s.layer_norm ? s.B * padded : 0);
      rows = arena.allocate<const T*>(f.parallel.threads * row_slots(s));
      active = arena.allocate<int32_t>(f.parallel.threads * s.B);
      const int64_t int8_rows = f.storage == Storage::int8 ? f.parallel.threads * row_slots(s) : 0;
      rounded = arena.allocate<Rounded<T>>(int8_rows);
      rounded_bytes = arena.allocate<uint8_t>(int8_rows * rounded_size(s));
      bytes = arena.bytes();
    }
  };

  // Steps of one chunk, and rows of all chunks of `threads` threads together.
  static int64_t chunk_steps(int64_t T_, int64_t rows) {
    return smaller(larger(T_, int64_t(1)),
                   larger(int64_t(1), FORWARD_ROWS / larger(rows, int64_t(1))));
  }
  static int64_t slots(const Shape& s, int threads) {
    // Each thread rounds its own chunk up, so this counts the largest of all splits.
    return threads * smaller(larger(s.T, int64_t(1)) * larger(s.B, int64_t(1)), FORWARD_ROWS) + s.B;
  }

  static int64_t row_slots(const Shape& s) { return FORWARD_ROWS + s.B; }
  static int64_t rounded_size(const Shape& s) { return 8 * quads(larger(s.I, s.P)); }

  // The thread's first share of all shares gives it room of its own in the workspace.
  ForwardRun(const Forward<T>& f, const Shared& shared, int64_t share, int64_t first_slot,
             int64_t b0, int64_t b1, int64_t p0, int64_t p1, Barrier* barrier, int64_t weight)
      : f_(f),
        s_(f.shape),
        w_(f.shape, f.storage, f.packed),
        m_(shared),
        b0_(b0),
        b1_(b1),
        p0_(p0),
        p1_(p1),
        barrier_(barrier),
        weight_(weight),
        wide_(w_.panels * step),
        padded_(w_.panels * L),
        outputs_(larger(Columns<T>(s_.P).padded(), padded_)) {
    m_.pre += first_slot * wide_;
    m_.rows += share * row_slots(s_);
    m_.active += share * s_.B;
    if (int8) {
      m_.rounded += share * row_slots(s_);
      m_.rounded_bytes += share * row_slots(s_) * rounded_size(s_);
    }
    previous_ = m_.hidden;
    next_ = m_.hidden + s_.B * outputs_;
  }

  void run() {
    enter();
    const int64_t chunk = chunk_steps(s_.T, b1_ - b0_);
    for (int64_t s = 0; s < s_.T; s += chunk) {
      const int64_t end = smaller(s + chunk, s_.T);
      project_inputs(s, end);
      int64_t slot = 0;
      for (int64_t at = s; at < end; ++at) slot += advance(time(at), slot);
    }
    leave();
  }

 private:
  int64_t time(int64_t s) const { return f_.reverse ? s_.T - 1 - s : s; }
  bool valid(int64_t t, int64_t b) const {
    return Plain || f_.lengths == nullptr || t < f_.lengths[b];
  }

  // A plain run on several threads by panel; each keeps to its own panels of the state.
  bool alone() const { return barrier_ == nullptr; }

  void enter() {
    for (int64_t b = b0_; b < b1_; ++b) {
      copy_in(f_.c0, m_.cell, b, s_.H, padded_);
      if (!Plain && s_.exponential) {
        copy_in(f_.n0, m_.normaliser, b, s_.H, padded_);
        copy_in(f_.m0, m_.stabiliser, b, s_.H, padded_);
      }
      copy_in(f_.h0, previous_, b, s_.P, outputs_);
      if (!Plain) mask_hidden(b, previous_);
    }
    if (!alone()) barrier_->wait(weight_);
  }

  void copy_in(const T* from, T* to, int64_t b, int64_t count, int64_t stride) const {
    if (!alone() && p0_ != 0) return;  // the first thread copies for all
    std::memcpy(to + b * stride, from + b * count, count * sizeof(T));
    std::memset(to + b * stride + count, 0, (stride - count) * sizeof(T));
  }

  void leave() {
    if (!alone() && p0_ != 0) return;
    for (int64_t b = b0_; b < b1_; ++b) {
      std::memcpy(f_.h + b * s_.P, previous_ + b * outputs_, s_.P * sizeof(T));
      std::memcpy(f_.c + b * s_.H, m_.cell + b * padded_, s_.H * sizeof(T));
      if (Plain || !s_.exponential) continue;
      std::memcpy(f_.n + b * s_.H, m_.normaliser + b * padded_, s_.H * sizeof(T));
      std::memcpy(f_.m + b * s_.H, m_.stabiliser + b * padded_, s_.H * sizeof(T));
    }
  }

  void mask_hidden(int64_t b, const T* hidden) const {
    if (f_.masks.hidden == nullptr) return;
    const T* mask = f_.masks.hidden + b * s_.P;
    for (int64_t j = 0; j < s_.P; ++j) {
      m_.masked[b * outputs_ + j] = hidden[b * outputs_ + j] * mask[j];
    }
  }

  // Pre-activations of the input for every valid row of steps [s, end), one slot after the other.
  void project_inputs(int64_t s, int64_t end) {
    if (f_.table != nullptr) return look_up_inputs(s, end);
    int64_t count = 0;
    for (int64_t at = s; at < end; ++at) {
      const int64_t t = time(at);
      for (int64_t b = b0_; b < b1_; ++b) {
        if (valid(t, b)) m_.rows[count++] = f_.x + (t * s_.B + b) * s_.I;
      }
    }
    const bool normed = !Plain && s_.layer_norm;
    multiply_inputs(count, normed ? nullptr : w_.bias);
    if (!normed) return;
    int64_t slot = 0;
    for (int64_t at = s; at < end; ++at) {
      const int64_t t = time(at);
      for (int64_t b = b0_; b < b1_; ++b) {
        if (!valid(t, b)) continue;
        T* row = m_.pre + slot++ * wide_;
        normalise_row(row, w_.input_gain, w_.bias, row, t * s_.B + b, f_.saved.input_hat,
                      f_.saved.input_rstd);
      }
    }
  }

  void look_up_inputs(int64_t s, int64_t end) {
    int64_t slot = 0;
    for (int64_t at = s; at < end; ++at) {
      const int64_t t = time(at);
      for (int64_t b = b0_; b < b1_; ++b) {
        if (!valid(t, b)) continue;
        // Threads that share the panels also share the row, each its own part of it.
        const T* row = f_.table + f_.tokens[t * s_.B + b] * wide_;
        std::memcpy(m_.pre + slot++ * wide_ + p0_ * step, row + p0_ * step,
                    (p1_ - p0_) * step * sizeof(T));
      }
    }
  }

  void multiply_inputs(int64_t count, const T* bias) {
    if constexpr (int8) {
      if (s_.hidden_input) {
        round_rows(count, s_.I);
        multiply_int8_gates<K>(m_.rounded, count, s_.I, static_cast<const Int8Weight*>(w_.input),
                               w_.input_scale, w_.input_offset, bias, m_.pre, wide_, p0_, p1_);
        return;
      }
    }
    multiply_gates<K>(m_.rows, count, s_.I, static_cast<const Kept*>(w_.input), w_.input_scale,
                      bias, m_.pre, wide_, p0_, p1_);
  }

  // m_.rounded from m_.rows.
  void round_rows(int64_t count, int64_t width) {
    for (int64_t r = 0; r < count; ++r) {
      uint8_t* place = m_.rounded_bytes + r * rounded_size(s_);
      m_.rounded[r] = {place, place + rounded_size(s_) / 2, T(0)};
      Int8Product<V>::round(m_.rows[r], width, m_.rounded[r]);
    }
  }

  void normalise_row(const T* row, const T* gain, const T* start, T* to, int64_t index, T* hats,
                     T* rstds) const {
    T* place = hats == nullptr ? nullptr : hats + index * K * s_.H;
    const T rstd = normalise<K>(row, s_.H, gain, start, to, place);
    if (rstds != nullptr) rstds[index] = rstd;
  }

  // One step of the valid rows; returns how many they are.
  int64_t advance(int64_t t, int64_t slot) {
    int64_t count = 0;
    const T* source = !Plain && f_.masks.hidden != nullptr ? m_.masked : previous_;
    const T** rows = m_.rows;  // free again once the inputs are projected
    for (int64_t b = b0_; b < b1_; ++b) {
      if (!valid(t, b)) continue;
      rows[count] = source + b * outputs_;
      m_.active[count++] = static_cast<int32_t>(b);
    }
    if constexpr (int8) round_rows(count, s_.P);
    if (!Plain && s_.layer_norm) {
      normed_gates(t, slot, count, rows);
    } else if constexpr (int8) {
      int8_gates(t, slot, count);
    } else {
      fused_gates(t, slot, count, rows);
    }
    if (!Plain) finish(t, count);
    if (!alone()) barrier_->wait(weight_);
    T* swap = previous_;
    previous_ = next_;
    next_ = swap;
    return count;
  }

  void fused_gates(int64_t t, int64_t slot, int64_t count, const T* const* rows) {
    const S* weight = static_cast<const S*>(w_.recurrent);
    int64_t p = p0_;
    if (count == 1) {
      for (; p + 2 <= p1_; p += 2) {
        V starts[2][K], sums[2][K];
        for (int q = 0; q < 2; ++q) start(slot, p + q, starts[q], sums[q]);
        multiply_pair<V, S, K>(rows[0], weight + p * s_.P * step, weight + (p + 1) * s_.P * step,
                               s_.P, sums[0], sums[1]);
        for (int q = 0; q < 2; ++q) close(t, 0, p + q, starts[q], sums[q]);
      }
    }
    for (; p < p1_; ++p) {
      for_tiles<V::rows>(count, [&](int64_t r0, auto height) {
        constexpr int R = decltype(height)::value;
        const T* a[R];
        V starts[R][K], sums[R][K];
        for (int r = 0; r < R; ++r) {
          a[r] = rows[r0 + r];
          start(slot + r0 + r, p, starts[r], sums[r]);
        }
        multiply<V, S, R, K>(a, weight + p * s_.P * step, s_.P, sums);
        for (int r = 0; r < R; ++r) close(t, r0 + r, p, starts[r], sums[r]);
      });
    }
  }

  void int8_gates(int64_t t, int64_t slot, int64_t count) {
    const int64_t four = quads(s_.P);
    for (int64_t p = p0_; p < p1_; ++p) {
      const int8_t* weight = static_cast<const int8_t*>(w_.recurrent) + p * four * 4 * step;
      for_tiles<INT8_ROWS>(count, [&](int64_t r0, auto height) {
        constexpr int R = decltype(height)::value;
        const T* starts[R];
        alignas(64) T sums[R][step];
        for (int r = 0; r < R; ++r) starts[r] = m_.pre + (slot + r0 + r) * wide_ + p * step;
        Int8Product<V>::template panel<R, K>(m_.rounded + r0, weight, four,
                                             w_.recurrent_offset + p * step,
                                             w_.recurrent_scale + p * step, starts, sums);
        for (int r = 0; r < R; ++r) {
          V a[K];
          for (int n = 0; n < K; ++n) a[n] = V::load(sums[r] + n * L);
          gates(t, m_.active[r0 + r], p, a);
        }
      });
    }
  }

  void start(int64_t slot, int64_t p, V (&starts)[K], V (&sums)[K]) const {
    for (int n = 0; n < K; ++n) {
      starts[n] = V::load(m_.pre + slot * wide_ + p * step + n * L);
      sums[n] = started<V, S>(starts[n]);
    }
  }

  void close(int64_t t, int64_t row, int64_t p, const V (&starts)[K], V (&sums)[K]) {
    for (int n = 0; n < K; ++n) {
      sums[n] = finished<V, S>(sums[n], starts[n], w_.recurrent_scale + p * step + n * L);
    }
    gates(t, m_.active[row], p, sums);
  }

  void normed_gates(int64_t t, int64_t slot, int64_t count, const T* const* rows) {
    T* recurrent = m_.recurrent + b0_ * wide_;
    if constexpr (int8) {
      multiply_int8_gates<K>(m_.rounded, count, s_.P, static_cast<const Int8Weight*>(w_.recurrent),
                             w_.recurrent_scale, w_.recurrent_offset,
                             static_cast<const T*>(nullptr), recurrent, wide_, int64_t(0),
                             w_.panels);
    } else {
      multiply_gates<K>(rows, count, s_.P, static_cast<const S*>(w_.recurrent), w_.recurrent_scale,
                        static_cast<const T*>(nullptr), recurrent, wide_, int64_t(0), w_.panels);
    }
    for (int64_t row = 0; row < count; ++row) {
      const int64_t b = m_.active[row];
      T* sums = recurrent + row * wide_;
      normalise_row(sums, w_.recurrent_gain, m_.pre + (slot + row) * wide_, sums, t * s_.B + b,
                    f_.saved.hidden_hat, f_.saved.hidden_rstd);
      for (int64_t p = 0; p < w_.panels; ++p) {
        V a[K];
        for (int n = 0; n < K; ++n) a[n] = V::load(sums + p * step + n * L);
        gates(t, b, p, a);
      }
    }
  }

  // The equations of one panel of cells of one row, from its pre-activations a.
  void gates(int64_t t, int64_t b, int64_t p, const V (&a)[K]) {
    const int64_t index = t * s_.B + b, at = b * padded_ + p * L;
    const int n = static_cast<int>(smaller(L, s_.H - p * L));
    const V one = V::set(1), old = V::load(m_.cell + at);
    V i, f, g, o, cell, shown;
    if (!Plain && s_.exponential) {
      exponential(a, index, at, p, n, &i, &f, &g, &o, &cell, &shown);
    } else {
      V a_i = a[0];
      if (!Plain && s_.peephole) a_i = V::fma(peep(p, 0), old, a_i);
      i = sigmoid_of(a_i);
      if constexpr (K == 3) {
        f = one - i;
      } else {
        V a_f = a[1];
        if (!Plain && s_.peephole) a_f = V::fma(peep(p, 1), old, a_f);
        f = sigmoid_of(a_f);
      }
      g = candidate(a[K - 2], b, p, n);
      cell = V::fma(f, old, i * g);
      V a_o = a[K - 1];
      if (!Plain && s_.peephole) a_o = V::fma(peep(p, K - 2), cell, a_o);
      o = sigmoid_of(a_o);
      shown = cell;
    }
    if (f_.saved.gates != nullptr) {
      T* gates = f_.saved.gates + index * 4 * s_.H + p * L;
      save(gates, i, n);
      save(gates + s_.H, f, n);
      save(gates + 2 * s_.H, g, n);
      save(gates + 3 * s_.H, o, n);
    }
    V kept = cell;
    if (!Plain && (f_.masks.zoneout_cell != nullptr || f_.masks.zoneout_cell_rate != 0)) {
      const V rate = f_.masks.zoneout_cell == nullptr
                         ? V::set(f_.masks.zoneout_cell_rate)
                         : V::load(f_.masks.zoneout_cell + index * s_.H + p * L, n);
      kept = V::fma(rate, old, (one - rate) * cell);
    }
    kept.store(m_.cell + at);
    if (f_.saved.cells != nullptr) save(f_.saved.cells + index * s_.H + p * L, kept, n);
    if (!Plain && s_.layer_norm) {
      o.store(m_.output + at);
      // The lanes behind the last cell must be zero for the moments.
      if (n < L) V::zero().store(m_.read + at);
      save(m_.read + at, shown, n);
      return;
    }
    const V h = o * (!Plain && s_.exponential ? shown : tanh_of(shown));
    if (!Plain && s_.projection) {
      h.store(m_.raw + at);
      return;
    }
    h.store(next_ + b * outputs_ + p * L);
    if (Plain) save(f_.y + index * s_.H + p * L, h, n);
  }

  static void save(T* place, V v, int n) {
    if (n == L) {
      v.store(place);
    } else {
      v.store(place, n);
    }
  }

  V peep(int64_t p, int gate) const { return V::load(w_.peephole + (p * (K - 1) + gate) * L); }

  V candidate(V a, int64_t b, int64_t p, int n) const {
    const V g = tanh_of(a);
    if (Plain || f_.masks.candidate == nullptr) return g;
    return g * V::load(f_.masks.candidate + b * s_.H + p * L, n);
  }

  // The sLSTM; see exponential_gates in cell/equations.py.
  void exponential(const V (&a)[K], int64_t index, int64_t at, int64_t p, int n, V* i, V* f, V* g,
                   V* o, V* cell, V* shown) {
    if constexpr (K == 4) {
      const int64_t b = at / padded_;
      const V old_n = V::load(m_.normaliser + at), old_m = V::load(m_.stabiliser + at);
      const V none = V::set(-static_cast<T>(__builtin_inff()));
      V log_f = log_sigmoid_of(a[1]) + old_m;
      log_f = V::select(V::equal(old_n, V::zero()), none, log_f);
      const V m = maximum(log_f, a[0]);
      *i = exp_of(a[0] - m);
      *f = exp_of(log_f - m);
      *g = candidate(a[2], b, p, n);
      *cell = V::fma(*f, V::load(m_.cell + at), *i * *g);
      const V normaliser = V::fma(*f, old_n, *i);
      *o = sigmoid_of(a[3]);
      *shown = *cell / normaliser;
      normaliser.store(m_.normaliser + at);
      m.store(m_.stabiliser + at);
      if (f_.saved.normalisers != nullptr) {
        save(f_.saved.normalisers + index * s_.H + p * L, normaliser, n);
        save(f_.saved.stabilisers + index * s_.H + p * L, m, n);
      }
      if (f_.saved.forget_rest != nullptr) {
        save(f_.saved.forget_rest + index * s_.H + p * L, sigmoid_of(V::zero() - a[1]), n);
      }
    }
  }

  // What needs whole rows: cell norm, projection, zoneout of the hidden state, padding.
  void finish(int64_t t, int64_t count) {
    if (s_.layer_norm) {
      for (int64_t row = 0; row < count; ++row) read_normed(m_.active[row]);
    }
    if (s_.projection) {
      multiply_columns<Kept, T>(
          [&](int64_t row) { return m_.raw + m_.active[row] * padded_; }, count, 1, 0, s_.H,
          Columns<T>(s_.P), static_cast<const Kept*>(w_.projection), w_.projection_scale, nullptr,
          [&](int64_t row) { return next_ + m_.active[row] * outputs_; });
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

  void read_normed(int64_t b) {
    const T* read = m_.read + b * padded_;
    const Moments<T> found = moments(read, s_.H, 1);
    T* to = s_.projection ? m_.raw + b * padded_ : next_ + b * outputs_;
    for (int64_t p = 0; p < w_.panels; ++p) {
      const V hat = (V::load(read + p * L) - V::set(found.mean)) * V::set(found.rstd);
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
    clear(saved.input_hat, index, K * s_.H);
    clear(saved.hidden_hat, index, K * s_.H);
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

  const Forward<T>& f_;
  const Shape& s_;
  const Packed<T> w_;
  Shared m_;
  const int64_t b0_, b1_, p0_, p1_;
  Barrier* barrier_;
  const int64_t weight_, wide_, padded_, outputs_;
  T *previous_, *next_;
};

// Whether threads share the panels, with a barrier after each step, instead of the rows.
template <class T>
inline bool splits_panels(const Shape& s, int threads) {
  const int64_t panels = ceil_div(s.H, Vec<T>::lanes);
  const int64_t bytes = 4 * s.H * s.P * static_cast<int64_t>(sizeof(T));
  // Below this a barrier costs more than the other threads save; above it they also halve what
  // each reads of the weights.
  return panels >= 2 * threads && s.B < 6 * threads && bytes * larger(s.B, int64_t(1)) >= 96 * 1024;
}

template <class T>
inline bool plain_forward(const Forward<T>& f) {
  const Shape& s = f.shape;
  const Masks<T>& m = f.masks;
  return !s.coupled && !s.exponential && !s.projection && !s.layer_norm && !s.peephole &&
         m.hidden == nullptr && m.candidate == nullptr && m.zoneout_cell == nullptr &&
         m.zoneout_hidden == nullptr && m.zoneout_cell_rate == 0 && m.zoneout_hidden_rate == 0 &&
         f.lengths == nullptr;
}

template <class T, class S, int K, bool Plain>
inline void forward_as(const Forward<T>& f) {
  using Run = ForwardRun<T, S, K, Plain>;
  const Shape& s = f.shape;
  const int threads = f.parallel.threads;
  const typename Run::Shared shared(f, f.workspace, Run::slots(s, threads));
  const int64_t panels = ceil_div(s.H, Vec<T>::lanes);
  if (Plain && threads > 1 && s.T > 0 && splits_panels<T>(s, threads)) {
    Barrier barrier(threads);
    auto share = [&](int64_t first, int64_t last) {
      Run(f, shared, first, 0, 0, s.B, panels * first / threads, panels * last / threads, &barrier,
          last - first)
          .run();
    };
    in_parallel(f.parallel, threads, share);
    return;
  }
  const int64_t shares = smaller(static_cast<int64_t>(threads), s.B);
  auto share = [&](int64_t first, int64_t last) {
    const int64_t b0 = s.B * first / shares, b1 = s.B * last / shares;
    const int64_t slot = first * smaller(larger(s.T, int64_t(1)) * s.B, FORWARD_ROWS) + b0;
    Run(f, shared, first, slot, b0, b1, 0, panels, nullptr, 0).run();
  };
  in_parallel(f.parallel, shares, share);
}

template <class T, class S>
inline void forward_stored(const Forward<T>& f) {
  if (f.shape.coupled) return forward_as<T, S, 3, false>(f);
  if (plain_forward(f)) return forward_as<T, S, 4, true>(f);
  return forward_as<T, S, 4, false>(f);
}

template <class T>
void forward(const Forward<T>& f) {
  if constexpr (sizeof(T) == 4) {
    if (f.storage == Storage::f16) return forward_stored<T, uint16_t>(f);
    if (f.storage == Storage::int8_weights) return forward_stored<T, int8_t>(f);
#if defined(GATEWORK_INT8)
    if (f.storage == Storage::int8) return forward_stored<T, Int8Weight>(f);
#endif
  }
  forward_stored<T, T>(f);
}

template <class T>
int forward_threads(const Forward<T>& f) {
  const int threads = f.parallel.threads;
  if (f.shape.T == 0 || f.shape.B == 0) return 1;
  if (plain_forward(f) && threads > 1 && splits_panels<T>(f.shape, threads)) return threads;
  return static_cast<int>(smaller(static_cast<int64_t>(threads), f.shape.B));
}

template <class T>
size_t forward_workspace(const Forward<T>& f) {
  // The count is the same for every number of gates and storage but for K, so take the larger.
  using Run = ForwardRun<T, T, 4, false>;
  return typename Run::Shared(f, nullptr, Run::slots(f.shape, f.parallel.threads)).bytes;
}

template <class T>
int64_t table_width(const Shape& s) {
  return ceil_div(s.H, Vec<T>::lanes) * s.gates() * Vec<T>::lanes;
}

template <int K, class T>
inline void project_as(const Shape& s, const void* block, int64_t rows, const T* x, T* table) {
  const Packed<T> packed(s, Storage::same, block);
  const int64_t wide = table_width<T>(s);
  for (int64_t first = 0; first < rows; first += FORWARD_ROWS) {
    const int64_t count = smaller(FORWARD_ROWS, rows - first);
    const T* from[FORWARD_ROWS];
    for (int64_t r = 0; r < count; ++r) from[r] = x + (first + r) * s.I;
    T* to = table + first * wide;
    multiply_gates<K>(from, count, s.I, static_cast<const T*>(packed.input), packed.input_scale,
                      s.layer_norm ? nullptr : packed.bias, to, wide, int64_t(0), packed.panels);
    for (int64_t r = 0; s.layer_norm && r < count; ++r) {
      T* row = to + r * wide;
      normalise<K>(row, s.H, packed.input_gain, packed.bias, row, static_cast<T*>(nullptr));
    }
  }
}

template <class T>
void project(const Shape& s, const void* packed, int64_t rows, const T* x, T* table) {
  const FlushDenormals flush;
  if (s.coupled) return project_as<3>(s, packed, rows, x, table);
  project_as<4>(s, packed, rows, x, table);
}

}  // namespace gatework::GATEWORK_TARGET
