// A network as the runtime runs it: packed weights, and a runner that owns the buffers of a run.
//
// The state of a network is a row of numbers for each row of the batch: member by member, layer by
// layer, direction by direction, the parts hidden (P), cell (H) and, with exponential gating,
// normaliser (H) and stabiliser (H). A member is a stack of layers with or without a linear head;
// most networks have one, a forecaster averages several.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "kernels.h"
#include "runtime_memory.h"

namespace gatework::runtime {

template <class T>
struct Cell {
  Shape shape;
  bool reverse;
  T zoneout_cell, zoneout_hidden;
  Memory packed;

  int parts() const { return shape.exponential ? 4 : 2; }
  int64_t part_size(int part) const { return part == 0 ? shape.P : shape.H; }
  int64_t state_size() const { return shape.P + (parts() - 1) * shape.H; }
  int64_t products() const {
    return shape.gates() * shape.H * (shape.I + shape.P) +
           (shape.projection ? shape.P * shape.H : 0);
  }
};

struct Head {
  int64_t inputs, outputs;
  Memory packed;
};

template <class T>
struct Member {
  std::vector<std::vector<Cell<T>>> layers;  // by layer and direction
  std::optional<Head> head;

  int64_t width(size_t layer) const {
    int64_t sum = 0;
    for (const Cell<T>& cell : layers[layer]) sum += cell.shape.P;
    return sum;
  }
  int64_t output_size() const { return head ? head->outputs : width(layers.size() - 1); }
};

// What comes in and goes out in the user's units: standardised before the members, each of which
// has one input and one output; restored and averaged after them, none below lowest.
struct Scaling {
  double mean, deviation;
  bool log;  // of 1 + value
  double lowest;

  double scale(double value) const {
    return ((log ? std::log1p(value) : value) - mean) / deviation;
  }
  double restore(double value) const {
    const double restored = value * deviation + mean;
    return log ? std::expm1(restored) : restored;
  }
};

// A rare part of a vocabulary: through few values to the scores of its tokens.
struct Tail {
  Head inner, outer;
};

// A vocabulary in front of the layers and behind them.
template <class T>
struct Words {
  Words(int64_t tokens, int64_t values, Memory&& rows)
      : count(tokens), size(values), embedding(std::move(rows)) {}

  int64_t count, size;  // V tokens, E values of each
  Memory embedding;     // (V, E)
  Memory table;         // (V, table_width) where the first layer's products are looked up
  int64_t table_width = 0;
  Head head{};  // to all tokens, or to the frequent ones and the tails
  std::vector<Tail> tails;

  bool has(const int64_t* tokens, int64_t n) const {
    for (int64_t i = 0; i < n; ++i)
      if (tokens[i] < 0 || tokens[i] >= count) return false;
    return true;
  }
};

template <class T>
struct Network {
  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  const Target* target = nullptr;
  const Kernel<T>* kernel = nullptr;
  Storage storage = Storage::same;
  std::vector<Member<T>> members;
  std::optional<Scaling> scaling;
  std::optional<Words<T>> words;
  bool whole = false;  // something points into it: no more cells

  int64_t input_size() const { return members[0].layers[0][0].shape.I; }
  int64_t output_size() const { return members[0].output_size(); }
  int64_t state_size() const {
    return sum([](const Cell<T>& cell) { return cell.state_size(); });
  }
  // Multiplications of one step of one row, about: what decides whether a run is short.
  int64_t products() const {
    int64_t total = sum([](const Cell<T>& cell) { return cell.products(); });
    each_head([&](const Head& head) { total += head.inputs * head.outputs; });
    return total;
  }
  int64_t packed_bytes() const {
    int64_t total =
        sum([](const Cell<T>& cell) { return static_cast<int64_t>(cell.packed.size()); });
    each_head([&](const Head& head) { total += static_cast<int64_t>(head.packed.size()); });
    if (words) total += static_cast<int64_t>(words->embedding.size() + words->table.size());
    return total;
  }

 private:
  template <class Function>
  void each_head(Function function) const {
    if (!words) return;
    function(words->head);
    for (const Tail& tail : words->tails) {
      function(tail.inner);
      function(tail.outer);
    }
  }

  template <class Function>
  int64_t sum(Function function) const {
    int64_t total = 0;
    for (const Member<T>& member : members)
      for (const auto& layer : member.layers)
        for (const Cell<T>& cell : layer) total += function(cell);
    return total;
  }
};

// Runs T steps of B rows, again and again from the state where it stands. The state lies twice:
// one side is read while the other is written, since no output of a kernel may overlap an input.
// A run allocates nothing; resize does where the buffers have to grow.
template <class T>
class Runner {
 public:
  Runner(const Network<T>& network, Parallel parallel = {})
      : network_(network), parallel_(parallel) {
    for (const Member<T>& member : network.members)
      for (const auto& layer : member.layers) {
        for (const Cell<T>& cell : layer) calls_.push_back({&cell, {}, {}});
      }
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  int64_t rows() const { return B_; }

  // Run on these threads until told otherwise, no more than it was made for.
  void use(const Parallel& parallel) {
    for (Call& call : calls_)
      for (Forward<T>& side : call.sides) side.parallel = parallel;
  }

  // Make room for T steps of B rows; the state is not kept.
  void resize(int64_t steps, int64_t rows) {
    if (steps == T_ && rows == B_) return;
    T_ = steps;
    B_ = rows;
    const size_t needed = place(nullptr);
    if (needed > memory_.size()) memory_ = Memory(std::max(needed, 2 * memory_.size()));
    place(static_cast<char*>(memory_.get()));
  }

  // Copy the state of all rows from and to rows of numbers; index[b] is the place of row b, or b.
  void load(const T* states, const int64_t* index = nullptr) {
    each_part([&](T* part, int64_t size, int64_t offset, int64_t width) {
      for (int64_t b = 0; b < B_; ++b)
        copy(part + b * size, states + (index ? index[b] : b) * width + offset, size);
    });
  }
  void store(T* states, const int64_t* index = nullptr) const {
    each_part([&](const T* part, int64_t size, int64_t offset, int64_t width) {
      for (int64_t b = 0; b < B_; ++b)
        copy(states + (index ? index[b] : b) * width + offset, part + b * size, size);
    });
  }
  void load_row(int64_t row, const T* state) {
    each_part([&](T* part, int64_t size, int64_t offset, int64_t) {
      copy(part + row * size, state + offset, size);
    });
  }

  // x (T, B, I) and y (T, B, O) are double where the network scales, else T; of a network of words
  // x is (T, B) tokens, int64. lengths (B) or null.
  void run(const void* x, void* y, const int64_t* lengths) {
    const std::optional<Scaling>& scaling = network_.scaling;
    const T* input = static_cast<const T*>(x);
    if (scaling) input = scaled(static_cast<const double*>(x));
    if (network_.words) input = embedded(static_cast<const int64_t*>(x));
    size_t call = 0;
    for (size_t m = 0; m < network_.members.size(); ++m) {
      const Member<T>& member = network_.members[m];
      T* const out = scaling ? single_ : static_cast<T*>(y);
      const T* current = input;
      for (size_t layer = 0; layer < member.layers.size(); ++layer) {
        const bool last = layer + 1 == member.layers.size() && !member.head;
        T* const following = last ? out : between_[layer % 2];
        run_layer(member.layers[layer].size(), call, current, following, lengths);
        current = following;
      }
      if (member.head) {
        network_.kernel->linear(T_ * B_, member.head->inputs, member.head->outputs,
                                member.head->packed.get(), Storage::same, current, out);
        if (lengths) clear_padding(out, member.head->outputs, lengths);
      }
      if (scaling) add_restored(static_cast<double*>(y), m);
    }
    if (scaling) average(static_cast<double*>(y), lengths);
    side_ ^= 1;
  }

 private:
  struct Call {
    const Cell<T>* cell;
    Forward<T> sides[2];
    T* state[2];  // the parts one behind the other, each (B, size)
  };

  static void copy(T* to, const T* from, int64_t count) {
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
  }

  template <class Function>
  void each_part(Function function) const {
    const int64_t width = network_.state_size();
    int64_t offset = 0;
    for (const Call& call : calls_) {
      T* part = call.state[side_];
      for (int p = 0; p < call.cell->parts(); ++p) {
        const int64_t size = call.cell->part_size(p);
        function(part, size, offset, width);
        part += padded(size);
        offset += size;
      }
    }
  }

  // Values that a part of B rows takes, up to the next boundary.
  int64_t padded(int64_t size) const {
    return static_cast<int64_t>(aligned(static_cast<size_t>(B_ * size) * sizeof(T)) / sizeof(T));
  }

  // Lay all buffers into memory from base on; return the bytes. A null base only counts.
  size_t place(char* base) {
    size_t used = 0;
    auto take = [&](size_t count, size_t item = sizeof(T)) {
      char* const place = base ? base + used : nullptr;
      used += aligned(count * item);
      return static_cast<void*>(place);
    };
    const size_t values = static_cast<size_t>(T_ * B_);
    if (network_.words && network_.words->table.size() == 0)
      embedded_ = static_cast<T*>(take(values * static_cast<size_t>(network_.words->size)));
    int64_t between = 0, aside = 0, single = 0;
    for (const Member<T>& member : network_.members) {
      for (size_t layer = 0; layer < member.layers.size(); ++layer) {
        const bool last = layer + 1 == member.layers.size() && !member.head;
        if (!last) between = std::max(between, member.width(layer));
        if (member.layers[layer].size() > 1)
          for (const Cell<T>& cell : member.layers[layer]) aside = std::max(aside, cell.shape.P);
      }
      single = std::max(single, member.output_size());
    }
    for (T*& buffer : between_)
      buffer = static_cast<T*>(take(values * static_cast<size_t>(between)));
    for (T*& buffer : aside_) buffer = static_cast<T*>(take(values * static_cast<size_t>(aside)));
    if (network_.scaling) {
      single_ = static_cast<T*>(take(values * static_cast<size_t>(single)));
      scaled_ = static_cast<T*>(take(values));
    }
    size_t workspace = 0;
    for (Call& call : calls_) {
      for (T*& state : call.state) {
        int64_t count = 0;
        for (int p = 0; p < call.cell->parts(); ++p) count += padded(call.cell->part_size(p));
        state = static_cast<T*>(take(static_cast<size_t>(count)));
      }
      for (int side = 0; side < 2; ++side) {
        call.sides[side] = forward(*call.cell, call.state[side], call.state[side ^ 1]);
        Forward<T> fewer = call.sides[side];  // which may share the work in another way
        for (; fewer.parallel.threads > 0; --fewer.parallel.threads)
          workspace = std::max(workspace, network_.kernel->forward_workspace(fewer));
      }
    }
    void* const work = take(workspace, 1);
    for (Call& call : calls_)
      for (Forward<T>& side : call.sides) side.workspace = work;
    return used;
  }

  Forward<T> forward(const Cell<T>& cell, const T* from, T* to) const {
    Forward<T> f{};
    f.shape = cell.shape;
    f.shape.T = T_;
    f.shape.B = B_;
    f.packed = cell.packed.get();
    f.storage = network_.storage;
    f.masks.zoneout_cell_rate = cell.zoneout_cell;
    f.masks.zoneout_hidden_rate = cell.zoneout_hidden;
    f.reverse = cell.reverse;
    f.parallel = parallel_;
    const bool first = network_.words && &cell == &network_.members[0].layers[0][0];
    if (first) f.table = static_cast<const T*>(network_.words->table.get());
    const T** const starts[] = {&f.h0, &f.c0, &f.n0, &f.m0};
    T** const ends[] = {&f.h, &f.c, &f.n, &f.m};
    int64_t offset = 0;
    for (int p = 0; p < cell.parts(); ++p) {
      *starts[p] = from ? from + offset : nullptr;
      *ends[p] = to ? to + offset : nullptr;
      offset += padded(cell.part_size(p));
    }
    return f;
  }

  void run_layer(size_t directions, size_t& call, const T* x, T* y, const int64_t* lengths) {
    for (size_t direction = 0; direction < directions; ++direction, ++call) {
      Forward<T>& f = calls_[call].sides[side_];
      f.x = x;
      f.tokens = x ? nullptr : tokens_;
      f.y = directions == 1 ? y : aside_[direction];
      f.lengths = lengths;
      network_.kernel->forward(f);
    }
    if (directions == 1) return;
    const int64_t ahead = calls_[call - 2].cell->shape.P, back = calls_[call - 1].cell->shape.P;
    for (int64_t row = 0; row < T_ * B_; ++row) {
      copy(y + row * (ahead + back), aside_[0] + row * ahead, ahead);
      copy(y + row * (ahead + back) + ahead, aside_[1] + row * back, back);
    }
  }

  template <class Value>
  void clear_padding(Value* y, int64_t size, const int64_t* lengths) const {
    for (int64_t t = 0; t < T_; ++t)
      for (int64_t b = 0; b < B_; ++b)
        if (t >= lengths[b]) std::fill_n(y + (t * B_ + b) * size, size, Value(0));
  }

  // The embeddings of tokens (T, B); null where the first layer looks up what it makes of them.
  const T* embedded(const int64_t* tokens) {
    const Words<T>& words = *network_.words;
    tokens_ = tokens;
    if (words.table.size() != 0) return nullptr;
    const T* const rows = static_cast<const T*>(words.embedding.get());
    for (int64_t i = 0; i < T_ * B_; ++i)
      copy(embedded_ + i * words.size, rows + tokens[i] * words.size, words.size);
    return embedded_;
  }

  const T* scaled(const double* x) {
    for (int64_t i = 0; i < T_ * B_; ++i)
      scaled_[i] = static_cast<T>(network_.scaling->scale(x[i]));
    return scaled_;
  }

  void add_restored(double* y, size_t member) const {
    for (int64_t i = 0; i < T_ * B_; ++i) {
      const double value = network_.scaling->restore(static_cast<double>(single_[i]));
      y[i] = member ? y[i] + value : value;
    }
  }

  void average(double* y, const int64_t* lengths) const {
    const double lowest = network_.scaling->lowest;
    for (int64_t i = 0; i < T_ * B_; ++i) {
      const double mean = y[i] / static_cast<double>(network_.members.size());
      y[i] = mean < lowest ? lowest : mean;  // NaN stays
    }
    if (lengths) clear_padding(y, 1, lengths);
  }

  const Network<T>& network_;
  const Parallel parallel_;
  int64_t T_ = -1, B_ = -1;
  int side_ = 0;
  std::vector<Call> calls_;
  Memory memory_;
  T* between_[2] = {};               // (T, B, width) outputs of the layers, in turn
  T* aside_[2] = {};                 // (T, B, P) of the two directions
  T* single_ = nullptr;              // (T, B, 1) a member's output before it is restored
  T* scaled_ = nullptr;              // (T, B, 1)
  T* embedded_ = nullptr;            // (T, B, E)
  const int64_t* tokens_ = nullptr;  // (T, B) of the run
};

}  // namespace gatework::runtime
