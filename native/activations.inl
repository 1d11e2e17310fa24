// sigmoid, tanh, exp and log sigmoid of vectors. Bounds of their errors: tests/kernels.
//
// All rest on expm1(r) = r + r^2 q(r) for |r| <= log(2) / 2, where q is a polynomial fitted at
// Chebyshev points in 40 digits. x = n log(2) + r; adding a number whose last bit counts ones
// rounds x / log(2) to n and leaves n + bias in its low bits, from which 2^n is made by a shift.

#pragma once

namespace gatework::GATEWORK_TARGET {

template <class T>
struct Numbers;

template <>
struct Numbers<float> {
  static constexpr float per_log2 = 1.44269504088896341f;
  static constexpr float log2_high = 0.693145751953125f, log2_low = 1.42860682030941723e-6f;
  static constexpr float shift = 12582912.0f + 127.0f;  // 1.5 * 2^23 + bias
  static constexpr float highest = 88.3f, lowest = -88.0f, saturated = 20.0f;
  static constexpr float expm1[] = {0.00019890990824673653848f, 0.001393364999630925043f,
                                    0.0083333109254809008349f,  0.041666464925285905408f,
                                    0.16666666681623231402f,    0.5f};
  static constexpr float log1p[] = {0.11612460885607290856f, 0.10853230498597846151f,
                                    0.14296182397598808243f, 0.1999985310341248309f,
                                    0.33333333660435751645f};
};

template <>
struct Numbers<double> {
  static constexpr double per_log2 = 1.44269504088896340736;
  static constexpr double log2_high = 0.693147180369123816490,
                          log2_low = 1.90821492927058770002e-10;
  static constexpr double shift = 6755399441055744.0 + 1023.0;  // 1.5 * 2^52 + bias
  static constexpr double highest = 709.4, lowest = -709.0, saturated = 44.0;
  static constexpr double expm1[] = {2.0914686968086877233e-9,
                                     2.5105217004720745164e-8,
                                     2.7557273643110295328e-7,
                                     2.755725540020642443e-6,
                                     0.000024801587325547741216,
                                     0.00019841269874820625271,
                                     0.0013888888888883748305,
                                     0.0083333333333261351258,
                                     0.041666666666666669755,
                                     0.16666666666666670991,
                                     0.5};
  static constexpr double log1p[] = {
      0.078157673537156122424, 0.037458197303366327858, 0.054226455163899063845,
      0.058671325896882965569, 0.066675898307578551355, 0.076922719588765822666,
      0.090909099496339794875, 0.11111111099108056259,  0.14285714285800132131,
      0.19999999999999760999,  0.33333333333333333443};
};

template <class V, class T, int N>
inline V polynomial(const T (&coefficients)[N], V x) {
  V sum = V::set(coefficients[0]);
  for (int i = 1; i < N; ++i) sum = V::fma(sum, x, V::set(coefficients[i]));
  return sum;
}

// x = n log(2) + r. Returns expm1(r) and 2^n in scale; x must lie between lowest and highest.
template <class V>
inline V reduced_expm1(V x, V* scale) {
  using C = Numbers<typename V::Scalar>;
  const V t = V::fma(x, V::set(C::per_log2), V::set(C::shift));
  const V n = t - V::set(C::shift);
  const V r = V::fnma(n, V::set(C::log2_low), V::fnma(n, V::set(C::log2_high), x));
  *scale = V::exponent(t);
  return V::fma(r * r, polynomial<V>(C::expm1, r), r);
}

// 0 below the smallest normal number; the largest finite power instead of infinity.
template <class V>
inline V exp_of(V x) {
  using C = Numbers<typename V::Scalar>;
  x = V::max(V::set(C::lowest), V::min(V::set(C::highest), x));
  V scale;
  const V e = reduced_expm1(x, &scale);
  return V::fma(scale, e, scale);
}

template <class V>
inline V sigmoid_of(V x) {
  const V one = V::set(1);
  return one / (one + exp_of(V::zero() - x));
}

// expm1(2|x|) / (expm1(2|x|) + 2), which keeps every bit near 0.
template <class V>
inline V tanh_of(V x) {
  using C = Numbers<typename V::Scalar>;
  const V magnitude = V::abs(x);
  V scale;
  const V e = reduced_expm1(V::min(V::set(C::saturated), magnitude + magnitude), &scale);
  const V expm1 = V::fma(scale, e, scale - V::set(1));
  return V::sign_of(expm1 / (expm1 + V::set(2)), x);
}

// min(x, 0) - log1p(exp(-|x|)), with log1p(u) = 2 atanh(u / (2 + u)).
template <class V>
inline V log_sigmoid_of(V x) {
  using C = Numbers<typename V::Scalar>;
  const V u = exp_of(V::zero() - V::abs(x));
  const V s = u / (V::set(2) + u);
  const V z = s * s;
  const V log1p = V::fma((s + s) * z, polynomial<V>(C::log1p, z), s + s);
  return V::min(V::zero(), x) - log1p;
}

// The larger one; not a number where either is not one.
template <class V>
inline V maximum(V a, V b) {
  return V::select(V::is_nan(a), a, V::max(a, b));
}

}  // namespace gatework::GATEWORK_TARGET
