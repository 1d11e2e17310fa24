// The order in which kernels keep weights and pre-activations, and the packing into it.
//
// A panel is one vector of L cells with all K gates side by side: [panel][k][gate][lane], so that
// a pass over k reads memory straight through and ends with all gates of L cells in registers.
// Cells are padded to whole panels; the padding has weights of zero. Matrices without gates (the
// projection, heads, transposed weights) are cut into panels of 1 to 4 vectors of columns.

#pragma once

#include <cstring>

#include "kernels.h"

namespace gatework::GATEWORK_TARGET {

template <class A, class B>
constexpr auto smaller(A a, B b) {
  return a < b ? a : b;
}
template <class A, class B>
constexpr auto larger(A a, B b) {
  return a > b ? a : b;
}
constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Stores the first n lanes. Masks are for the last panel alone: to write with one takes longer than
// to write a whole vector, and what reads it then has to wait.
template <class V>
inline void save(typename V::Scalar* place, V v, int n) {
  if (n == V::lanes) {
    v.store(place);
  } else {
    v.store(place, n);
  }
}

// Aligned arrays one behind the other in one block of memory; with a null block it only counts.
class Arena {
 public:
  explicit Arena(void* block) : at_(reinterpret_cast<uintptr_t>(block)), start_(at_) {}
  template <class E>
  E* allocate(int64_t count) {
    E* found = reinterpret_cast<E*>(at_);
    at_ += (static_cast<uintptr_t>(count) * sizeof(E) + 63) & ~static_cast<uintptr_t>(63);
    return found;
  }
  size_t bytes() const { return at_ - start_; }

 private:
  uintptr_t at_, start_;
};

constexpr size_t element_size(Storage storage, size_t own) {
  if (storage == Storage::f16 || storage == Storage::bfloat16) return 2;
  return storage == Storage::same ? own : 1;
}

// Bytes between the rows of two threads. A processor fetches what follows the rows that it goes
// through, and would take it, step by step, from the other core that writes there.
constexpr int64_t APART = 8192;

// Columns in panels of `width` vectors: as many as balance out, at most 4.
template <class T>
struct Columns {
  static constexpr int64_t L = Vec<T>::lanes;
  int64_t count, panels, width;  // columns, panels, vectors a panel
  explicit Columns(int64_t columns) : count(columns) {
    const int64_t vectors = larger(int64_t(1), ceil_div(columns, L));
    panels = ceil_div(vectors, 4);
    width = ceil_div(vectors, panels);
  }
  int64_t padded() const { return panels * width * L; }
};

// Where everything lies in the packed weights of one cell.
template <class T>
struct Packed {
  static constexpr int64_t L = Vec<T>::lanes;
  int64_t K, panels, step;  // step: values of one k in one panel
  const void *input, *recurrent, *projection;
  const T *input_scale, *recurrent_scale, *projection_scale;
  const int32_t *input_offset, *recurrent_offset;  // of int8
  const T *bias, *peephole, *input_gain, *recurrent_gain, *cell_gain, *cell_shift;
  size_t bytes;

  Packed(const Shape& s, Storage storage, const void* block)
      : K(s.gates()), panels(ceil_div(s.H, L)), step(K * L) {
    Arena arena(const_cast<void*>(block));
    const int64_t size = element_size(storage, sizeof(T)), wide = panels * step;
    const bool int8 = storage == Storage::int8, scaled = int8 || storage == Storage::int8_weights;
    // Int8 takes whole groups of four, bfloat16 pairs.
    const bool paired = storage == Storage::bfloat16;
    const auto depth = [paired](bool grouped, int64_t count) {
      return grouped ? 4 * ceil_div(count, 4) : paired ? 2 * ceil_div(count, 2) : count;
    };
    input = arena.allocate<char>(wide * depth(int8 && s.hidden_input, s.I) * size);
    recurrent = arena.allocate<char>(wide * depth(int8, s.P) * size);
    const Columns<T> out(s.P);
    const int64_t kept = paired ? sizeof(T) : size;  // the projection is multiplied in float
    projection = arena.allocate<char>(s.projection ? out.padded() * s.H * kept : 0);
    input_scale = arena.allocate<T>(scaled ? wide : 0);
    recurrent_scale = arena.allocate<T>(scaled ? wide : 0);
    projection_scale = arena.allocate<T>(scaled && s.projection ? out.padded() : 0);
    input_offset = arena.allocate<int32_t>(int8 && s.hidden_input ? wide : 0);
    recurrent_offset = arena.allocate<int32_t>(int8 ? wide : 0);
    bias = arena.allocate<T>(wide);
    peephole = arena.allocate<T>(s.peephole ? panels * (K - 1) * L : 0);
    input_gain = arena.allocate<T>(s.layer_norm ? wide : 0);
    recurrent_gain = arena.allocate<T>(s.layer_norm ? wide : 0);
    cell_gain = arena.allocate<T>(s.layer_norm ? panels * L : 0);
    cell_shift = arena.allocate<T>(s.layer_norm ? panels * L : 0);
    bytes = arena.bytes();
  }
};

inline uint16_t float_to_half(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  const uint16_t sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
  bits &= 0x7fffffffu;
  if (bits > 0x7f800000u) return sign | 0x7e00u;
  if (bits >= 0x477ff000u) return sign | 0x7c00u;  // rounds to infinity
  if (bits < 0x33000001u) return sign;             // rounds to zero
  const int exponent = static_cast<int>(bits >> 23);
  const uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  // Bits to drop: 13 for normal halves, more where the half is subnormal.
  const int drop = exponent >= 113 ? 13 : 126 - exponent;
  const uint32_t kept = mantissa >> drop, rest = mantissa & ((1u << drop) - 1u);
  const uint32_t half = 1u << (drop - 1);
  uint32_t rounded = kept + (rest > half || (rest == half && (kept & 1u)));
  if (exponent >= 113) rounded += static_cast<uint32_t>(exponent - 113) << 10;
  return static_cast<uint16_t>(sign | rounded);
}

template <class S, class T>
inline S stored(T value, T inverse_scale) {
  if constexpr (sizeof(S) == sizeof(T)) {
    return value;
  } else if constexpr (sizeof(S) == 2) {
    return float_to_half(value);
  } else {
    const T q = value * inverse_scale;
    return static_cast<S>(q < 0 ? q - T(0.5) : q + T(0.5));
  }
}

// Sets the scale of a row that is kept in bytes, and returns its inverse.
template <class T>
inline T byte_scale(const T* row, int64_t count, T* scale) {
  T largest = 0;
  for (int64_t k = 0; k < count; ++k) {
    const T magnitude = row[k] < 0 ? -row[k] : row[k];
    largest = larger(largest, magnitude);
  }
  *scale = largest / 127;
  return largest > T(1e-30) ? 127 / largest : T(0);  // beyond it there is nothing but zeros
}

// One row of a weight into lane `lane` of its place: out[k * stride].
template <class S, class T>
inline void pack_row(const T* row, int64_t count, S* out, int64_t stride, T* scale) {
  T inverse = 0;
  if constexpr (sizeof(S) == 1) inverse = byte_scale(row, count, scale);
  for (int64_t k = 0; k < count; ++k) out[k * stride] = stored<S>(row[k], inverse);
}

// out[c * to + r] = in[r * from + c] for all rows and columns.
template <class T>
inline void turn(const T* in, int64_t from, int64_t rows, int64_t columns, T* out, int64_t to) {
  const int64_t whole_rows = rows & ~int64_t(3), whole_columns = columns & ~int64_t(3);
  for (int64_t c = 0; c < whole_columns; c += 4) {
    for (int64_t r = 0; r < whole_rows; r += 4) {
      transpose(in + r * from + c, from, out + c * to + r, to);
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t start = r < whole_rows ? whole_columns : 0;
    for (int64_t c = start; c < columns; ++c) out[c * to + r] = in[r * from + c];
  }
}

// (K*H, columns) to [panel][column][gate][lane], panels first to last.
template <class S, class T>
inline void pack_gates(const Shape& s, const T* weight, int64_t columns, S* out, T* scale,
                       int64_t first, int64_t last) {
  constexpr int64_t L = Vec<T>::lanes;
  const int64_t K = s.gates();
  for (int64_t p = first; p < last; ++p) {
    S* panel = out + p * columns * K * L;
    const int64_t cells = smaller(L, s.H - p * L);
    if (cells < L) std::memset(panel, 0, columns * K * L * sizeof(S));
    for (int64_t g = 0; g < K; ++g) {
      const T* rows = weight + (g * s.H + p * L) * columns;
      if constexpr (sizeof(S) == sizeof(T)) {
        turn(rows, columns, cells, columns, panel + g * L, K * L);
      } else {
        for (int64_t lane = 0; lane < cells; ++lane) {
          T* place = scale == nullptr ? nullptr : scale + (p * K + g) * L + lane;
          pack_row(rows + lane * columns, columns, panel + g * L + lane, K * L, place);
        }
      }
    }
  }
}

// A vector (groups * H) to [panel][group][lane].
template <class T>
inline void pack_cells(const Shape& s, int64_t groups, const T* from, T* out) {
  constexpr int64_t L = Vec<T>::lanes;
  const int64_t panels = ceil_div(s.H, L);
  for (int64_t p = 0; p < panels; ++p) {
    const int64_t cells = smaller(L, s.H - p * L);
    for (int64_t g = 0; g < groups; ++g) {
      for (int64_t lane = 0; lane < L; ++lane) {
        const bool there = from != nullptr && lane < cells;
        out[(p * groups + g) * L + lane] = there ? from[g * s.H + p * L + lane] : T(0);
      }
    }
  }
}

// [panel][group][lane] back to (groups * H).
template <class T>
inline void unpack_cells(const Shape& s, int64_t groups, const T* from, T* out) {
  constexpr int64_t L = Vec<T>::lanes;
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t j = 0; j < s.H; ++j) {
      out[g * s.H + j] = from[((j / L) * groups + g) * L + j % L];
    }
  }
}

// (outputs, inputs) to panels over its outputs: out = x weight^T.
template <class S, class T>
inline void pack_outputs(int64_t outputs, int64_t inputs, const T* weight, S* out, T* scale) {
  constexpr int64_t L = Vec<T>::lanes;
  const Columns<T> columns(outputs);
  const int64_t wide = columns.width * L;
  std::memset(out, 0, columns.padded() * inputs * sizeof(S));
  if (scale != nullptr) std::memset(scale, 0, columns.padded() * sizeof(T));
  for (int64_t j = 0; j < outputs; ++j) {
    S* place = out + (j / wide) * inputs * wide + j % wide;
    pack_row(weight + j * inputs, inputs, place, wide, scale == nullptr ? nullptr : scale + j);
  }
}

// (rows, columns) to panels over its columns: out = x weight. Rows of gates are taken in the
// order of panels, [panel][gate][lane], padded with zeros, when cells > 0. Panels first to last.
template <class T>
inline void pack_columns(int64_t rows, int64_t columns, const T* weight, T* out, int64_t cells,
                         int64_t gates, int64_t first, int64_t last) {
  constexpr int64_t L = Vec<T>::lanes;
  const Columns<T> cut(columns);
  const int64_t wide = cut.width * L;
  const int64_t padded_rows = cells > 0 ? ceil_div(cells, L) * gates * L : rows;
  for (int64_t q = first; q < last; ++q) {
    T* panel = out + q * padded_rows * wide;
    const int64_t here = smaller(wide, columns - q * wide);
    for (int64_t r = 0; r < padded_rows; ++r) {
      int64_t from = r;
      if (cells > 0) {
        const int64_t p = r / (gates * L), g = r / L % gates, cell = p * L + r % L;
        from = cell < cells ? g * cells + cell : -1;
      }
      T* place = panel + r * wide;
      if (from < 0) {
        std::memset(place, 0, wide * sizeof(T));
        continue;
      }
      std::memcpy(place, weight + from * columns + q * wide, here * sizeof(T));
      std::memset(place + here, 0, (wide - here) * sizeof(T));
    }
  }
}

}  // namespace gatework::GATEWORK_TARGET
