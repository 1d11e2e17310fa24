// Vectors of 64-bit ARM's NEON. See base.h for what each operation means.
#pragma once

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

namespace gatework::GATEWORK_TARGET {

template <class T>
struct Vec;

template <>
struct Vec<float> {
  using Scalar = float;
  using Mask = uint32x4_t;
  static constexpr int lanes = 4, rows = 6;
  float32x4_t v;

  static Vec zero() { return {vdupq_n_f32(0)}; }
  static Vec set(float x) { return {vdupq_n_f32(x)}; }
  static Vec load(const float* p) { return {vld1q_f32(p)}; }
  static Vec load(const float* p, int n) {
    float part[4] = {};
    std::memcpy(part, p, n * sizeof(float));
    return {vld1q_f32(part)};
  }
  static Vec load(const uint16_t* p) { return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)))}; }
  static Vec load(const int8_t* p) {
    int32_t word;
    std::memcpy(&word, p, sizeof word);
    const int8x8_t bytes = vreinterpret_s8_s32(vdup_n_s32(word));
    return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(bytes))))};
  }
  void store(float* p) const { vst1q_f32(p, v); }
  void store(float* p, int n) const {
    float part[4];
    vst1q_f32(part, v);
    std::memcpy(p, part, n * sizeof(float));
  }

  friend Vec operator+(Vec a, Vec b) { return {vaddq_f32(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {vsubq_f32(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {vmulq_f32(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {vdivq_f32(a.v, b.v)}; }
  static Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
  static Vec fnma(Vec a, Vec b, Vec c) { return {vfmsq_f32(c.v, a.v, b.v)}; }
  static Vec min(Vec a, Vec b) { return {vbslq_f32(vcltq_f32(a.v, b.v), a.v, b.v)}; }
  static Vec max(Vec a, Vec b) { return {vbslq_f32(vcgtq_f32(a.v, b.v), a.v, b.v)}; }
  static Vec abs(Vec a) { return {vabsq_f32(a.v)}; }
  static Vec sign_of(Vec a, Vec s) { return {vbslq_f32(vdupq_n_u32(0x80000000u), s.v, a.v)}; }
  static Vec exponent(Vec t) {
    return {vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(t.v), 23))};
  }
  static Mask equal(Vec a, Vec b) { return vceqq_f32(a.v, b.v); }
  static Mask less(Vec a, Vec b) { return vcltq_f32(a.v, b.v); }
  static Mask is_nan(Vec a) { return vmvnq_u32(vceqq_f32(a.v, a.v)); }
  static Vec select(Mask m, Vec yes, Vec no) { return {vbslq_f32(m, yes.v, no.v)}; }
  float sum() const { return vaddvq_f32(v); }
};

template <>
struct Vec<double> {
  using Scalar = double;
  using Mask = uint64x2_t;
  static constexpr int lanes = 2, rows = 6;
  float64x2_t v;

  static Vec zero() { return {vdupq_n_f64(0)}; }
  static Vec set(double x) { return {vdupq_n_f64(x)}; }
  static Vec load(const double* p) { return {vld1q_f64(p)}; }
  static Vec load(const double* p, int n) {
    double part[2] = {};
    std::memcpy(part, p, n * sizeof(double));
    return {vld1q_f64(part)};
  }
  void store(double* p) const { vst1q_f64(p, v); }
  void store(double* p, int n) const {
    double part[2];
    vst1q_f64(part, v);
    std::memcpy(p, part, n * sizeof(double));
  }

  friend Vec operator+(Vec a, Vec b) { return {vaddq_f64(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {vsubq_f64(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {vmulq_f64(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {vdivq_f64(a.v, b.v)}; }
  static Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f64(c.v, a.v, b.v)}; }
  static Vec fnma(Vec a, Vec b, Vec c) { return {vfmsq_f64(c.v, a.v, b.v)}; }
  static Vec min(Vec a, Vec b) { return {vbslq_f64(vcltq_f64(a.v, b.v), a.v, b.v)}; }
  static Vec max(Vec a, Vec b) { return {vbslq_f64(vcgtq_f64(a.v, b.v), a.v, b.v)}; }
  static Vec abs(Vec a) { return {vabsq_f64(a.v)}; }
  static Vec sign_of(Vec a, Vec s) {
    return {vbslq_f64(vdupq_n_u64(0x8000000000000000ull), s.v, a.v)};
  }
  static Vec exponent(Vec t) {
    return {vreinterpretq_f64_u64(vshlq_n_u64(vreinterpretq_u64_f64(t.v), 52))};
  }
  static Mask equal(Vec a, Vec b) { return vceqq_f64(a.v, b.v); }
  static Mask less(Vec a, Vec b) { return vcltq_f64(a.v, b.v); }
  static Mask is_nan(Vec a) { return veorq_u64(vceqq_f64(a.v, a.v), vdupq_n_u64(~0ull)); }
  static Vec select(Mask m, Vec yes, Vec no) { return {vbslq_f64(m, yes.v, no.v)}; }
  double sum() const { return vaddvq_f64(v); }
};

// The 4 x 4 values at `in` (rows `from` apart) to `out` with rows and columns exchanged.
inline void transpose(const float* in, int64_t from, float* out, int64_t to) {
  const float32x4x2_t ab = vzipq_f32(vld1q_f32(in), vld1q_f32(in + 2 * from));
  const float32x4x2_t cd = vzipq_f32(vld1q_f32(in + from), vld1q_f32(in + 3 * from));
  const float32x4x2_t low = vzipq_f32(ab.val[0], cd.val[0]);
  const float32x4x2_t high = vzipq_f32(ab.val[1], cd.val[1]);
  vst1q_f32(out, low.val[0]);
  vst1q_f32(out + to, low.val[1]);
  vst1q_f32(out + 2 * to, high.val[0]);
  vst1q_f32(out + 3 * to, high.val[1]);
}
inline void transpose(const double* in, int64_t from, double* out, int64_t to) {
  for (int64_t r = 0; r < 4; ++r) {
    for (int64_t k = 0; k < 4; ++k) out[k * to + r] = in[r * from + k];
  }
}

}  // namespace gatework::GATEWORK_TARGET
