// The forward run of one instruction set and precision: input projections of a chunk of steps at
// once, then step by step the product with the hidden state, panel by panel, with the gate
// arithmetic done on the sums. Where a step has rows enough, both products are one sum.
#include <limits>
#include <type_traits>

#include GATEWORK_SIMD

#include "forward_rows.inl"
#include "target.inl"

namespace gatework::GATEWORK_TARGET {

// What a thread asks after each step whether it goes on.
struct After {
  enum class Step { nothing, others_missing, all_met } step = Step::nothing;
  Team* team = nullptr;
  bool caller = false;

  bool goes_on() const {
    if (step == Step::nothing) return true;
    return step == Step::others_missing ? !team->complete() : team->meet(caller);
  }
};

// Plain: without any option of the cell and without lengths, so that nothing is asked on the way.
template <class T, int K, bool Plain>
class ForwardRun : ForwardRows<T> {
  using Base = ForwardRows<T>;
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes, step = K * L;
  using Base::b0_, Base::b1_, Base::f_, Base::m_, Base::next_, Base::outputs_, Base::p0_, Base::p1_,
      Base::padded_, Base::s_, Base::w_, Base::wide_;

 public:
  ForwardRun(const Forward<T>& f, const ForwardWorkspace<T>& workspace, const ForwardShare& share)
      : Base(f, workspace, share), joined_(joins()) {}

  using Base::enter, Base::leave;

  // Steps from the one it stands at to the last, or until after says that it is enough; returns
  // where it stands then.
  int64_t run(int64_t from, const After& after = {}) {
    Base::stand_at(from);
    const int64_t chunk = chunk_steps();
    int64_t end = ceil_div(from, chunk) * chunk, slot = (from - end + chunk) % chunk * (b1_ - b0_);
    for (int64_t at = from; at < s_.T;) {
      if (at == end) {
        end = smaller(at + chunk, s_.T);
        slot = 0;
        if (!joined_) Base::project_inputs(at, end);
      }
      slot += advance(Base::time(at), slot);
      ++at;
      if (!after.goes_on()) return at;
    }
    return s_.T;
  }

 private:
  int64_t chunk_steps() const {
    const int64_t rows = larger(b1_ - b0_, int64_t(1));
    return smaller(larger(s_.T, int64_t(1)), larger(int64_t(1), FORWARD_ROWS / rows));
  }

  // Whether a step multiplies its inputs and its hidden states in one go: the same sums in the same
  // order, which then need not be put aside in between. It reads the weights of the inputs at each
  // step instead of once a chunk, so that few rows gain only while both lie near; a tile of more
  // rows makes more of what it reads.
  bool joins() const {
    if (s_.layer_norm || f_.table != nullptr || element_size(f_.storage, sizeof(T)) == 1) {
      return false;
    }
    const int64_t rows = b1_ - b0_, near = V::rows < 6 ? 256 * 1024 : 2048 * 1024;
    const int64_t bytes = wide_ * (s_.I + s_.P) * element_size(f_.storage, sizeof(T));
    return 2 * rows > FORWARD_ROWS || (rows >= V::rows && bytes <= near);
  }

  // One step of the valid rows; returns how many they are.
  int64_t advance(int64_t t, int64_t slot) {
    const int64_t count = Base::list_active(t);
    const Rows<const T> rows = Base::hidden();
    if (f_.storage == Storage::int8) Base::round_rows(rows, count, s_.P);
    if (!Plain && s_.layer_norm) {
      normed_gates(t, slot, count);
    } else {
      multiplied_gates(t, slot, count, rows);
    }
    if (!Plain) Base::finish(t, count);
    Base::swap_hidden();
    return count;
  }

  void multiplied_gates(int64_t t, int64_t slot, int64_t count, const Rows<const T>& rows) {
    const Rows<const T> inputs{f_.x + t * s_.B * s_.I, s_.I, m_.active};
    if constexpr (sizeof(T) == 4) {
      if (f_.storage == Storage::f16) return fused_gates<uint16_t>(t, slot, count, inputs, rows);
      if (f_.storage == Storage::int8_weights) {
        return fused_gates<int8_t>(t, slot, count, inputs, rows);
      }
      if constexpr (HAS_INT8<T>) {
        if (f_.storage == Storage::int8) return int8_gates(t, slot, count);
      }
      if constexpr (HAS_BFLOAT16<T>) {
        if (f_.storage == Storage::bfloat16) {
          const auto paired = Base::in_pairs(inputs, joined_ ? count : 0, s_.I, m_.input_pairs);
          return fused_gates<Pair>(t, slot, count, paired,
                                   Base::in_pairs(rows, count, s_.P, m_.hidden_pairs));
        }
      }
    }
    fused_gates<T>(t, slot, count, inputs, rows);
  }

  // Calls f(rows, panels, depth) for each product that a step sums up.
  template <class S, class A, class F>
  void for_products(const Rows<const A>& inputs, const Rows<const A>& hidden, F&& f) const {
    for (int part = joined_ ? 0 : 1; part < 2; ++part) {
      const bool first = part == 0;
      const int64_t width = first ? s_.I : s_.P;
      f(first ? inputs : hidden, static_cast<const S*>(first ? w_.input : w_.recurrent),
        std::is_same_v<S, Pair> ? pairs(width) : width);
    }
  }

  template <class S, class A>
  void fused_gates(int64_t t, int64_t slot, int64_t count, const Rows<const A>& inputs,
                   const Rows<const A>& hidden) {
    int64_t p = p0_;
    for (; count == 1 && p + 2 <= p1_; p += 2) {
      V starts[2][K], sums[2][K];
      for (int q = 0; q < 2; ++q) start<S>(slot, p + q, starts[q], sums[q]);
      for_products<S>(inputs, hidden, [&](const auto& rows, const S* panels, int64_t depth) {
        const S* panel = panels + p * depth * step;
        multiply_pair<V, S, K>(rows[0], panel, panel + depth * step, depth, sums[0], sums[1]);
      });
      for (int q = 0; q < 2; ++q) close<S>(t, 0, p + q, starts[q], sums[q]);
      for (int q = 0; q < 2; ++q) show(t, m_.active[0], p + q, sums[q]);
    }
    for (; p < p1_; ++p) {
      for_tiles<V::rows>(count, [&](int64_t r0, auto height) {
        constexpr int R = decltype(height)::value;
        V starts[R][K], sums[R][K];
        for (int r = 0; r < R; ++r) start<S>(slot + r0 + r, p, starts[r], sums[r]);
        for_products<S>(inputs, hidden, [&](const auto& rows, const S* panels, int64_t depth) {
          const A* a[R];
          for (int r = 0; r < R; ++r) a[r] = rows[r0 + r];
          multiply<V, S, R, K>(a, panels + p * depth * step, depth, sums);
        });
        for (int r = 0; r < R; ++r) close<S>(t, r0 + r, p, starts[r], sums[r]);
        for (int r = 0; r < R; ++r) show(t, m_.active[r0 + r], p, sums[r]);
      });
    }
  }

  template <class S>
  void start(int64_t slot, int64_t p, V (&starts)[K], V (&sums)[K]) const {
    const T* from = joined_ ? w_.bias : m_.pre + slot * wide_;
    for (int n = 0; n < K; ++n) {
      starts[n] = V::load(from + p * step + n * L);
      sums[n] = started<V, S>(starts[n]);
    }
  }

  template <class S>
  void close(int64_t t, int64_t row, int64_t p, const V (&starts)[K], V (&sums)[K]) {
    for (int n = 0; n < K; ++n) {
      sums[n] = finished<V, S>(sums[n], starts[n], w_.recurrent_scale, p * step + n * L);
    }
    gates(t, m_.active[row], p, sums);
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
        V a[R][K];
        for (int r = 0; r < R; ++r) {
          for (int n = 0; n < K; ++n) a[r][n] = V::load(sums[r] + n * L);
          gates(t, m_.active[r0 + r], p, a[r]);
        }
        for (int r = 0; r < R; ++r) show(t, m_.active[r0 + r], p, a[r]);
      });
    }
  }

  void normed_gates(int64_t t, int64_t slot, int64_t count) {
    T* recurrent = m_.recurrent + b0_ * wide_;
    Base::multiply_recurrent(count, recurrent);
    T* rstds = f_.saved.hidden_rstd;
    Base::find_moments(recurrent, count, m_.active, rstds == nullptr ? nullptr : rstds + t * s_.B);
    for (int64_t row = 0; row < count; ++row) {
      const int64_t b = m_.active[row];
      T* hats = f_.saved.hidden_hat;
      if (hats != nullptr) hats += (t * s_.B + b) * K * s_.H;
      for (int64_t p = 0; p < w_.panels; ++p) {
        const T* sums = recurrent + row * wide_ + p * step;
        const T* pre = m_.pre + (slot + row) * wide_ + p * step;
        V a[K];
        for (int n = 0; n < K; ++n) {
          const V hat = normalised(V::load(sums + n * L), m_.found[row]);
          const V gain = V::load(w_.recurrent_gain + p * step + n * L);
          a[n] = V::fma(hat, gain, V::load(pre + n * L));
          if (hats != nullptr) save(hats + n * s_.H + p * L, hat, lanes(p));
        }
        gates(t, b, p, a);
        show(t, b, p, a);
      }
    }
  }

  // The equations of one panel of cells of one row, from its pre-activations a. Leaves what show
  // makes the hidden state of: the cell in the first, the output gate in the last.
  void gates(int64_t t, int64_t b, int64_t p, V (&a)[K]) {
    const int64_t index = t * s_.B + b, at = b * padded_ + p * L;
    const int n = lanes(p);
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
    a[0] = shown;
    a[K - 1] = o;
  }

  // The hidden state. It waits for the cell alone, so that those of several rows overlap where they
  // are asked for one after the other.
  void show(int64_t t, int64_t b, int64_t p, const V (&a)[K]) {
    const int64_t index = t * s_.B + b, at = b * padded_ + p * L;
    const int n = lanes(p);
    const V shown = a[0], o = a[K - 1];
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

  int lanes(int64_t p) const { return static_cast<int>(smaller(L, s_.H - p * L)); }
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
      constexpr T INFINITE = std::numeric_limits<T>::infinity();
      const V none = V::set(-INFINITE);
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

  const bool joined_;
};

// Whether threads share the panels, and meet after each step, instead of the rows.
template <class T>
inline bool splits_panels(const Shape& s, int threads) {
  const int64_t panels = ceil_div(s.H, Vec<T>::lanes);
  const int64_t bytes = 4 * s.H * s.P * static_cast<int64_t>(sizeof(T));
  // Below this to meet costs more than the other threads save, where their cores are far from each
  // other; above it they also halve what each reads of the weights. Rows need not meet, and two
  // make as much of what a thread reads.
  return panels >= 2 * threads && s.B < 2 * threads && bytes >= s.B * 192 * 1024;
}

// A run whose steps all threads take together, each its panels. The caller goes ahead with all
// panels until the others are there, and again once one of them has lost its core.
template <class T, int K>
class ForwardTeam {
  using Run = ForwardRun<T, K, true>;
  using Step = After::Step;

 public:
  ForwardTeam(const Forward<T>& f, const ForwardWorkspace<T>& workspace)
      : f_(f), workspace_(workspace), members_(f.parallel.threads), team_(members_) {}

  void run() {
    team_.run(
        f_.parallel,
        [](void* self, int64_t number) { static_cast<ForwardTeam*>(self)->work(number); }, this);
  }

 private:
  void work(int64_t number) {
    if (number == 0) return lead();
    int64_t from, times = 0;
    while ((from = team_.started(times++)) >= 0) {
      if (share(number).run(from, {Step::all_met, &team_, false}) == f_.shape.T) return;
    }
  }

  void lead() {
    const int64_t end = f_.shape.T;
    Run all = part(0, 0, panels_);
    all.enter();
    for (int64_t at = 0; (at = all.run(at, {Step::others_missing, &team_})) < end;) {
      team_.start(at);
      at = share(0).run(at, {Step::all_met, &team_, true});
    }
    team_.over();
    all.leave();
  }

  Run share(int64_t n) const {
    return part(n, panels_ * n / members_, panels_ * (n + 1) / members_);
  }
  Run part(int64_t n, int64_t p0, int64_t p1) const {
    return Run(f_, workspace_, {n, 0, 0, 0, f_.shape.B, p0, p1});
  }

  const Forward<T>& f_;
  const ForwardWorkspace<T>& workspace_;
  const int64_t members_, panels_ = ceil_div(f_.shape.H, Vec<T>::lanes);
  Team team_;
};

template <class T>
inline bool plain_forward(const Forward<T>& f) {
  const Shape& s = f.shape;
  const Masks<T>& m = f.masks;
  return !s.coupled && !s.exponential && !s.projection && !s.layer_norm && !s.peephole &&
         m.hidden == nullptr && m.candidate == nullptr && m.zoneout_cell == nullptr &&
         m.zoneout_hidden == nullptr && m.zoneout_cell_rate == 0 && m.zoneout_hidden_rate == 0 &&
         f.lengths == nullptr;
}

template <class T, int K, bool Plain>
inline void forward_as(const Forward<T>& f) {
  using Run = ForwardRun<T, K, Plain>;
  const Shape& s = f.shape;
  const int threads = f.parallel.threads;
  const ForwardWorkspace<T> workspace(f, f.workspace);
  const int64_t panels = ceil_div(s.H, Vec<T>::lanes);
  if constexpr (Plain) {
    if (threads > 1 && s.T > 0 && splits_panels<T>(s, threads)) {
      return ForwardTeam<T, K>(f, workspace).run();
    }
  }
  const int64_t shares = smaller(static_cast<int64_t>(threads), s.B);
  auto share = [&](int64_t first, int64_t last) {
    const int64_t b0 = s.B * first / shares, b1 = s.B * last / shares;
    const int64_t slot = first * workspace.chunk_rows(s) + b0, row = first * workspace.apart + b0;
    Run run(f, workspace, {first, slot, row, b0, b1, 0, panels});
    run.enter();
    run.run(0);
    run.leave();
  };
  in_parallel(f.parallel, shares, share);
}

template <class T>
void forward(const Forward<T>& f) {
  if (f.shape.coupled) return forward_as<T, 3, false>(f);
  if (plain_forward(f)) return forward_as<T, 4, true>(f);
  forward_as<T, 4, false>(f);
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
  return ForwardWorkspace<T>(f, nullptr).bytes;
}

template <class T>
int64_t table_width(const Shape& s) {
  return ceil_div(s.H, Vec<T>::lanes) * s.gates() * Vec<T>::lanes;
}

template <class T>
void project(const Shape& s, const void* block, int64_t rows, const T* x, T* table) {
  const FlushDenormals flush;
  const Packed<T> packed(s, Storage::same, block);
  const int64_t wide = table_width<T>(s);
  const Weight<T> weight{packed.input, Storage::same, nullptr, packed.K, s.I};
  for (int64_t r = 0; r < rows; r += FORWARD_ROWS) {
    multiply_panels<T>({x + r * s.I, s.I}, smaller(FORWARD_ROWS, rows - r), 0, weight,
                       s.layer_norm ? nullptr : packed.bias, 0, packed.panels,
                       {table + r * wide, wide}, wide);
  }
  for (int64_t r = 0; s.layer_norm && r < rows; ++r) {
    T* row = table + r * wide;
    const Moments<T> found = moments(row, s.H, packed.K);
    normalise<T>(row, found, s.H, packed.K, packed.input_gain, packed.bias, row, nullptr);
  }
}

using Scalar = GATEWORK_SCALAR;
template void forward(const Forward<Scalar>&);
template size_t forward_workspace(const Forward<Scalar>&);
template int forward_threads(const Forward<Scalar>&);
template int64_t table_width<Scalar>(const Shape&);
template void project(const Shape&, const void*, int64_t, const Scalar*, Scalar*);

}  // namespace gatework::GATEWORK_TARGET
