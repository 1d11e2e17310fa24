// What this processor and its operating system can run.
#pragma once

#include <cstdint>

#if defined(__x86_64__) || defined(_M_X64)
#define GATEWORK_X86
#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace gatework {

struct Features {
  bool avx2 = false, avx512 = false, vnni = false, bfloat16 = false;

#if defined(GATEWORK_X86)
  Features() {
    const Registers basic = ask(0, 0);
    if (basic.a < 7) return;
    const Registers one = ask(1, 0), seven = ask(7, 0);
    const bool fma = bit(one.c, 12), half = bit(one.c, 29);
    if (!bit(one.c, 27) || !bit(one.c, 28)) return;  // XSAVE in use, AVX
    const uint64_t saved = saved_by_system();
    avx2 = (saved & 0x6) == 0x6 && fma && half && bit(seven.b, 5);
    const bool f = bit(seven.b, 16), dq = bit(seven.b, 17);
    const bool bw = bit(seven.b, 30), vl = bit(seven.b, 31);
    avx512 = avx2 && (saved & 0xe6) == 0xe6 && f && dq && bw && vl;
    vnni = avx512 && bit(seven.c, 11);
    bfloat16 = avx512 && seven.a >= 1 && bit(ask(7, 1).a, 5);
  }

 private:
  struct Registers {
    uint32_t a, b, c, d;
  };
  static bool bit(uint32_t word, int place) { return (word >> place & 1u) != 0; }

#if defined(_MSC_VER)
  static Registers ask(int leaf, int part) {
    int found[4];
    __cpuidex(found, leaf, part);
    return {static_cast<uint32_t>(found[0]), static_cast<uint32_t>(found[1]),
            static_cast<uint32_t>(found[2]), static_cast<uint32_t>(found[3])};
  }
  // The registers that the operating system saves for each thread: bits of XCR0.
  static uint64_t saved_by_system() { return _xgetbv(0); }
#else
  static Registers ask(uint32_t leaf, uint32_t part) {
    Registers found{};
    __cpuid_count(leaf, part, found.a, found.b, found.c, found.d);
    return found;
  }
  static uint64_t saved_by_system() {
    uint32_t low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return static_cast<uint64_t>(high) << 32 | low;
  }
#endif
#endif
};

}  // namespace gatework
