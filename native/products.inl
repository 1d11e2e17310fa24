// Matrix products on register tiles: a few rows times the vectors of one panel.
//
// The sum over k is never split and always runs upwards, so every output is one chain of fused
// multiply-adds: the same bits whatever rows are computed beside it and on whatever thread.

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

// sums[r][n] += sum over k of a[r][k] * b[k][n]; b is one panel.
template <class V, class S, int R, int N>
GATEWORK_INLINE void multiply(const typename V::Scalar* const (&a)[R], const S* b, int64_t count,
                              V (&sums)[R][N]) {
  GATEWORK_UNROLL(4)
  for (int64_t k = 0; k < count; ++k, b += N * V::lanes) {
    V scalars[R];
    for (int r = 0; r < R; ++r) scalars[r] = V::set(a[r][k]);
    for (int n = 0; n < N; ++n) {
      const V weights = V::load(b + n * V::lanes);
      for (int r = 0; r < R; ++r) sums[r][n] = V::fma(scalars[r], weights, sums[r][n]);
    }
  }
}

// The same for one row and two panels: enough independent chains to hide the latency.
template <class V, class S, int N>
GATEWORK_INLINE void multiply_pair(const typename V::Scalar* a, const S* b0, const S* b1,
                                   int64_t count, V (&sums0)[N], V (&sums1)[N]) {
  GATEWORK_UNROLL(4)
  for (int64_t k = 0; k < count; ++k, b0 += N * V::lanes, b1 += N * V::lanes) {
    const V scalar = V::set(a[k]);
    for (int n = 0; n < N; ++n) {
      sums0[n] = V::fma(scalar, V::load(b0 + n * V::lanes), sums0[n]);
      sums1[n] = V::fma(scalar, V::load(b1 + n * V::lanes), sums1[n]);
    }
  }
}

// sums[r][n] += sum over k of rows[k][r] * b[k][n]: a product that sums over rows, for gradients
// of weights. b advances by `stride` values a row.
template <class V, int R, int N>
GATEWORK_INLINE void multiply_rows(const typename V::Scalar* const* rows, int64_t offset,
                                   const typename V::Scalar* b, int64_t stride, int64_t count,
                                   V (&sums)[R][N]) {
  GATEWORK_UNROLL(4)
  for (int64_t k = 0; k < count; ++k, b += stride) {
    const typename V::Scalar* a = rows[k] + offset;
    V scalars[R];
    for (int r = 0; r < R; ++r) scalars[r] = V::set(a[r]);
    for (int n = 0; n < N; ++n) {
      const V values = V::load(b + n * V::lanes);
      for (int r = 0; r < R; ++r) sums[r][n] = V::fma(scalars[r], values, sums[r][n]);
    }
  }
}

// Of weights of a byte the scale is left out of the sums; this puts it in and adds what was there.
template <class V, class S>
inline V finished(V sum, V start, const typename V::Scalar* scale) {
  if constexpr (sizeof(S) == 1) return V::fma(sum, V::load(scale), start);
  return sum;
}

template <class V, class S>
inline V started(V start) {
  if constexpr (sizeof(S) == 1) return V::zero();
  return start;
}

// For each panel of gates, first to last: out[row][panel] = bias + x[row] weight^T.
template <int K, class S, class T>
inline void multiply_gates(const T* const* x, int64_t rows, int64_t count, const S* weight,
                           const T* scale, const T* bias, T* out, int64_t out_stride, int64_t first,
                           int64_t last) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes, step = K * L;
  for (int64_t p = first; p < last; ++p) {
    for_tiles<V::rows>(rows, [&](int64_t r0, auto height) {
      constexpr int R = decltype(height)::value;
      const T* a[R];
      V sums[R][K], start[K];
      for (int n = 0; n < K; ++n) {
        start[n] = bias == nullptr ? V::zero() : V::load(bias + p * step + n * L);
      }
      for (int r = 0; r < R; ++r) {
        a[r] = x[r0 + r];
        for (int n = 0; n < K; ++n) sums[r][n] = started<V, S>(start[n]);
      }
      multiply<V, S, R, K>(a, weight + p * count * step, count, sums);
      for (int r = 0; r < R; ++r) {
        for (int n = 0; n < K; ++n) {
          const V sum = finished<V, S>(sums[r][n], start[n], scale + p * step + n * L);
          sum.store(out + (r0 + r) * out_stride + p * step + n * L);
        }
      }
    });
  }
}

// out[row] = bias + sum over segments of a[row][segment] weight[segment]; the columns are cut as
// Columns says. Row r and segment g of a are at a(r) + g * segment_stride, `count` values each.
// out(r) gives where a row goes; nothing behind its `columns.count` values is touched.
template <class S, class T, class A, class Out>
inline void multiply_columns(A&& a, int64_t rows, int64_t segments, int64_t segment_stride,
                             int64_t count, const Columns<T>& columns, const S* weight,
                             const T* scale, const T* bias, Out&& out) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  with_count<4>(columns.width, [&](auto width) {
    constexpr int N = decltype(width)::value;
    for (int64_t q = 0; q < columns.panels; ++q) {
      for_tiles<V::rows>(rows, [&](int64_t r0, auto height) {
        constexpr int R = decltype(height)::value;
        const T* from[R];
        V sums[R][N], start[N];
        for (int n = 0; n < N; ++n) {
          start[n] = bias == nullptr ? V::zero() : V::load(bias + (q * N + n) * L);
        }
        for (int r = 0; r < R; ++r) {
          from[r] = a(r0 + r);
          for (int n = 0; n < N; ++n) sums[r][n] = started<V, S>(start[n]);
        }
        const S* panel = weight + q * segments * count * N * L;
        for (int64_t g = 0; g < segments; ++g) {
          multiply<V, S, R, N>(from, panel + g * count * N * L, count, sums);
          for (int r = 0; r < R; ++r) from[r] += segment_stride;
        }
        for (int r = 0; r < R; ++r) {
          T* to = out(r0 + r);
          for (int n = 0; n < N; ++n) {
            const int64_t column = (q * N + n) * L;
            const V sum = finished<V, S>(sums[r][n], start[n], scale + column);
            if (column + L <= columns.count) {
              sum.store(to + column);
            } else if (column < columns.count) {
              sum.store(to + column, static_cast<int>(columns.count - column));
            }
          }
        }
      });
    }
  });
}

// into[row][n..] += sum over k of rows[k][row] * b[k]: `height` rows, N vectors each, where a row
// of `into` is `into_stride` values after the one before it.
template <int N, class T>
inline void accumulate_rows(const T* const* rows, int64_t first, int64_t last, const T* b,
                            int64_t stride, int64_t count, T* into, int64_t into_stride) {
  using V = Vec<T>;
  for_tiles<V::rows>(last - first, [&](int64_t r0, auto height) {
    constexpr int R = decltype(height)::value;
    V sums[R][N];
    T* place = into + (first + r0) * into_stride;
    for (int r = 0; r < R; ++r) {
      for (int n = 0; n < N; ++n) sums[r][n] = V::zero();
    }
    multiply_rows<V, R, N>(rows, first + r0, b, stride, count, sums);
    for (int r = 0; r < R; ++r) {
      for (int n = 0; n < N; ++n) {
        T* at = place + r * into_stride + n * V::lanes;
        (V::load(at) + sums[r][n]).store(at);
      }
    }
  });
}

}  // namespace gatework::GATEWORK_TARGET
