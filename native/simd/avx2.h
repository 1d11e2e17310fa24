// Vectors of AVX2 with FMA and F16C. See base.h for what each operation means.
#pragma once

#define GATEWORK_INT8  // see int8.inl
#define GATEWORK_INT8_WORDS

#include <immintrin.h>

#include <cstdint>

namespace gatework::GATEWORK_TARGET {

template <class T>
struct Vec;

// The first n lanes of a window that starts 8 - n (4 - n) words into these are set.
alignas(64) static const int32_t WINDOW32[16] = {-1, -1, -1, -1, -1, -1, -1, -1,
                                                 0,  0,  0,  0,  0,  0,  0,  0};
alignas(64) static const int64_t WINDOW64[8] = {-1, -1, -1, -1, 0, 0, 0, 0};

template <>
struct Vec<float> {
  using Scalar = float;
  using Mask = __m256;
  static constexpr int lanes = 8, rows = 3;
  __m256 v;

  static Vec zero() { return {_mm256_setzero_ps()}; }
  static Vec set(float x) { return {_mm256_set1_ps(x)}; }
  static Vec load(const float* p) { return {_mm256_loadu_ps(p)}; }
  static Vec load(const float* p, int n) { return {_mm256_maskload_ps(p, first(n))}; }
  static Vec load(const uint16_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
  }
  static Vec load(const int8_t* p) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
    return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes))};
  }
  void store(float* p) const { _mm256_storeu_ps(p, v); }
  void store(float* p, int n) const { _mm256_maskstore_ps(p, first(n), v); }

  friend Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
  static Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
  static Vec fnma(Vec a, Vec b, Vec c) { return {_mm256_fnmadd_ps(a.v, b.v, c.v)}; }
  static Vec min(Vec a, Vec b) { return {_mm256_min_ps(a.v, b.v)}; }
  static Vec max(Vec a, Vec b) { return {_mm256_max_ps(a.v, b.v)}; }
  static Vec abs(Vec a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
  static Vec sign_of(Vec a, Vec s) {
    return {_mm256_or_ps(a.v, _mm256_and_ps(s.v, _mm256_set1_ps(-0.0f)))};
  }
  static Vec exponent(Vec t) {
    return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(t.v), 23))};
  }
  static Mask equal(Vec a, Vec b) { return _mm256_cmp_ps(a.v, b.v, _CMP_EQ_OQ); }
  static Mask less(Vec a, Vec b) { return _mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ); }
  static Mask is_nan(Vec a) { return _mm256_cmp_ps(a.v, a.v, _CMP_UNORD_Q); }
  static Vec select(Mask m, Vec yes, Vec no) { return {_mm256_blendv_ps(no.v, yes.v, m)}; }
  float sum() const {
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }

 private:
  static __m256i first(int n) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(WINDOW32 + 8 - n));
  }
};

template <>
struct Vec<double> {
  using Scalar = double;
  using Mask = __m256d;
  static constexpr int lanes = 4, rows = 3;
  __m256d v;

  static Vec zero() { return {_mm256_setzero_pd()}; }
  static Vec set(double x) { return {_mm256_set1_pd(x)}; }
  static Vec load(const double* p) { return {_mm256_loadu_pd(p)}; }
  static Vec load(const double* p, int n) { return {_mm256_maskload_pd(p, first(n))}; }
  void store(double* p) const { _mm256_storeu_pd(p, v); }
  void store(double* p, int n) const { _mm256_maskstore_pd(p, first(n), v); }

  friend Vec operator+(Vec a, Vec b) { return {_mm256_add_pd(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm256_sub_pd(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm256_mul_pd(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm256_div_pd(a.v, b.v)}; }
  static Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_pd(a.v, b.v, c.v)}; }
  static Vec fnma(Vec a, Vec b, Vec c) { return {_mm256_fnmadd_pd(a.v, b.v, c.v)}; }
  static Vec min(Vec a, Vec b) { return {_mm256_min_pd(a.v, b.v)}; }
  static Vec max(Vec a, Vec b) { return {_mm256_max_pd(a.v, b.v)}; }
  static Vec abs(Vec a) { return {_mm256_andnot_pd(_mm256_set1_pd(-0.0), a.v)}; }
  static Vec sign_of(Vec a, Vec s) {
    return {_mm256_or_pd(a.v, _mm256_and_pd(s.v, _mm256_set1_pd(-0.0)))};
  }
  static Vec exponent(Vec t) {
    return {_mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(t.v), 52))};
  }
  static Mask equal(Vec a, Vec b) { return _mm256_cmp_pd(a.v, b.v, _CMP_EQ_OQ); }
  static Mask less(Vec a, Vec b) { return _mm256_cmp_pd(a.v, b.v, _CMP_LT_OQ); }
  static Mask is_nan(Vec a) { return _mm256_cmp_pd(a.v, a.v, _CMP_UNORD_Q); }
  static Vec select(Mask m, Vec yes, Vec no) { return {_mm256_blendv_pd(no.v, yes.v, m)}; }
  double sum() const {
    const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(v), _mm256_extractf128_pd(v, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
  }

 private:
  static __m256i first(int n) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(WINDOW64 + 4 - n));
  }
};

// The 4 x 4 values at `in` (rows `from` apart) to `out` with rows and columns exchanged.
inline void transpose(const float* in, int64_t from, float* out, int64_t to) {
  __m128 a = _mm_loadu_ps(in), b = _mm_loadu_ps(in + from);
  __m128 c = _mm_loadu_ps(in + 2 * from), d = _mm_loadu_ps(in + 3 * from);
  _MM_TRANSPOSE4_PS(a, b, c, d);
  _mm_storeu_ps(out, a);
  _mm_storeu_ps(out + to, b);
  _mm_storeu_ps(out + 2 * to, c);
  _mm_storeu_ps(out + 3 * to, d);
}
inline void transpose(const double* in, int64_t from, double* out, int64_t to) {
  for (int64_t half = 0; half < 4; half += 2) {
    for (int64_t k = 0; k < 4; k += 2) {
      const __m128d a = _mm_loadu_pd(in + half * from + k);
      const __m128d b = _mm_loadu_pd(in + (half + 1) * from + k);
      _mm_storeu_pd(out + k * to + half, _mm_unpacklo_pd(a, b));
      _mm_storeu_pd(out + (k + 1) * to + half, _mm_unpackhi_pd(a, b));
    }
  }
}

}  // namespace gatework::GATEWORK_TARGET
