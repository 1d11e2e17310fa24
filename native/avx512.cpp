// x86-64 with AVX-512 F, BW, DQ and VL; with VNNI where the processor has it, see int8.inl.
#define GATEWORK_TARGET avx512
#define GATEWORK_NAME "avx512"
#define GATEWORK_INT8

#include <type_traits>

#include "simd/avx512.h"

#include "target.inl"
