// Sums over the cells of a row, and layer norm.
#pragma once

#include "panels.inl"
#include "workers.h"

namespace gatework::GATEWORK_TARGET {

constexpr double EPSILON = 1e-5;  // of layer norm, as in cell/equations.py

// Four sums side by side, so that they need not wait for each other.
template <class V, class F>
inline typename V::Scalar sum_vectors(int64_t count, F&& value) {
  V sums[4] = {V::zero(), V::zero(), V::zero(), V::zero()};
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) {
    for (int j = 0; j < 4; ++j) sums[j] = sums[j] + value(i + j);
  }
  for (; i < count; ++i) sums[0] = sums[0] + value(i);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum();
}

// Mean and reciprocal standard deviation of the valid lanes of `groups` padded rows of cells.
template <class T>
struct Moments {
  T mean, rstd;
};

// Of H cells in [panel][group][lane]; the lanes behind the last cell must be zero on entry.
template <class T>
inline Moments<T> moments(const T* row, int64_t H, int64_t groups) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  const int64_t whole = H / L * groups, vectors = ceil_div(H, L) * groups;
  const T count = static_cast<T>(H * groups);
  const T mean = sum_vectors<V>(vectors, [&](int64_t i) { return V::load(row + i * L); }) / count;
  const V middle = V::set(mean);
  T squares = sum_vectors<V>(whole, [&](int64_t i) {
    const V off = V::load(row + i * L) - middle;
    return off * off;
  });
  if (whole < vectors) {
    squares += sum_vectors<V>(vectors - whole, [&](int64_t i) {
      T part[L] = {};
      (V::load(row + (whole + i) * L) - middle).store(part, static_cast<int>(H % L));
      const V off = V::load(part);
      return off * off;
    });
  }
  return {mean, static_cast<T>(1) / square_root(squares / count + static_cast<T>(EPSILON))};
}

template <class T>
inline Vec<T> normalised(Vec<T> value, const Moments<T>& found) {
  return (value - Vec<T>::set(found.mean)) * Vec<T>::set(found.rstd);
}

// to = start + gain * (row - mean) * rstd, of H cells and K gates in panels, from the moments of
// the row. hats (K*H) takes the normalised row where it is not null.
template <class T>
inline void normalise(const T* row, const Moments<T>& found, int64_t H, int64_t K, const T* gain,
                      const T* start, T* to, T* hats) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  const int64_t step = K * L;
  for (int64_t p = 0; p < ceil_div(H, L); ++p) {
    const int n = static_cast<int>(smaller(L, H - p * L));
    for (int64_t g = 0; g < K; ++g) {
      const int64_t at = p * step + g * L;
      const V hat = normalised(V::load(row + at), found);
      if (hats != nullptr) save(hats + g * H + p * L, hat, n);
      V::fma(hat, V::load(gain + at), V::load(start + at)).store(to + at);
    }
  }
}

}  // namespace gatework::GATEWORK_TARGET
