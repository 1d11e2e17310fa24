// Checks of what is not a run: linear maps, activations, how weights are rounded, and when runs
// keep to one thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "check_memory.h"
#include "check_problem.h"
#include "crew.h"
#include "kernels.h"

namespace check {

// The nearest IEEE half, ties to even.
inline double nearest_half(double value) {
  int exponent;
  std::frexp(value, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 11, -24));
  return std::nearbyint(value / unit) * unit;
}

// Replaces a weight (rows, columns) by what its smaller form stands for. Bytes are rounded in
// float, as packing does it: elsewhere a tie could fall to the other side.
inline void round_weight(Array& weight, int64_t columns, gatework::Storage storage) {
  for (size_t row = 0; row < weight.size(); row += columns) {
    float largest = 0;
    for (int64_t k = 0; k < columns; ++k) {
      largest = std::fmax(largest, std::fabs(static_cast<float>(weight[row + k])));
    }
    const float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
    for (int64_t k = 0; k < columns; ++k) {
      double& value = weight[row + k];
      if (storage == gatework::Storage::f16) {
        value = nearest_half(value);
      } else {
        const float steps = static_cast<float>(value) * inverse;
        value = static_cast<double>(scale) * std::trunc(steps + std::copysign(0.5f, steps));
      }
    }
  }
}

template <class T>
struct LinearMap {
  Array weight, bias, x, wanted;
  Guarded<T> out;

  LinearMap(const gatework::Kernel<T>& kernel, gatework::Storage storage, int64_t rows,
            int64_t inputs, int64_t outputs, bool biased, Random& random)
      : weight(draw(random, outputs * inputs, 1)),
        bias(draw(random, biased ? outputs : 0, 1)),
        x(draw(random, rows * inputs, 1)),
        out(rows * outputs) {
    const auto put = [](Guarded<T>& to, const Array& from) {
      for (size_t i = 0; i < from.size(); ++i) to.get()[i] = static_cast<T>(from[i]);
    };
    Guarded<T> w(weight.size()), b(bias.size()), given(x.size());
    put(w, weight);
    put(b, bias);
    put(given, x);
    Guarded<unsigned char> packed(kernel.packed_linear_size(inputs, outputs, storage), true);
    in_mode(mode(), [&] {
      kernel.pack_linear(inputs, outputs, w.get(), biased ? b.get() : nullptr, storage,
                         packed.get());
      kernel.linear(rows, inputs, outputs, packed.get(), storage, given.get(), out.get());
    });
    // Each row alone gives the same bits.
    Guarded<T> alone(outputs);
    for (int64_t r = 0; r < rows; ++r) {
      kernel.linear(1, inputs, outputs, packed.get(), storage, given.get() + r * inputs,
                    alone.get());
      if (std::memcmp(alone.get(), out.get() + r * outputs, outputs * sizeof(T)) != 0) {
        fail("a row of linear differs without its neighbours");
      }
    }
    if (storage != gatework::Storage::same) round_weight(weight, inputs, storage);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t j = 0; j < outputs; ++j) {
        double sum = biased ? bias[j] : 0;
        for (int64_t k = 0; k < inputs; ++k) sum += weight[j * inputs + k] * x[r * inputs + k];
        wanted.push_back(sum);
      }
    }
  }

  // The largest difference over the largest value, or 1 where that is smaller.
  double off() const {
    double worst = 0, scale = 1;
    for (const double v : wanted) scale = std::fmax(scale, std::fabs(v));
    for (size_t i = 0; i < wanted.size(); ++i) {
      const double found = out.get()[i];
      if (!std::isfinite(found)) fail("linear was not written or is not a number");
      worst = std::fmax(worst, std::fabs(found - wanted[i]) / scale);
    }
    return worst;
  }
};

template <class T>
double check_linear(const gatework::Kernel<T>& kernel, Random& random) {
  double worst = 0;
  for (const int64_t outputs : {1, 5, 16, 17, 33, 64, 70}) {
    for (const int64_t rows : {0, 1, 2, 5, 7, 13}) {
      for (const int64_t inputs : {1, 9, 33}) {
        const bool biased = random() % 3 != 0;
        const LinearMap<T> map(kernel, gatework::Storage::same, rows, inputs, outputs, biased,
                               random);
        worst = std::fmax(worst, map.off());
      }
    }
  }
  if (worst > (sizeof(T) == 8 ? 1e-14 : 1e-5)) fail("linear is off by " + std::to_string(worst));
  return worst;
}

// Without a value, with one, with values that are impossible, and beyond a vector.
template <class T>
void check_log_sum_exp(const gatework::Kernel<T>& kernel, double limit) {
  for (const int64_t count : {0, 1, 2, 7, 16, 33, 65, 700}) {
    Guarded<T> x(count);
    double sum = 0;
    for (int64_t i = 0; i < count; ++i) {
      x.get()[i] = static_cast<T>(i % 5 == 3 ? -INFINITY : 40 * std::sin(static_cast<double>(i)));
      sum += std::exp(static_cast<double>(x.get()[i]));
    }
    const double found = kernel.log_sum_exp(count, x.get()), wanted = std::log(sum);
    const bool same = count == 0 ? found == wanted : std::fabs(found - wanted) <= 40 * limit;
    if (!same) fail("log_sum_exp of " + std::to_string(count) + " is " + std::to_string(found));
    if (count == 0) continue;
    x.get()[count / 2] = static_cast<T>(NAN);
    if (!std::isnan(kernel.log_sum_exp(count, x.get())))
      fail("log_sum_exp loses what is no number");
  }
}

inline void check_linear_storage(const gatework::Kernel<float>& kernel, bool int8, Random& random) {
  for (const int64_t outputs : {1, 17, 70}) {
    for (const int64_t rows : {1, 7}) {
      const auto off = [&](gatework::Storage storage) {
        return LinearMap<float>(kernel, storage, rows, 9, outputs, true, random).off();
      };
      if (off(gatework::Storage::f16) > 1e-5) fail("linear with weights of 16 bits is off");
      if (off(gatework::Storage::int8_weights) > 1e-5) fail("linear with weights of 8 bits is off");
      if (int8 && off(gatework::Storage::int8) > 2e-4) fail("linear in whole numbers is off");
    }
  }
}

// Returns the worst error in units in the last place.
template <class T>
double check_activations(const gatework::Kernel<T>& kernel) {
  double worst = 0;
  std::vector<T> x;
  for (double v = -60; v <= 60; v += 0.37) x.push_back(static_cast<T>(v));
  using gatework::Activation;
  for (const Activation name :
       {Activation::sigmoid, Activation::tanh, Activation::exp, Activation::log_sigmoid}) {
    const std::string what = "activation " + std::to_string(static_cast<int>(name));
    Guarded<T> out(x.size());
    in_mode(mode(),
            [&] { kernel.activation(name, x.data(), out.get(), static_cast<int64_t>(x.size())); });
    for (size_t i = 0; i < x.size(); ++i) {
      const double v = x[i], found = out.get()[i];
      const double wanted = name == Activation::sigmoid ? sigmoid(v)
                            : name == Activation::tanh  ? std::tanh(v)
                            : name == Activation::exp   ? std::exp(v)
                                                        : log_sigmoid(v);
      const double ulp =
          std::fabs(found - wanted) / std::fabs(wanted) / (sizeof(T) == 8 ? 2.3e-16 : 1.2e-7);
      if (!(ulp < 4)) fail(what + " at " + std::to_string(v));
      worst = std::fmax(worst, ulp);
    }
    // Any count, from exact memory.
    for (size_t count = 0; count <= 33; ++count) {
      Guarded<T> few(count), given(count);
      std::copy_n(x.begin() + 100, count, given.get());
      kernel.activation(name, given.get(), few.get(), static_cast<int64_t>(count));
      if (std::memcmp(few.get(), out.get() + 100, count * sizeof(T)) != 0) {
        fail(what + " of " + std::to_string(count) + " values");
      }
    }
  }
  return worst;
}

// A try on several threads that lost time is followed by runs that took eight times as much,
// however long that is by the clock; each further one by a pause twice as long.
inline void check_spare_cores() {
  constexpr int64_t MILLISECOND = 1'000'000;
  gatework::SpareCores cores;
  const auto pauses_for = [&](int64_t wanted) {
    gatework::run_time() += wanted - 1;
    if (cores.there()) fail("threads are tried again too soon");
    gatework::run_time() += 1;
    if (!cores.there()) fail("threads are not tried again");
  };
  if (!cores.there()) fail("threads are not tried at first");
  cores.missed(MILLISECOND);
  if (!cores.there()) fail("a single miss stops threads");
  cores.missed(MILLISECOND);
  pauses_for(20 * MILLISECOND);
  cores.failed(12 * MILLISECOND);
  pauses_for(96 * MILLISECOND);
  cores.failed(MILLISECOND);
  pauses_for(80 * MILLISECOND);
  cores.succeeded(60 * MILLISECOND, 0);
  cores.failed(MILLISECOND);
  pauses_for(20 * MILLISECOND);
  // What was won before may be lost without a pause, but never more.
  cores.succeeded(MILLISECOND, 10 * MILLISECOND);
  cores.failed(4 * MILLISECOND);
  cores.failed(6 * MILLISECOND);
  if (!cores.there()) fail("what was won does not count");
  cores.failed(MILLISECOND);
  pauses_for(40 * MILLISECOND);
  // However often it failed: a neighbour that has gone is noticed soon.
  for (int tries = 0; tries < 9; ++tries) cores.failed(MILLISECOND);
  pauses_for(160 * MILLISECOND);
}

}  // namespace check
