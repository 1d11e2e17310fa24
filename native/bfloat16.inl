// Products of bfloat16, summed up in float: weights and what they multiply are rounded, and two
// neighbours along k lie side by side, so that one instruction adds two products to each lane.
//
// States, activations and sums stay floats. Numbers too small to be normal count as 0.

#pragma once

#include <cstdint>

#include "panels.inl"

namespace gatework::GATEWORK_TARGET {

#if defined(GATEWORK_BFLOAT16)
template <class T>
constexpr bool HAS_BFLOAT16 = sizeof(T) == 4;
#else
template <class T>
constexpr bool HAS_BFLOAT16 = false;
#endif

// Two values that follow each other along k, the first in the lower half.
struct Pair {
  uint32_t bits;
};
constexpr int64_t pairs(int64_t count) { return ceil_div(count, 2); }

// A vector of pairs. of: the values of two vectors, lane by lane. round: a row of values, of which
// the last is beside a zero where their number is odd. fma: c + both products of a lane.
template <class V>
struct Pairs;

#if defined(GATEWORK_BFLOAT16)
template <>
struct Pairs<Vec<float>> {
  using V = Vec<float>;
  using Scalar = Pair;
  __m512i v;

  static Pairs set(Pair x) { return {_mm512_set1_epi32(static_cast<int32_t>(x.bits))}; }
  static Pairs load(const Pair* p) { return {_mm512_loadu_si512(p)}; }
  void store(Pair* p) const { _mm512_storeu_si512(p, v); }
  static Pairs of(V first, V second) {
    const __m512i low = _mm512_cvtepu16_epi32(rounded(first));
    const __m512i high = _mm512_cvtepu16_epi32(rounded(second));
    return {_mm512_or_si512(low, _mm512_slli_epi32(high, 16))};
  }
  static void round(const float* from, int64_t count, Pair* to) {
    int64_t k = 0;
    for (; k + V::lanes <= count; k += V::lanes, to += V::lanes / 2) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), rounded(V::load(from + k)));
    }
    if (k == count) return;
    const int rest = static_cast<int>(count - k);
    const __mmask8 mask = static_cast<__mmask8>((1u << pairs(rest)) - 1u);
    _mm256_mask_storeu_epi32(to, mask, rounded(V::load(from + k, rest)));
  }
  // In words of the assembler: the instructions are those of AVX512_BF16, which only some of the
  // processors have that this target is compiled for.
  static V fma(Pairs a, Pairs b, V c) {
    asm("vdpbf16ps %2, %1, %0" : "+v"(c.v) : "v"(a.v), "v"(b.v));
    return c;
  }

 private:
  static __m256i rounded(V x) {
    __m256i found;
    asm("vcvtneps2bf16 %1, %0" : "=v"(found) : "v"(x.v));
    return found;
  }
};
#endif

// As pack_gates: [panel][column / 2][gate][lane].
template <class T>
inline void pack_gate_pairs(const Shape& s, const T* weight, int64_t columns, Pair* out,
                            int64_t first, int64_t last) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes, BLOCK = 32;
  const int64_t K = s.gates();
  alignas(64) T block[BLOCK * L];
  for (int64_t p = first; p < last; ++p) {
    const int64_t cells = smaller(L, s.H - p * L);
    for (int64_t g = 0; g < K; ++g) {
      const T* rows = weight + (g * s.H + p * L) * columns;
      for (int64_t c = 0; c < columns; c += BLOCK) {
        const int64_t count = smaller(BLOCK, columns - c);
        if (cells < L || count % 2 != 0) std::memset(block, 0, sizeof block);
        turn(rows + c, columns, cells, count, block, L);
        Pair* to = out + ((p * pairs(columns) + c / 2) * K + g) * L;
        for (int64_t k = 0; k < count; k += 2, to += K * L) {
          Pairs<V>::of(V::load(block + k * L), V::load(block + (k + 1) * L)).store(to);
        }
      }
    }
  }
}

// As pack_columns with cells: [panel][row / 2][column], rows in the order of panels of gates.
template <class T>
inline void pack_column_pairs(const Shape& s, int64_t columns, const T* weight, Pair* out,
                              int64_t first, int64_t last) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  const Columns<T> cut(columns);
  const int64_t rows = ceil_div(s.H, L) * s.gates() * L;
  for (int64_t q = first; q < last; ++q) {
    for (int64_t r = 0; r < rows; r += 2) {
      const int64_t cell = r / (s.gates() * L) * L + r % L, g = r / L % s.gates();
      const auto value = [&](int64_t at, int64_t column) {
        if (at >= s.H || column >= columns) return V::zero();
        const T* place = weight + (g * s.H + at) * columns + column;
        return column + L <= columns ? V::load(place)
                                     : V::load(place, static_cast<int>(columns - column));
      };
      for (int64_t n = 0; n < cut.width; ++n) {
        const int64_t column = (q * cut.width + n) * L;
        Pairs<V>::of(value(cell, column), value(cell + 1, column))
            .store(out + ((q * rows + r) / 2 * cut.width + n) * L);
      }
    }
  }
}

}  // namespace gatework::GATEWORK_TARGET
