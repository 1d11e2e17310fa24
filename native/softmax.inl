// The logarithm of a sum of exponentials: what a head over a vocabulary ends with.

namespace gatework::GATEWORK_TARGET {

// Not a number where a value is none.
template <class T>
T log_sum_exp(int64_t count, const T* x) {
  using V = Vec<T>;
  constexpr int64_t L = V::lanes;
  const FlushDenormals flush;
  const T lowest = -static_cast<T>(__builtin_inff());
  const int64_t whole = count / L;
  const int rest = static_cast<int>(count % L);
  V most = V::set(lowest);
  for (int64_t i = 0; i < whole; ++i) most = V::max(V::load(x + i * L), most);
  T lanes[L];
  most.store(lanes);
  T largest = lowest;
  for (const T lane : lanes) largest = larger(lane, largest);
  for (int i = 0; i < rest; ++i) largest = larger(x[whole * L + i], largest);
  if (!(largest > lowest)) {  // all are impossible, or one is no number
    for (int64_t i = 0; i < count; ++i) largest = x[i] == lowest ? largest : x[i];
    return largest;
  }
  const V middle = V::set(largest);
  T sum = sum_vectors<V>(whole, [&](int64_t i) { return exp_of(V::load(x + i * L) - middle); });
  if (rest > 0) {
    T part[L] = {};
    exp_of(V::load(x + whole * L, rest) - middle).store(part, rest);
    sum += V::load(part).sum();
  }
  return largest + logarithm(sum);
}

}  // namespace gatework::GATEWORK_TARGET
