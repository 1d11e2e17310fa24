// Prints the instruction set that the kernels would choose on this machine; CMake asks it.
#include <cstdio>

#include "processor.h"

int main() {
#if defined(GATEWORK_X86)
  const gatework::Features found;
  std::puts(found.avx512 ? "avx512" : found.avx2 ? "avx2" : "base");
#elif defined(__aarch64__) || defined(_M_ARM64)
  std::puts("neon");
#else
  std::puts("base");
#endif
}
