// Matrix products of one instruction set and precision.
#include <type_traits>

#include GATEWORK_SIMD

#include "kernels.h"
#include "products.inl"

namespace gatework::GATEWORK_TARGET {

// Sums of N vectors of panel q, as they begin and into their row.
template <class S, int N, class T>
inline void start_row(const T* bias, int64_t q, Vec<T> (&sums)[N]) {
  using V = Vec<T>;
  for (int n = 0; n < N; ++n) {
    sums[n] = started<V, S>(bias == nullptr ? V::zero() : V::load(bias + (q * N + n) * V::lanes));
  }
}

template <class S, int N, class T>
inline void store_row(const Vec<T> (&sums)[N], const Weight<T>& weight, const T* bias, int64_t q,
                      T* to, int64_t columns) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  for (int n = 0; n < N; ++n) {
    const int64_t column = (q * N + n) * L;
    V sum = sums[n];
    if constexpr (sizeof(S) == 1) {
      const V start = bias == nullptr ? V::zero() : V::load(bias + column);
      sum = finished<V, S>(sum, start, weight.scale, column);
    }
    if (column + L <= columns) {
      sum.store(to + column);
    } else if (column < columns) {
      sum.store(to + column, static_cast<int>(columns - column));
    }
  }
}

// R rows times panel q of N vectors.
template <class S, int R, int N, class T, class A>
inline void multiply_tile(const Rows<const A>& a, int64_t r0, int64_t segment_stride,
                          const Weight<T>& weight, const T* bias, int64_t q, const Rows<T>& out,
                          int64_t columns) {
  const A* from[R];
  Vec<T> sums[R][N];
  for (int r = 0; r < R; ++r) {
    from[r] = a[r0 + r];
    start_row<S>(bias, q, sums[r]);
  }
  const int64_t size = weight.count * N * Vec<T>::lanes;
  const S* panel = static_cast<const S*>(weight.values) + q * weight.segments * size;
  for (int64_t g = 0; g < weight.segments; ++g) {
    multiply<Vec<T>, S, R, N>(from, panel + g * size, weight.count, sums);
    for (int r = 0; r < R; ++r) from[r] += segment_stride;
  }
  for (int r = 0; r < R; ++r) store_row<S>(sums[r], weight, bias, q, out[r0 + r], columns);
}

// One row times panels q and q + 1.
template <class S, int N, class T, class A>
inline void multiply_two(const A* from, int64_t segment_stride, const Weight<T>& weight,
                         const T* bias, int64_t q, T* to, int64_t columns) {
  Vec<T> sums[2][N];
  for (int i = 0; i < 2; ++i) start_row<S>(bias, q + i, sums[i]);
  const int64_t size = weight.count * N * Vec<T>::lanes;
  const S* panel = static_cast<const S*>(weight.values) + q * weight.segments * size;
  const S* next = panel + weight.segments * size;
  for (int64_t g = 0; g < weight.segments; ++g, from += segment_stride) {
    multiply_pair<Vec<T>, S, N>(from, panel + g * size, next + g * size, weight.count, sums[0],
                                sums[1]);
  }
  for (int i = 0; i < 2; ++i) store_row<S>(sums[i], weight, bias, q + i, to, columns);
}

template <class T, class A>
void multiply_panels(Rows<const A> a, int64_t rows, int64_t segment_stride, const Weight<T>& weight,
                     const T* bias, int64_t first, int64_t last, Rows<T> out, int64_t columns) {
  const auto run = [&](auto stored) {
    with_count<4>(weight.width, [&](auto width) {
      using S = decltype(stored);
      constexpr int N = decltype(width)::value;
      int64_t q = first;
      for (; rows == 1 && q + 2 <= last; q += 2) {
        multiply_two<S, N>(a[0], segment_stride, weight, bias, q, out[0], columns);
      }
      for (; q < last; ++q) {
        for_tiles<Vec<T>::rows>(rows, [&](int64_t r0, auto height) {
          multiply_tile<S, decltype(height)::value, N>(a, r0, segment_stride, weight, bias, q, out,
                                                       columns);
        });
      }
    });
  };
  if constexpr (std::is_same_v<A, Pair>) {
    return run(Pair{});
  } else if constexpr (sizeof(T) == 4) {
    if (weight.storage == Storage::f16) return run(uint16_t{});
    if (weight.storage != Storage::same) return run(int8_t{});
  }
  if constexpr (std::is_same_v<A, T>) run(T{});
}

// sums[r][n] += sum over k of rows[k][r] * b[order[k]][n]: a product that sums over rows, for
// gradients of weights. Rows of b are `stride` values apart.
template <class V, class A, int R, int N>
GATEWORK_INLINE void multiply_rows(const A* const* rows, int64_t offset, const A* b, int64_t stride,
                                   const int64_t* order, int64_t count, V (&sums)[R][N]) {
  using F = Factor<V, A>;
  GATEWORK_UNROLL(4)
  for (int64_t k = 0; k < count; ++k) {
    const A *a = rows[k] + offset, *row = b + order[k] * stride;
    F scalars[R];
    for (int r = 0; r < R; ++r) scalars[r] = F::set(a[r]);
    for (int n = 0; n < N; ++n) {
      const F values = F::load(row + n * V::lanes);
      for (int r = 0; r < R; ++r) sums[r][n] = F::fma(scalars[r], values, sums[r][n]);
    }
  }
}

// R rows of accumulate_rows from row r0 on.
template <int R, int N, class T, class A>
inline void accumulate_tile(const A* const* rows, int64_t r0, const A* b, int64_t stride,
                            const int64_t* order, int64_t count, T* into) {
  using V = Vec<T>;
  if (count <= 0) return;  // tells the compiler that the sums need no place in memory
  V sums[R][N];
  for (int r = 0; r < R; ++r) {
    for (int n = 0; n < N; ++n) sums[r][n] = V::zero();
  }
  T* place = into + r0 * N * V::lanes;
  // What they are added to may lie beyond the second cache: it is asked for while they are made.
  for (int i = 0; i < R * N; ++i) GATEWORK_PREFETCH(place + i * V::lanes);
  multiply_rows<V, A, R, N>(rows, r0, b, stride, order, count, sums);
  for (int r = 0; r < R; ++r) {
    for (int n = 0; n < N; ++n, place += V::lanes) (V::load(place) + sums[r][n]).store(place);
  }
}

template <class T, class A>
void accumulate_rows(int64_t width, const A* const* rows, int64_t first, int64_t last, const A* b,
                     int64_t stride, const int64_t* order, int64_t count, T* into) {
  with_count<4>(width, [&](auto vectors) {
    for_tiles<Vec<T>::rows>(last - first, [&](int64_t r0, auto height) {
      accumulate_tile<decltype(height)::value, decltype(vectors)::value>(
          rows, first + r0, b, stride, order, count, into);
    });
  });
}

using Scalar = GATEWORK_SCALAR;
template void multiply_panels(Rows<const Scalar>, int64_t, int64_t, const Weight<Scalar>&,
                              const Scalar*, int64_t, int64_t, Rows<Scalar>, int64_t);
template void accumulate_rows(int64_t, const Scalar* const*, int64_t, int64_t, const Scalar*,
                              int64_t, const int64_t*, int64_t, Scalar*);
#if defined(GATEWORK_BFLOAT16) && defined(GATEWORK_SCALAR_float)
template void multiply_panels(Rows<const Pair>, int64_t, int64_t, const Weight<float>&,
                              const float*, int64_t, int64_t, Rows<float>, int64_t);
template void accumulate_rows(int64_t, const Pair* const*, int64_t, int64_t, const Pair*, int64_t,
                              const int64_t*, int64_t, float*);
#endif

}  // namespace gatework::GATEWORK_TARGET
