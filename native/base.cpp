// Plain C++ for any machine.
#define GATEWORK_TARGET base
#define GATEWORK_NAME "base"

#include <type_traits>

#include "simd/base.h"

#include "target.inl"
