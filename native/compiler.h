// What differs between compilers.
#pragma once

#define GATEWORK_QUOTED(text) #text
#define GATEWORK_TEXT(macro) GATEWORK_QUOTED(macro)  // of what the macro stands for

#if defined(_MSC_VER) && !defined(__clang__)
#define GATEWORK_INLINE __forceinline
#define GATEWORK_UNROLL(times)
#define GATEWORK_PREFETCH(place)
#define GATEWORK_FOR(instructions) __declspec(noinline)
#else
#define GATEWORK_INLINE inline __attribute__((always_inline))
#define GATEWORK_PREFETCH(place) __builtin_prefetch(place)
// A function of instructions that only some processors of its target have.
#define GATEWORK_FOR(instructions) __attribute__((target(instructions), noinline))
// The compiler unrolls the loop that follows.
#if defined(__clang__)
#define GATEWORK_UNROLL(times) _Pragma(GATEWORK_TEXT(unroll times))
#else
#define GATEWORK_UNROLL(times) _Pragma(GATEWORK_TEXT(GCC unroll times))
#endif
#endif

// What a shared library offers to others, said where it is declared.
#if defined(_WIN32)
#define GATEWORK_EXPORT __declspec(dllexport)
#else
#define GATEWORK_EXPORT __attribute__((visibility("default")))
#endif
