// The function table of one instruction set.
#include "target.inl"

#include GATEWORK_SIMD

#include "bfloat16.inl"
#include "compiler.h"
#include "int8.inl"

namespace gatework::GATEWORK_TARGET {

template <class T>
constexpr Kernel<T> kernel() {
  return {packed_size<T>, pack<T>,    forward_workspace<T>,  forward<T>,   forward_threads<T>,
          table_width<T>, project<T>, backward_workspace<T>, backward<T>,  packed_linear_size<T>,
          pack_linear<T>, linear<T>,  log_sum_exp<T>,        activation<T>};
}

extern const Target TARGET;
const Target TARGET = {GATEWORK_TEXT(GATEWORK_TARGET),
                       Vec<float>::lanes,
                       HAS_INT8<float>,
                       HAS_BFLOAT16<float>,
                       kernel<float>(),
                       kernel<double>()};

}  // namespace gatework::GATEWORK_TARGET
