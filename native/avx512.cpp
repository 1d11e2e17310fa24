// x86-64 with AVX-512 F, BW, DQ and VL.
#define GATEWORK_TARGET avx512
#define GATEWORK_NAME "avx512"

#include <type_traits>

#include "simd/avx512.h"

#include "target.inl"
