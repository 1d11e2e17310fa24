// x86-64 with AVX2, FMA and F16C.
#define GATEWORK_TARGET avx2
#define GATEWORK_NAME "avx2"

#include <type_traits>

#include "simd/avx2.h"

#include "target.inl"
