// Vectors in plain C++, for any machine, and the meaning of each operation of a vector.
//
// lanes: values in a vector. rows: rows of a register tile that leave room for the weights.
// load(p, n), store(p, n): only the first n lanes, 0 <= n <= lanes; nothing behind is touched.
// load of uint16_t reads IEEE halves, of int8_t whole numbers.
// fma: a * b + c; fnma: c - a * b. min, max: the second operand where either is not a number.
// sign_of: the not negative a with the sign of s.
// transpose: the 4 x 4 values at `in`, rows `from` apart, with rows and columns exchanged.
// sum: of all lanes, halves added to each other until one value is left.
// exponent: the bits of t moved to where the exponent stands; makes 2^n, see activations.inl.
#pragma once

#include <cstdint>
#include <cstring>

namespace gatework::GATEWORK_TARGET {

inline float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t magnitude = half & 0x7fffu;
  float value;
  if (magnitude >= 0x7c00u) {  // infinity and not a number
    const uint32_t bits = 0x7f800000u | (magnitude & 0x3ffu) << 13;
    std::memcpy(&value, &bits, sizeof value);
  } else if (magnitude < 0x400u) {  // zero and subnormal
    value = static_cast<float>(magnitude) * 5.9604644775390625e-8f;
  } else {
    const uint32_t bits = (magnitude << 13) + 0x38000000u;
    std::memcpy(&value, &bits, sizeof value);
  }
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits |= sign;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class T>
struct Word;
template <>
struct Word<float> {
  using type = uint32_t;
  static constexpr int mantissa = 23;
  static constexpr uint32_t sign = 0x80000000u;
};
template <>
struct Word<double> {
  using type = uint64_t;
  static constexpr int mantissa = 52;
  static constexpr uint64_t sign = 0x8000000000000000ull;
};

template <class T>
struct Vec {
  using Scalar = T;
  using Bits = typename Word<T>::type;
  static constexpr int lanes = 16 / sizeof(T), rows = 2;
  struct Mask {
    bool v[lanes];
  };
  T v[lanes];

  template <class F>
  static Vec make(F f) {
    Vec out;
    for (int i = 0; i < lanes; ++i) out.v[i] = f(i);
    return out;
  }
  template <class F>
  static Mask test(F f) {
    Mask out;
    for (int i = 0; i < lanes; ++i) out.v[i] = f(i);
    return out;
  }
  static Bits bits(T x) {
    Bits b;
    std::memcpy(&b, &x, sizeof b);
    return b;
  }
  static T value(Bits b) {
    T x;
    std::memcpy(&x, &b, sizeof x);
    return x;
  }

  static Vec zero() { return set(0); }
  static Vec set(T x) {
    return make([=](int) { return x; });
  }
  static Vec load(const T* p) {
    Vec out;
    std::memcpy(out.v, p, sizeof out.v);
    return out;
  }
  static Vec load(const T* p, int n) {
    return make([=](int i) { return i < n ? p[i] : T(0); });
  }
  static Vec load(const uint16_t* p) {
    return make([=](int i) { return half_to_float(p[i]); });
  }
  static Vec load(const int8_t* p) {
    return make([=](int i) { return static_cast<T>(p[i]); });
  }
  void store(T* p) const { std::memcpy(p, v, sizeof v); }
  void store(T* p, int n) const {
    for (int i = 0; i < n; ++i) p[i] = v[i];
  }

  friend Vec operator+(const Vec& a, const Vec& b) {
    return make([&](int i) { return a.v[i] + b.v[i]; });
  }
  friend Vec operator-(const Vec& a, const Vec& b) {
    return make([&](int i) { return a.v[i] - b.v[i]; });
  }
  friend Vec operator*(const Vec& a, const Vec& b) {
    return make([&](int i) { return a.v[i] * b.v[i]; });
  }
  friend Vec operator/(const Vec& a, const Vec& b) {
    return make([&](int i) { return a.v[i] / b.v[i]; });
  }
  static Vec fma(const Vec& a, const Vec& b, const Vec& c) {
    return make([&](int i) { return a.v[i] * b.v[i] + c.v[i]; });
  }
  static Vec fnma(const Vec& a, const Vec& b, const Vec& c) {
    return make([&](int i) { return c.v[i] - a.v[i] * b.v[i]; });
  }
  static Vec min(const Vec& a, const Vec& b) {
    return make([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Vec max(const Vec& a, const Vec& b) {
    return make([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; });
  }
  static Vec abs(const Vec& a) {
    return make([&](int i) { return value(bits(a.v[i]) & ~Word<T>::sign); });
  }
  static Vec sign_of(const Vec& a, const Vec& s) {
    return make([&](int i) { return value(bits(a.v[i]) | (bits(s.v[i]) & Word<T>::sign)); });
  }
  static Vec exponent(const Vec& t) {
    return make([&](int i) { return value(bits(t.v[i]) << Word<T>::mantissa); });
  }
  static Mask equal(const Vec& a, const Vec& b) {
    return test([&](int i) { return a.v[i] == b.v[i]; });
  }
  static Mask less(const Vec& a, const Vec& b) {
    return test([&](int i) { return a.v[i] < b.v[i]; });
  }
  static Mask is_nan(const Vec& a) {
    return test([&](int i) { return a.v[i] != a.v[i]; });
  }
  static Vec select(const Mask& m, const Vec& yes, const Vec& no) {
    return make([&](int i) { return m.v[i] ? yes.v[i] : no.v[i]; });
  }
  T sum() const {
    Vec left = *this;
    for (int width = lanes / 2; width > 0; width /= 2) {
      for (int i = 0; i < width; ++i) left.v[i] += left.v[i + width];
    }
    return left.v[0];
  }
};

template <class T>
inline void transpose(const T* in, int64_t from, T* out, int64_t to) {
  for (int64_t r = 0; r < 4; ++r) {
    for (int64_t k = 0; k < 4; ++k) out[k * to + r] = in[r * from + k];
  }
}

}  // namespace gatework::GATEWORK_TARGET
