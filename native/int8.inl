// Products in whole numbers: weights of a byte with hidden states of 16 bits.
//
// Four neighbours of a row of the weight lie together, [panel][k / 4][vector][lane][4], so that one
// instruction adds four products to each lane. A hidden state is rounded to q = -32767 to 32767 of
// its largest magnitude and cut into bytes, q = 256 (high - 128) + low. Both sums are exact, and
// the same whatever is computed beside them; only their sum becomes a float. AVX2 multiplies words
// instead, two products an instruction and lane, and sums up to 512 values exactly.

#pragma once

#include <cstring>

#include "panels.inl"
#include "products.inl"

namespace gatework::GATEWORK_TARGET {

#if defined(GATEWORK_INT8)
template <class T>
constexpr bool HAS_INT8 = sizeof(T) == 4;
#else
template <class T>
constexpr bool HAS_INT8 = false;
#endif

constexpr int64_t quads(int64_t count) { return ceil_div(count, 4); }
constexpr int64_t INT8_ROWS = 3;  // of a register tile, each with two sums

// A row of bytes, padded to whole groups of four; scale: value of q = 1. Where words are multiplied
// they begin at high, and low is their second half.
template <class T>
struct Rounded {
  uint8_t *high, *low;
  T scale;
};

// One row into its place: out[k / 4 * stride + k % 4]. offset: what the sum of the high bytes
// starts from, since 128 was added to each of them.
template <class T>
inline void pack_int8_row(const T* row, int64_t count, int8_t* out, int64_t stride, T* scale,
                          int32_t* offset) {
  const T inverse = byte_scale(row, count, scale);
  int32_t sum = 0;
  for (int64_t k = 0; k < count; ++k) {
    const int8_t value = stored<int8_t>(row[k], inverse);
    out[k / 4 * stride + k % 4] = value;
    sum += value;
  }
  *offset = -128 * sum;
}

// As pack_gates, for int8.
template <class T>
inline void pack_int8_gates(const Shape& s, const T* weight, int64_t columns, int8_t* out, T* scale,
                            int32_t* offset, int64_t first, int64_t last) {
  constexpr int64_t L = Vec<T>::lanes;
  const int64_t K = s.gates(), stride = K * L * 4;
  for (int64_t p = first; p < last; ++p) {
    int8_t* panel = out + p * quads(columns) * stride;
    std::memset(panel, 0, quads(columns) * stride);
    for (int64_t g = 0; g < K; ++g) {
      for (int64_t lane = 0; lane < smaller(L, s.H - p * L); ++lane) {
        const int64_t place = (p * K + g) * L + lane;
        pack_int8_row(weight + (g * s.H + p * L + lane) * columns, columns,
                      panel + (g * L + lane) * 4, stride, scale + place, offset + place);
      }
    }
  }
}

// As pack_outputs, for int8.
template <class T>
inline void pack_int8_outputs(int64_t outputs, int64_t inputs, const T* weight, int8_t* out,
                              T* scale, int32_t* offset) {
  const Columns<T> columns(outputs);
  const int64_t wide = columns.width * Vec<T>::lanes;
  std::memset(out, 0, columns.padded() * quads(inputs) * 4);
  std::memset(scale, 0, columns.padded() * sizeof(T));
  std::memset(offset, 0, columns.padded() * sizeof(int32_t));
  for (int64_t j = 0; j < outputs; ++j) {
    int8_t* place = out + (j / wide * quads(inputs) * wide + j % wide) * 4;
    pack_int8_row(weight + j * inputs, inputs, place, wide * 4, scale + j, offset + j);
  }
}

// The instructions: round, a row of floats into bytes; panel, rows times the vectors of a panel.
template <class V>
struct Int8Product;

#if defined(GATEWORK_INT8_WORDS)
template <>
struct Int8Product<Vec<float>> {
  using V = Vec<float>;

  static void round(const float* row, int64_t count, Rounded<float>& to) {
    V largest = V::zero(), lost = V::zero();
    for (int64_t k = 0; k < count; k += V::lanes) {
      const V value = V::load(row + k, static_cast<int>(smaller(int64_t(V::lanes), count - k)));
      largest = V::max(V::abs(value), largest);
      lost = lost + (value - value);  // not a number where a value is infinite or none
    }
    float lanes[V::lanes], most = 0;
    largest.store(lanes);
    for (const float lane : lanes) most = larger(lane, most);
    const float whole = lost.sum();
    to.scale = most * (1.0f / 32767.0f) + whole;
    const V inverse = V::set(most > 1e-30f && whole == 0 ? 32767.0f / most : 0.0f);
    const int64_t padded = 4 * quads(count);
    for (int64_t k = 0; k < padded; k += V::lanes) {
      const int n = static_cast<int>(smaller(int64_t(V::lanes), count - k));
      const V value = whole == 0 ? V::load(row + k, n) * inverse : V::zero();
      const __m256i q = _mm256_cvtps_epi32(value.v);
      const __m128i words =
          _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
      __m128i* place = reinterpret_cast<__m128i*>(to.high + 2 * k);
      if (padded - k >= V::lanes) {
        _mm_storeu_si128(place, words);
      } else {
        _mm_storel_epi64(place, words);
      }
    }
  }

  // out[r][n] = starts[r][n] + rows[r] times the n-th vector; N vectors of floats each. A null
  // start is zero.
  template <int R, int N>
  static void panel(const Rounded<float>* rows, const int8_t* weight, int64_t count,
                    const int32_t* /* offset */, const float* scale,
                    const float* const (&starts)[R], float (&out)[R][N * V::lanes]) {
    vectors<R, N, 0>(rows, weight, count, scale, starts, out);
  }

 private:
  // Two vectors at a time, of whose sums there is room in registers. Those of four lanes each lie
  // apart: for each lane one of the even and one of the odd pairs of words.
  template <int R, int N, int First>
  static void vectors(const Rounded<float>* rows, const int8_t* weight, int64_t count,
                      const float* scale, const float* const (&starts)[R],
                      float (&out)[R][N * V::lanes]) {
    constexpr int M = N - First < 2 ? N - First : 2;
    constexpr int64_t EXACT = 128;  // groups whose sums a whole number of 32 bits holds
    V sums[R][M];
    for (int r = 0; r < R; ++r) {
      for (int m = 0; m < M; ++m) sums[r][m] = V::zero();
    }
    for (int64_t begin = 0; begin < count; begin += EXACT) {
      __m256i found[R][M][2];
      for (int r = 0; r < R; ++r) {
        for (int m = 0; m < M; ++m) found[r][m][0] = found[r][m][1] = _mm256_setzero_si256();
      }
      const int64_t end = smaller(begin + EXACT, count);
      GATEWORK_UNROLL(2)
      for (int64_t k = begin; k < end; ++k) {
        __m256i words[R];
        for (int r = 0; r < R; ++r) {
          int64_t four;
          std::memcpy(&four, rows[r].high + 8 * k, 8);
          words[r] = _mm256_set1_epi64x(four);
        }
        for (int m = 0; m < M; ++m) {
          for (int half = 0; half < 2; ++half) {
            const int8_t* place = weight + (k * N + First + m) * 32 + half * 16;
            const __m256i wide =
                _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(place)));
            for (int r = 0; r < R; ++r) {
              found[r][m][half] =
                  _mm256_add_epi32(found[r][m][half], _mm256_madd_epi16(wide, words[r]));
            }
          }
        }
      }
      for (int r = 0; r < R; ++r) {
        for (int m = 0; m < M; ++m) {
          const __m256i both = _mm256_hadd_epi32(found[r][m][0], found[r][m][1]);
          const __m256i in_order = _mm256_permute4x64_epi64(both, 0xd8);
          sums[r][m] = sums[r][m] + V{_mm256_cvtepi32_ps(in_order)};
        }
      }
    }
    for (int r = 0; r < R; ++r) {
      for (int m = 0; m < M; ++m) {
        const int at = (First + m) * V::lanes;
        const V start = starts[r] == nullptr ? V::zero() : V::load(starts[r] + at);
        V::fma(sums[r][m] * V::set(rows[r].scale), V::load(scale + at), start).store(out[r] + at);
      }
    }
    if constexpr (First + M < N) {
      vectors<R, N, First + M>(rows, weight, count, scale, starts, out);
    }
  }
};
#elif defined(GATEWORK_INT8)
template <>
struct Int8Product<Vec<float>> {
  using V = Vec<float>;

  static void round(const float* row, int64_t count, Rounded<float>& to) {
    V largest = V::zero(), lost = V::zero();
    for (int64_t k = 0; k < count; k += V::lanes) {
      const V value = V::load(row + k, static_cast<int>(smaller(int64_t(V::lanes), count - k)));
      largest = V::max(V::abs(value), largest);
      lost = lost + (value - value);  // not a number where a value is infinite or none
    }
    const float most = _mm512_reduce_max_ps(largest.v), whole = lost.sum();
    to.scale = most * (1.0f / 32767.0f) + whole;
    const V inverse = V::set(most > 1e-30f && whole == 0 ? 32767.0f / most : 0.0f);
    const __m512i middle = _mm512_set1_epi32(32768);
    for (int64_t k = 0; k < 4 * quads(count); k += V::lanes) {
      const int n = static_cast<int>(smaller(int64_t(V::lanes), count - k));
      const int padded = static_cast<int>(smaller(int64_t(V::lanes), 4 * quads(count) - k));
      const __mmask16 mask = static_cast<__mmask16>((1u << padded) - 1u);
      const V value = whole == 0 ? V::load(row + k, n) * inverse : V::zero();
      const __m512i q = _mm512_add_epi32(_mm512_cvtps_epi32(value.v), middle);
      _mm_mask_storeu_epi8(to.high + k, mask, _mm512_cvtepi32_epi8(_mm512_srli_epi32(q, 8)));
      _mm_mask_storeu_epi8(to.low + k, mask, _mm512_cvtepi32_epi8(q));
    }
  }

  // out[r][n] = starts[r][n] + rows[r] times the n-th vector; N vectors of floats each. A null
  // start is zero.
  template <int R, int N>
  GATEWORK_FOR("avx512vnni")
  static void panel(const Rounded<float>* rows, const int8_t* weight, int64_t count,
                    const int32_t* offset, const float* scale, const float* const (&starts)[R],
                    float (&out)[R][N * V::lanes]) {
    __m512i high[R][N], low[R][N];
    for (int n = 0; n < N; ++n) {
      const __m512i start = _mm512_loadu_si512(offset + n * V::lanes);
      for (int r = 0; r < R; ++r) {
        high[r][n] = start;
        low[r][n] = _mm512_setzero_si512();
      }
    }
    GATEWORK_UNROLL(4)
    for (int64_t k = 0; k < count; ++k, weight += N * 64) {
      __m512i upper[R], lower[R];
      for (int r = 0; r < R; ++r) {
        int32_t four[2];
        std::memcpy(&four[0], rows[r].high + 4 * k, 4);
        std::memcpy(&four[1], rows[r].low + 4 * k, 4);
        upper[r] = _mm512_set1_epi32(four[0]);
        lower[r] = _mm512_set1_epi32(four[1]);
      }
      for (int n = 0; n < N; ++n) {
        const __m512i bytes = _mm512_loadu_si512(weight + n * 64);
        for (int r = 0; r < R; ++r) {
          high[r][n] = _mm512_dpbusd_epi32(high[r][n], upper[r], bytes);
          low[r][n] = _mm512_dpbusd_epi32(low[r][n], lower[r], bytes);
        }
      }
    }
    for (int r = 0; r < R; ++r) {
      for (int n = 0; n < N; ++n) {
        const __m512 start =
            starts[r] == nullptr ? _mm512_setzero_ps() : _mm512_loadu_ps(starts[r] + n * V::lanes);
        const __m512 sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(high[r][n]), _mm512_set1_ps(256.0f),
                                           _mm512_cvtepi32_ps(low[r][n]));
        const __m512 scaled = _mm512_mul_ps(sum, _mm512_set1_ps(rows[r].scale));
        _mm512_storeu_ps(out[r] + n * V::lanes,
                         _mm512_fmadd_ps(scaled, _mm512_loadu_ps(scale + n * V::lanes), start));
      }
    }
  }
};
#endif

// For panels of gates first to last: out[row] = bias + x[row] weight^T, of rows that were rounded.
template <class T>
inline void multiply_int8_gates(int64_t K, const Rounded<T>* x, int64_t rows, int64_t count,
                                const int8_t* weight, const T* scale, const int32_t* offset,
                                const T* bias, T* out, int64_t out_stride, int64_t first,
                                int64_t last) {
  with_count<4>(K, [&](auto gates) {
    constexpr int N = decltype(gates)::value;
    constexpr int64_t step = N * Vec<T>::lanes;
    for (int64_t p = first; p < last; ++p) {
      for_tiles<INT8_ROWS>(rows, [&](int64_t r0, auto height) {
        constexpr int R = decltype(height)::value;
        const T* starts[R];
        alignas(64) T sums[R][step];
        for (int r = 0; r < R; ++r) starts[r] = bias == nullptr ? nullptr : bias + p * step;
        Int8Product<Vec<T>>::template panel<R, N>(x + r0, weight + p * quads(count) * 4 * step,
                                                  quads(count), offset + p * step, scale + p * step,
                                                  starts, sums);
        for (int r = 0; r < R; ++r) {
          std::memcpy(out + (r0 + r) * out_stride + p * step, sums[r], sizeof sums[r]);
        }
      });
    }
  });
}

constexpr int64_t LINEAR_INT8_INPUTS = 2048;  // more are multiplied as int8_weights
constexpr int64_t LINEAR_INT8_ROWS = 12;      // rounded at once, on the stack

// out = x weight^T + bias.
template <class T>
inline void multiply_int8_columns(const T* x, int64_t rows, int64_t inputs,
                                  const Columns<T>& columns, const int8_t* weight, const T* scale,
                                  const int32_t* offset, const T* bias, T* out) {
  constexpr int64_t L = Vec<T>::lanes, room = LINEAR_INT8_INPUTS;
  alignas(64) uint8_t bytes[2 * LINEAR_INT8_ROWS * room];
  Rounded<T> rounded[LINEAR_INT8_ROWS];
  for (int64_t start = 0; start < rows; start += LINEAR_INT8_ROWS) {
    const int64_t here = smaller(LINEAR_INT8_ROWS, rows - start);
    for (int64_t r = 0; r < here; ++r) {
      rounded[r] = {bytes + 2 * r * room, bytes + (2 * r + 1) * room, 0};
      Int8Product<Vec<T>>::round(x + (start + r) * inputs, inputs, rounded[r]);
    }
    with_count<4>(columns.width, [&](auto width) {
      constexpr int N = decltype(width)::value;
      for (int64_t q = 0; q < columns.panels; ++q) {
        const int64_t column = q * N * L, wide = smaller(N * L, columns.count - column);
        for_tiles<INT8_ROWS>(here, [&](int64_t r0, auto height) {
          constexpr int R = decltype(height)::value;
          const T* starts[R];
          alignas(64) T sums[R][N * L];
          for (int r = 0; r < R; ++r) starts[r] = bias + column;
          Int8Product<Vec<T>>::template panel<R, N>(
              rounded + r0, weight + column * quads(inputs) * 4, quads(inputs), offset + column,
              scale + column, starts, sums);
          for (int r = 0; r < R; ++r) {
            std::memcpy(out + (start + r0 + r) * columns.count + column, sums[r], wide * sizeof(T));
          }
        });
      }
    });
  }
}

}  // namespace gatework::GATEWORK_TARGET
