// 64-bit ARM.
#define GATEWORK_TARGET neon
#define GATEWORK_NAME "neon"

#include <type_traits>

#include "simd/neon.h"

#include "target.inl"
