// Matrix products on register tiles: a few rows times the vectors of one panel.
//
// The sum over k is never split and always runs upwards, so every output is one chain of fused
// multiply-adds: the same bits whatever rows are computed beside it and on whatever thread.
#pragma once

#include "bfloat16.inl"
#include "compiler.h"
#include "panels.inl"

namespace gatework::GATEWORK_TARGET {

template <int N>
struct Count {
  static constexpr int value = N;
};

// Calls f(Count<n>) with n, at most Most, as a constant.
template <int Most, class F>
inline void with_count(int64_t n, F&& f) {
  if (n == Most) {
    f(Count<Most>{});
  } else if constexpr (Most > 1) {
    with_count<Most - 1>(n, f);
  }
}

// Calls f(first, Count<n>) for tiles of nearly equal height that cover `rows` rows.
template <int Most, class F>
inline void for_tiles(int64_t rows, F&& f) {
  const int64_t tiles = ceil_div(rows, Most);
  for (int64_t i = 0; i < tiles; ++i) {
    const int64_t first = rows * i / tiles;
    with_count<Most>(rows * (i + 1) / tiles - first, [&](auto count) { f(first, count); });
  }
}

// The vectors that are multiplied where weights are kept as S and sums are vectors V.
template <class V, class S>
struct FactorOf {
  using type = V;
};
template <class V>
struct FactorOf<V, Pair> {
  using type = Pairs<V>;
};
template <class V, class S>
using Factor = typename FactorOf<V, S>::type;

// sums[r][n] += sum over k of a[r][k] * b[k][n]; b is one panel.
template <class V, class S, int R, int N>
GATEWORK_INLINE void multiply(const typename Factor<V, S>::Scalar* const (&a)[R], const S* b,
                              int64_t count, V (&sums)[R][N]) {
  using F = Factor<V, S>;
  GATEWORK_UNROLL(4)
  for (int64_t k = 0; k < count; ++k, b += N * V::lanes) {
    F scalars[R];
    for (int r = 0; r < R; ++r) scalars[r] = F::set(a[r][k]);
    for (int n = 0; n < N; ++n) {
      const F weights = F::load(b + n * V::lanes);
      for (int r = 0; r < R; ++r) sums[r][n] = F::fma(scalars[r], weights, sums[r][n]);
    }
  }
}

// The same for one row and two panels: enough independent chains to hide the latency.
template <class V, class S, int N>
GATEWORK_INLINE void multiply_pair(const typename Factor<V, S>::Scalar* a, const S* b0, const S* b1,
                                   int64_t count, V (&sums0)[N], V (&sums1)[N]) {
  using F = Factor<V, S>;
  GATEWORK_UNROLL(4)
  for (int64_t k = 0; k < count; ++k, b0 += N * V::lanes, b1 += N * V::lanes) {
    const F scalar = F::set(a[k]);
    for (int n = 0; n < N; ++n) {
      sums0[n] = F::fma(scalar, F::load(b0 + n * V::lanes), sums0[n]);
      sums1[n] = F::fma(scalar, F::load(b1 + n * V::lanes), sums1[n]);
    }
  }
}

// Of weights of a byte the scale is left out of the sums; this puts it in and adds what was there.
template <class V, class S>
inline V finished(V sum, V start, const typename V::Scalar* scale, int64_t at) {
  if constexpr (sizeof(S) == 1) return V::fma(sum, V::load(scale + at), start);
  return sum;
}

template <class V, class S>
inline V started(V start) {
  if constexpr (sizeof(S) == 1) return V::zero();
  return start;
}

// Rows of an array, `stride` values apart: all of them, or those that index names.
template <class E>
struct Rows {
  E* first;
  int64_t stride;
  const int64_t* index = nullptr;
  E* operator[](int64_t r) const { return first + (index == nullptr ? r : index[r]) * stride; }
};

// A packed weight: panels of `width` vectors, in each `count` values (or pairs) of k and segment.
template <class T>
struct Weight {
  const void* values;
  Storage storage;
  const T* scale;  // of a byte, else null
  int64_t width, count, segments = 1;
};

// For the panels first to last: out[row] = bias + sum over segments of a[row][segment]
// weight[segment], where segment g of a row is g * segment_stride values behind its first. Of the
// columns those from `columns` on are not written. Rows of pairs go with weights of pairs.
template <class T, class A = T>
void multiply_panels(Rows<const A> a, int64_t rows, int64_t segment_stride, const Weight<T>& weight,
                     const T* bias, int64_t first, int64_t last, Rows<T> out, int64_t columns);

// The same for all panels of these columns.
template <class T, class A = T>
inline void multiply_columns(Rows<const A> a, int64_t rows, int64_t segment_stride,
                             const Weight<T>& weight, const T* bias, const Columns<T>& columns,
                             Rows<T> out) {
  multiply_panels(a, rows, segment_stride, weight, bias, int64_t(0), columns.panels, out,
                  columns.count);
}

// into[row][n..] += sum over k of rows[k][row] * b[order[k]][n], rows first to last, `width`
// vectors each: the rows of `into` follow each other, those of b are `stride` values apart.
template <class T, class A = T>
void accumulate_rows(int64_t width, const A* const* rows, int64_t first, int64_t last, const A* b,
                     int64_t stride, const int64_t* order, int64_t count, T* into);

}  // namespace gatework::GATEWORK_TARGET
