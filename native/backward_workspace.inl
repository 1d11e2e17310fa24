// What the parts of a backward run share: its sizes, the memory that they work in, and the chunk of
// steps at hand.
//
// A slot is one valid (step, row) of a chunk, in the order of the input, in which sums over slots
// run. Gradients of pre-activations lie as [panel][room][gate][lane], where each thread has the
// rooms of its rows to itself.

#pragma once

#include <cstring>
#include <initializer_list>

#include "bfloat16.inl"
#include "kernels.h"
#include "moments.inl"
#include "panels.inl"
#include "target.inl"

namespace gatework::GATEWORK_TARGET {

// Slots of a chunk: sums of gradients are rounded at its end, and what it holds should stay in the
// second cache.
constexpr int64_t MOST_SLOTS = 512, FEWEST_SLOTS = 128, CHUNK_BYTES = 640 * 1024;

// into[0..lanes) += v.
template <class V>
inline void add(V v, typename V::Scalar* into) {
  (V::load(into) + v).store(into);
}

template <class T>
struct BackwardWorkspace {
  using V = Vec<T>;
  static constexpr int64_t L = V::lanes;

  // What one row of one step needs, for each panel of its cells.
  struct Row {
    int64_t t, b, place, slot, room;  // place: where its states lie
    const T *gates, *cells, *old_cells, *normalisers, *old_normalisers, *dh;
  };

  // The valid rows of a step that a share has.
  struct Step {
    int64_t t, skipped, count;  // skipped: places before those of the share
    const int64_t* slots;       // (B)
    int64_t *places, *rooms;    // (count)
  };

  // What a layer norm takes off the gradient of each value of a row: its mean, and its slope over
  // the normalised values.
  struct NormShare {
    T mean, slope;
  };
  struct NormShares {
    NormShare read, input, hidden;
  };

  const Backward<T>& run;
  const Shape& s;
  const int64_t K, step;               // gates; values of a row in one panel
  const int64_t panels, padded, wide;  // padded: cells of a row; wide: values of all its gates
  const Columns<T> inputs, hiddens, cells;
  const int64_t outputs, steps, slots;  // steps and slots of a chunk, at most
  const int64_t shares, apart, places;  // of the rows; places between those of two, and of all
  size_t bytes;

  // The chunk at hand: its steps are counted in the order of the run.
  int64_t chunk_begin = 0, chunk_steps = 0, used = 0;  // used: of the slots
  int64_t* slot_of;                                    // (steps, B), -1 on padding
  int64_t *active, *active_rooms;                      // (places) of a step: places and rooms
  int64_t *room_of, *row_of, *in_order;                // (slots); of a room t * B + b; 0, 1, 2
  const T **x_rows, **h_rows, **c_rows, **p_rows;      // (slots) what each read, and projected
  T *masked, *projected, *shown, *new_cells;           // (slots, P), (slots, P), (slots, H) twice
  T *delta, *delta_input, *delta_hidden;               // of pre-activations; one without norm
  T *carry_h, *direct;                                 // (places, outputs)
  T *carry_c, *carry_n, *carry_m, *raw;                // (places, H)
  void *back, *back_x;                                 // weights, packed to multiply deltas
  T* back_r;
  T* peephole;                                            // weights in panels
  T *sum_ih, *sum_hh, *sum_bias, *sum_hr, *sum_peephole;  // gradients in panels
  // Of bfloat16, in pairs: gradients of pre-activations along their cells, [panel][slot][step / 2],
  // and along slots, [panel][slot / 2][step]; along slots what they are multiplied with.
  const bool paired;
  Pair *input_cells, *hidden_cells, *input_slots, *hidden_slots;
  const Pair **x_pairs, **h_pairs;  // (slots / 2) rows of x and of hidden states
  // Layer norm: weights and their gradients in panels, (places, H) of a step, (rooms, H) of the
  // chunk.
  T *input_gain, *recurrent_gain, *cell_gain, *cell_shift;
  T *sum_input_gain, *sum_recurrent_gain, *sum_cell_gain, *sum_cell_shift;
  T *read, *delta_read, *delta_out, *cell_hat, *delta_norm;
  Moments<T>* found;        // (places) of the cells that were read
  NormShares* norm_shares;  // (places)
  // The chunk's forward run, where its gates were not saved.
  Forward<T> again{};
  T* again_h0;
  int64_t* again_lengths;

  BackwardWorkspace(const Backward<T>& backward, void* block)
      : run(backward),
        s(backward.shape),
        K(s.gates()),
        step(K * L),
        panels(ceil_div(s.H, L)),
        padded(panels * L),
        wide(panels * step),
        inputs(s.I),
        hiddens(s.P),
        cells(s.H),
        outputs(larger(hiddens.padded(), padded)),
        steps(most_steps()),
        slots(steps * s.B),
        shares(smaller(static_cast<int64_t>(backward.parallel.threads), s.B)),
        apart(ceil_div(APART, padded * static_cast<int64_t>(sizeof(T)))),
        places(s.B + larger(shares - 1, int64_t(0)) * apart),
        paired(HAS_BFLOAT16<T> && backward.storage == Storage::bfloat16) {
    Arena arena(block);
    allocate(arena);
    if (paired) allocate_pairs(arena);
    if (s.layer_norm) allocate_norm(arena);
    if (!whole()) allocate_again(arena);
    bytes = arena.bytes();
  }

  bool valid(int64_t t, int64_t b) const { return run.lengths == nullptr || t < run.lengths[b]; }
  int lanes(int64_t p) const { return static_cast<int>(smaller(L, s.H - p * L)); }

  // The rows of the batch of a share, and where their states lie.
  int64_t first_row(int64_t share) const { return s.B * share / shares; }
  template <class F>
  void for_places(F&& f) const {
    for (int64_t n = 0; n < shares; ++n) {
      for (int64_t b = first_row(n); b < first_row(n + 1); ++b) f(b, b + n * apart);
    }
  }

  Step step_of(int64_t share, int64_t local) const {
    const int64_t b0 = first_row(share), skipped = share * apart;
    Step step{chunk_begin + local,        skipped, 0, slot_of + local * s.B, active + b0 + skipped,
              active_rooms + b0 + skipped};
    for (int64_t b = b0; b < first_row(share + 1); ++b) {
      if (step.slots[b] < 0) continue;
      step.places[step.count] = b + skipped;
      step.rooms[step.count++] = room_of[step.slots[b]];
    }
    return step;
  }

  static V some(const T* place, int n) { return n == L ? V::load(place) : V::load(place, n); }
  static void zero(T* place, int64_t count) { std::memset(place, 0, count * sizeof(T)); }

  // The state that step t of row b started from.
  const T* old_hidden(int64_t t, int64_t b) const {
    const int64_t at = before(t);
    return inside(at) && valid(at, b) ? run.y + (at * s.B + b) * s.P : run.h0 + b * s.P;
  }
  const T* old_state(const T* states, const T* start, int64_t t, int64_t b) const {
    const int64_t at = before(t);
    return (inside(at) ? states + at * s.B * s.H : start) + b * s.H;
  }

  // Saved values of (t, row): of the whole run, or of the chunk that was computed again.
  bool whole() const { return run.saved.gates != nullptr; }
  int64_t index(int64_t t, int64_t b) const { return (whole() ? t : t - chunk_begin) * s.B + b; }
  Saved<T, const T*> saved() const {
    if (whole()) return run.saved;
    const Saved<T>& a = again.saved;
    return {a.gates,     a.cells,      a.normalisers, a.stabilisers, a.forget_rest,
            a.input_hat, a.input_rstd, a.hidden_hat,  a.hidden_rstd};
  }

  bool zones_cell() const {
    return run.masks.zoneout_cell != nullptr || run.masks.zoneout_cell_rate != 0;
  }

  V new_cell(const Row& row, int64_t p, int n) const {
    const int64_t at = p * L;
    if (!zones_cell()) return some(row.cells + at, n);
    const V i = some(row.gates + at, n), f = some(row.gates + s.H + at, n),
            g = some(row.gates + 2 * s.H + at, n);
    return V::fma(f, some(row.old_cells + at, n), i * g);
  }

  // Where the pair i of slots keeps its inputs and hidden states.
  Pair* x_room(int64_t i) const { return pair_rooms_ + i * pair_width(s.I); }
  Pair* h_room(int64_t i) const { return x_room(pairs(slots)) + i * pair_width(s.P); }

  // Turns to steps [end - steps, end) of the run; returns where they begin.
  int64_t enter_chunk(int64_t end) {
    const int64_t begin = larger(int64_t(0), end - steps);
    chunk_begin = run.reverse ? s.T - end : begin;
    chunk_steps = end - begin;
    list_slots();
    if (shares > 1) list_rooms();
    if (!whole()) compute_again();
    return begin;
  }

 private:
  int64_t most_steps() const {
    const int64_t row = K * s.H * static_cast<int64_t>(sizeof(T)) * (s.layer_norm ? 5 : 1);
    const int64_t slots = smaller(larger(CHUNK_BYTES / row, FEWEST_SLOTS), MOST_SLOTS);
    const int64_t fitting = larger(int64_t(1), slots / larger(s.B, int64_t(1)));
    return smaller(larger(s.T, int64_t(1)), fitting);
  }

  int64_t before(int64_t t) const { return run.reverse ? t + 1 : t - 1; }
  bool inside(int64_t t) const { return t >= 0 && t < s.T; }

  void allocate(Arena& arena) {
    delta = arena.allocate<T>(slots * wide);
    delta_input = s.layer_norm ? arena.allocate<T>(slots * wide) : delta;
    delta_hidden = s.layer_norm ? arena.allocate<T>(slots * wide) : delta;
    x_rows = arena.allocate<const T*>(slots);
    h_rows = arena.allocate<const T*>(slots);
    c_rows = arena.allocate<const T*>(slots);
    slot_of = arena.allocate<int64_t>(slots);
    for (int64_t** of : {&row_of, &in_order}) *of = arena.allocate<int64_t>(slots);
    room_of = shares > 1 ? arena.allocate<int64_t>(slots) : in_order;
    active = arena.allocate<int64_t>(places);
    active_rooms = arena.allocate<int64_t>(places);
    masked = arena.allocate<T>(run.masks.hidden != nullptr ? slots * s.P : 0);
    carry_h = arena.allocate<T>(places * outputs);
    direct = arena.allocate<T>(places * outputs);
    carry_c = arena.allocate<T>(places * padded);
    carry_n = arena.allocate<T>(s.exponential ? places * padded : 0);
    carry_m = arena.allocate<T>(s.exponential ? places * padded : 0);
    const int64_t size = element_size(run.storage, sizeof(T));
    back = arena.allocate<char>(hiddens.padded() * wide * size);
    back_x = arena.allocate<char>(run.dx != nullptr ? inputs.padded() * wide * size : 0);
    sum_ih = arena.allocate<T>(wide * s.I);
    sum_hh = arena.allocate<T>(wide * s.P);
    sum_bias = arena.allocate<T>(wide);
    const int64_t projects = s.projection ? 1 : 0, peeps = s.peephole ? 1 : 0;
    back_r = arena.allocate<T>(projects * cells.padded() * s.P);
    raw = arena.allocate<T>(projects * places * cells.padded());
    shown = arena.allocate<T>(projects * slots * cells.padded());
    projected = arena.allocate<T>(projects * slots * s.P);
    p_rows = arena.allocate<const T*>(projects * slots);
    sum_hr = arena.allocate<T>(projects * cells.padded() * s.P);
    peephole = arena.allocate<T>(peeps * panels * (K - 1) * L);
    new_cells = arena.allocate<T>(peeps * slots * padded);
    sum_peephole = arena.allocate<T>(peeps * panels * (K - 1) * L);
  }

  // Rows of pairs are written in whole vectors.
  static int64_t pair_width(int64_t count) { return L * ceil_div(count, L) + L; }

  void allocate_pairs(Arena& arena) {
    const int64_t half = pairs(slots);
    hidden_cells = arena.allocate<Pair>(slots * wide / 2);
    hidden_slots = arena.allocate<Pair>(half * wide);
    input_cells = s.layer_norm ? arena.allocate<Pair>(slots * wide / 2) : hidden_cells;
    input_slots = s.layer_norm ? arena.allocate<Pair>(half * wide) : hidden_slots;
    x_pairs = arena.allocate<const Pair*>(half);
    h_pairs = arena.allocate<const Pair*>(half);
    pair_rooms_ = arena.allocate<Pair>(half * (pair_width(s.I) + pair_width(s.P)));
  }

  void allocate_norm(Arena& arena) {
    for (T** gates : {&input_gain, &recurrent_gain, &sum_input_gain, &sum_recurrent_gain}) {
      *gates = arena.allocate<T>(wide);
    }
    for (T** row : {&cell_gain, &cell_shift, &sum_cell_gain, &sum_cell_shift}) {
      *row = arena.allocate<T>(padded);
    }
    for (T** rows : {&read, &delta_read, &delta_out}) *rows = arena.allocate<T>(places * padded);
    found = arena.allocate<Moments<T>>(places);
    norm_shares = arena.allocate<NormShares>(places);
    for (T** all : {&cell_hat, &delta_norm}) *all = arena.allocate<T>(slots * padded);
  }

  // Room to run the chunk forward once more, where its gates were not saved.
  void allocate_again(Arena& arena) {
    const int64_t B = s.B, n = slots, H = s.H;
    again.shape = s;
    again.shape.T = steps;
    again.packed = run.packed;
    again.storage = run.storage;
    again.lengths = run.lengths;
    again.masks = run.masks;
    again.reverse = run.reverse;
    again.parallel = run.parallel;
    again.h0 = again_h0 = arena.allocate<T>(B * s.P);
    again_lengths = arena.allocate<int64_t>(B);
    again.y = arena.allocate<T>(n * s.P);
    again.h = arena.allocate<T>(B * s.P);
    again.c = arena.allocate<T>(B * H);
    again.n = s.exponential ? arena.allocate<T>(B * H) : nullptr;
    again.m = s.exponential ? arena.allocate<T>(B * H) : nullptr;
    again.saved.gates = arena.allocate<T>(n * 4 * H);
    if (s.exponential) again.saved.forget_rest = arena.allocate<T>(n * H);
    if (s.layer_norm) {
      again.saved.input_hat = arena.allocate<T>(n * K * H);
      again.saved.input_rstd = arena.allocate<T>(n);
      again.saved.hidden_hat = arena.allocate<T>(n * K * H);
      again.saved.hidden_rstd = arena.allocate<T>(n);
    }
    again.workspace = arena.allocate<char>(static_cast<int64_t>(forward_workspace(again)));
  }

  void list_slots() {
    used = 0;
    for (int64_t i = 0; i < chunk_steps; ++i) {
      const int64_t t = chunk_begin + i;
      for (int64_t b = 0; b < s.B; ++b) {
        slot_of[i * s.B + b] = -1;
        if (!valid(t, b)) continue;
        slot_of[i * s.B + b] = used;
        row_of[used] = t * s.B + b;
        x_rows[used] = run.x + (t * s.B + b) * s.I;
        h_rows[used] = old_hidden(t, b);
        c_rows[used] = old_state(run.saved.cells, run.c0, t, b);
        if (s.projection) p_rows[used] = projected + used * s.P;
        ++used;
      }
    }
  }

  // Of one thread they are the slots.
  void list_rooms() {
    int64_t room = 0;
    for (int64_t n = 0; n < shares; ++n) {
      for (int64_t i = 0; i < chunk_steps; ++i) {
        for (int64_t b = first_row(n); b < first_row(n + 1); ++b) {
          const int64_t slot = slot_of[i * s.B + b];
          if (slot < 0) continue;
          room_of[slot] = room;
          row_of[room++] = (chunk_begin + i) * s.B + b;
        }
      }
    }
  }

  void compute_again() {
    const int64_t t0 = chunk_begin, first = run.reverse ? t0 + chunk_steps - 1 : t0;
    const int64_t rows = t0 * s.B;
    again.shape.T = chunk_steps;
    again.x = run.x + rows * s.I;
    for (int64_t b = 0; b < s.B; ++b) {
      std::memcpy(again_h0 + b * s.P, old_hidden(first, b), s.P * sizeof(T));
      if (run.lengths == nullptr) continue;
      again_lengths[b] = smaller(larger(run.lengths[b] - t0, int64_t(0)), chunk_steps);
    }
    if (run.lengths != nullptr) again.lengths = again_lengths;
    again.c0 = old_state(run.saved.cells, run.c0, first, 0);
    if (s.exponential) {
      again.n0 = old_state(run.saved.normalisers, run.n0, first, 0);
      again.m0 = old_state(run.saved.stabilisers, run.m0, first, 0);
    }
    const Masks<T>& masks = run.masks;
    if (masks.zoneout_cell != nullptr) again.masks.zoneout_cell = masks.zoneout_cell + rows * s.H;
    if (masks.zoneout_hidden != nullptr) {
      again.masks.zoneout_hidden = masks.zoneout_hidden + rows * s.P;
    }
    forward(again);
  }

  Pair* pair_rooms_;
};

}  // namespace gatework::GATEWORK_TARGET
