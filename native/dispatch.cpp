// Which targets this machine can run, asked once.
#include <cstring>

#include "kernels.h"

#if (defined(__x86_64__) || defined(_M_X64)) && !defined(GATEWORK_BASE_ONLY)
#define GATEWORK_X86 1
#include <cpuid.h>
#endif

namespace gatework {

namespace base {
extern const Target TARGET;
}
#if defined(GATEWORK_X86)
namespace avx2 {
extern const Target TARGET;
}
namespace avx512 {
extern const Target TARGET;
}

namespace {

// The registers that the operating system saves for each thread: bits of XCR0.
uint64_t saved_by_system() {
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

struct Features {
  bool avx2 = false, avx512 = false, vnni = false;

  Features() {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return;
    const bool xsave = c & bit_OSXSAVE, fma = c & bit_FMA, half = c & bit_F16C, avx = c & bit_AVX;
    if (!xsave || !avx) return;
    const uint64_t saved = saved_by_system();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return;
    avx2 = (saved & 0x6) == 0x6 && fma && half && (b & bit_AVX2);
    const uint32_t wanted = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL;
    avx512 = avx2 && (saved & 0xe6) == 0xe6 && (b & wanted) == wanted;
    vnni = avx512 && (c & bit_AVX512VNNI);
  }
};

}  // namespace
#elif defined(__aarch64__) && !defined(GATEWORK_BASE_ONLY)
namespace neon {
extern const Target TARGET;
}
#endif

int available_targets(const Target* const** targets) {
  struct Found {
    const Target* list[4];
    int count = 0;
    Found() {
#if defined(GATEWORK_X86)
      const Features features;
      if (features.avx512) list[count++] = &avx512::TARGET;
      if (features.avx2) list[count++] = &avx2::TARGET;
#elif defined(__aarch64__) && !defined(GATEWORK_BASE_ONLY)
      list[count++] = &neon::TARGET;
#endif
      list[count++] = &base::TARGET;
    }
  };
  static const Found found;
  *targets = found.list;
  return found.count;
}

const Target* find_target(const char* name) {
  const Target* const* targets;
  const int count = available_targets(&targets);
  if (name == nullptr || *name == 0) return targets[0];
  for (int i = 0; i < count; ++i) {
    if (std::strcmp(name, targets[i]->name) == 0) return targets[i];
  }
  return nullptr;
}

bool can_run_int8(const Target& target) {
#if defined(GATEWORK_X86)
  static const Features features;
  return target.int8 && features.vnni;
#else
  return target.int8;
#endif
}

}  // namespace gatework
