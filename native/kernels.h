// The function table of the kernels: every pointer with its shape, who owns it and what may be
// null.
//
// The kernels know neither Python nor torch. All memory belongs to the caller; a kernel allocates
// nothing, keeps nothing and may be called from many threads at once. Arrays are contiguous and
// row-major. No output may overlap an input or another output. Sizes of 0 are allowed for T and B.
//
// T steps, B rows of the batch, I inputs, H memory cells, P hidden outputs (P = H without
// projection), K gates in the weights (3 with coupled gates, else 4). Gate order: input, forget,
// candidate, output; the forget gate has no weights where gates are coupled.
#pragma once

#include <cstddef>
#include <cstdint>

#include "compiler.h"

namespace gatework {

enum class Storage : int32_t {
  same = 0,          // the weights as they are computed with, float or double
  f16 = 1,           // IEEE half, float kernels only
  int8_weights = 2,  // a signed byte with one float scale a row of the weight, float kernels only
  // The same bytes; hidden states are rounded to 16 bits of their largest and multiplied in whole
  // numbers. Only where can_run_int8 says so. Inputs that are no hidden states are multiplied as
  // int8_weights.
  int8 = 3,
  // The weights of the gates and what they multiply are rounded to bfloat16, and their products
  // summed up in float; float kernels only, where can_run_bfloat16 says so. A backward run rounds
  // gradients of pre-activations likewise.
  bfloat16 = 4,
};

enum class Activation : int32_t { sigmoid = 0, tanh = 1, exp = 2, log_sigmoid = 3 };

// The cell and the sizes of one run. What a cell has is told by its weights; see Weights.
struct Shape {
  int64_t T, B, I, H, P;
  bool coupled;      // forget gate = 1 - input gate
  bool exponential;  // sLSTM: exponential input gate with normaliser and stabiliser
  bool projection;   // h = weight_hr (o * tanh(c))
  bool layer_norm;
  bool peephole;
  bool bias;
  bool hidden_input = false;  // x is the output of a layer: what Storage::int8 may round

  int64_t gates() const { return coupled ? 3 : 4; }
};

// Parameters of one cell as training keeps them; null exactly where the shape says it has none.
template <class T>
struct Weights {
  const T* weight_ih;       // (K*H, I)
  const T* weight_hh;       // (K*H, P)
  const T* bias;            // (K*H)
  const T* weight_hr;       // (P, H)
  const T* peephole;        // (K-1, H)
  const T* input_gain;      // (K*H)
  const T* recurrent_gain;  // (K*H)
  const T* cell_gain;       // (H)
  const T* cell_shift;      // (H), null without bias
};

// What a call has learnt of its threads so far.
struct Pace {
  int64_t took = 0,
          alone = 0;  // nanoseconds, and how many of them the caller alone would have taken
  bool late = false;  // others made it wait for long: the caller does what is left
};

// How a kernel spreads its work. run calls body(argument) on count threads, or on fewer, the caller
// among them, each a call, and returns when all that began have returned. They take what is to be
// done from each other until nothing is left, so that one that comes late, or never, does no harm.
struct Parallel {
  int threads = 1;  // at most so many; 1: run is never called and may be null
  void* context = nullptr;
  void (*run)(void* context, int count, void (*body)(void* argument), void* argument) = nullptr;
  Pace* pace = nullptr;  // of all that the call does; null: it is not told
};

template <class T>
struct Masks {
  const T* hidden = nullptr;          // (B, P) recurrent dropout, scaled, same at all steps
  const T* candidate = nullptr;       // (B, H) candidate dropout, scaled, same at all steps
  const T* zoneout_cell = nullptr;    // (T, B, H) of 0 and 1, or null: the rate below
  const T* zoneout_hidden = nullptr;  // (T, B, P) of 0 and 1, or null: the rate below
  T zoneout_cell_rate = 0;            // used where the mask is null; 0: no zoneout
  T zoneout_hidden_rate = 0;
};

// What a forward run leaves for the backward run and for a trace. Null: not wanted.
// All of one run's are given, or only cells, normalisers and stabilisers (the low-memory mode,
// where backward computes the rest again), or none.
template <class T, class Pointer = T*>
struct Saved {
  Pointer gates = nullptr;  // (T, B, 4, H) as applied: i, f, g (after dropout), o; 0 on padding
  Pointer cells = nullptr;  // (T, B, H) what the next step saw
  Pointer normalisers = nullptr;  // (T, B, H) sLSTM
  Pointer stabilisers = nullptr;  // (T, B, H) sLSTM
  Pointer forget_rest = nullptr;  // (T, B, H) sLSTM: sigmoid(-a_f)
  Pointer input_hat = nullptr;    // (T, B, K*H) layer norm: normalised W x, before the gain
  Pointer input_rstd = nullptr;   // (T, B)
  Pointer hidden_hat = nullptr;   // (T, B, K*H) layer norm: normalised R h, before the gain
  Pointer hidden_rstd = nullptr;  // (T, B)
};

template <class T>
struct Forward {
  Shape shape;
  const void* packed;  // by pack, for the same target and storage
  Storage storage = Storage::same;
  const T* x;   // (T, B, I)
  const T* h0;  // (B, P)
  const T* c0;  // (B, H)
  const T* n0;  // (B, H) sLSTM, else null
  const T* m0;  // (B, H) sLSTM, else null
  Masks<T> masks;
  const int64_t* lengths;  // (B) from 0 to T, or null: all T
  bool reverse;            // time runs from T - 1 to 0
  T* y;                    // (T, B, P), 0 on padding
  T* h;                    // (B, P) final state
  T* c;                    // (B, H)
  T* n;                    // (B, H) sLSTM, else null
  T* m;                    // (B, H) sLSTM, else null
  Saved<T> saved;
  Parallel parallel;
  void* workspace;  // forward_workspace bytes, aligned to 64
  // Tokens instead of x: the table holds what project makes of each. I may then be 0, and nothing
  // be saved of layer norm.
  const T* table = nullptr;         // (V, table_width)
  const int64_t* tokens = nullptr;  // (T, B) from 0 to V - 1
};

template <class T>
struct Backward {
  Shape shape;
  Weights<T> weights;
  const void* packed;  // by pack; needed where gates are computed again (saved.gates null)
  Storage storage = Storage::same;  // or bfloat16, as the forward run
  const T* x;
  const T* h0;
  const T* c0;
  const T* n0;
  const T* m0;
  Masks<T> masks;
  const int64_t* lengths;
  bool reverse;
  const T* y;  // (T, B, P) of the forward run
  Saved<T, const T*> saved;
  // Gradients that come in. Null: zero.
  const T* dy;                // (T, B, P)
  const T* dh;                // (B, P) of the final state
  const T* dc;                // (B, H)
  const T* dn;                // (B, H)
  const T* dm;                // (B, H)
  Saved<T, const T*> dsaved;  // of a trace: gates, cells, normalisers, stabilisers only
  // Gradients that go out. Null: not wanted.
  T* dx;               // (T, B, I)
  T* dh0;              // (B, P)
  T* dc0;              // (B, H)
  T* dn0;              // (B, H)
  T* dm0;              // (B, H)
  T* dweight_ih;       // (K*H, I)
  T* dweight_hh;       // (K*H, P)
  T* dbias;            // (K*H)
  T* dweight_hr;       // (P, H)
  T* dpeephole;        // (K-1, H)
  T* dinput_gain;      // (K*H)
  T* drecurrent_gain;  // (K*H)
  T* dcell_gain;       // (H)
  T* dcell_shift;      // (H)
  Parallel parallel;
  void* workspace;  // backward_workspace bytes, aligned to 64
};

// One instruction set's kernels of one precision.
template <class T>
struct Kernel {
  // Bytes of packed weights, and packing: weights in the order that forward reads them.
  size_t (*packed_size)(const Shape&, Storage);
  void (*pack)(const Shape&, const Weights<T>&, Storage, void* packed, const Parallel&);
  // Bytes of workspace; they depend on shape, parallel.threads and what is saved.
  size_t (*forward_workspace)(const Forward<T>&);
  void (*forward)(const Forward<T>&);
  int (*forward_threads)(const Forward<T>&);  // how many of parallel.threads a run makes use of
  // Pre-activations of inputs with all that does not depend on the hidden state: rows of a table.
  int64_t (*table_width)(const Shape&);
  void (*project)(const Shape&, const void* packed /* Storage::same */, int64_t rows,
                  const T* x /* (rows, I) */, T* table /* (rows, table_width) */);
  size_t (*backward_workspace)(const Backward<T>&);
  void (*backward)(const Backward<T>&);
  // out = x weight^T + bias for B rows: what heads need. packed by pack_linear.
  size_t (*packed_linear_size)(int64_t inputs, int64_t outputs, Storage);
  void (*pack_linear)(int64_t inputs, int64_t outputs, const T* weight /* (outputs, inputs) */,
                      const T* bias /* (outputs) or null */, Storage, void* packed);
  void (*linear)(int64_t rows, int64_t inputs, int64_t outputs, const void* packed, Storage,
                 const T* x /* (rows, inputs) */, T* out /* (rows, outputs) */);
  // The logarithm of the sum of exp(x).
  T (*log_sum_exp)(int64_t count, const T* x);
  // Elementwise, for samplers and the test of their accuracy.
  void (*activation)(Activation, const T* x, T* out, int64_t count);
};

struct Target {
  const char* name;  // "base", "avx2", "avx512" or "neon"
  int lanes;         // floats a vector
  bool int8;      // has kernels for Storage::int8; whether the processor can run them: can_run_int8
  bool bfloat16;  // the same for Storage::bfloat16
  Kernel<float> f32;
  Kernel<double> f64;
};

// The targets that were built and that this machine and its operating system can run, best first.
// Returns their number, at least 1; the last is always base.
GATEWORK_EXPORT int available_targets(const Target* const** targets);

// The target of this name, or null when it cannot run here. Null or "" gives the best.
GATEWORK_EXPORT const Target* find_target(const char* name);

// Whether the target has Storage::int8 and this machine can run it.
GATEWORK_EXPORT bool can_run_int8(const Target& target);

// The same of Storage::bfloat16.
GATEWORK_EXPORT bool can_run_bfloat16(const Target& target);

}  // namespace gatework
