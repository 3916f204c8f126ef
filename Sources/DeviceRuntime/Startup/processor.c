// Asks the processor for what the program was compiled for. Compiled for the oldest processor of its kind, and called before anything else,
// so that a missing instruction is a message and not a signal.

#if defined(__x86_64__)
static void cpuid(unsigned leaf, unsigned subleaf, unsigned out[4]) {
  __asm__ volatile("cpuid" : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]), "=d"(out[3]) : "a"(leaf), "c"(subleaf));
}

static unsigned enabled_register_state(void) {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}
#endif

// The name of the first missing feature, or null. hardware_capabilities: AT_HWCAP of the auxiliary vector (arm64).
static const char *missing_feature(unsigned long hardware_capabilities) {
#if defined(__x86_64__)
  unsigned words[4];
  (void)hardware_capabilities;
  cpuid(1, 0, words);
  // SSSE3, SSE4.1, SSE4.2 and POPCNT, by CPUID leaf 1, register ecx.
  if (~words[2] & (1u << 9 | 1u << 19 | 1u << 20 | 1u << 23)) return "SSE4.2";
#if defined(EDGEPACK_AVX2)
  // FMA, MOVBE, OSXSAVE, AVX, F16C; then AVX2, BMI1 and BMI2 in leaf 7, register ebx; LZCNT in leaf 0x80000001, register ecx.
  if (~words[2] & (1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29)) return "AVX2";
  if ((enabled_register_state() & 6) != 6) return "AVX2";
  cpuid(7, 0, words);
  if (~words[1] & (1u << 3 | 1u << 5 | 1u << 8)) return "AVX2";
  cpuid(0x80000001u, 0, words);
  if (~words[2] & (1u << 5)) return "AVX2";
#endif
#if defined(EDGEPACK_AVX512)
  // AVX512F, DQ, CD, BW and VL in leaf 7, register ebx, and VNNI in register ecx; the system must keep mask and wide vector registers.
  if ((enabled_register_state() & 0xE0) != 0xE0) return "AVX-512";
  cpuid(7, 0, words);
  if (~words[1] & (1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31)) return "AVX-512";
  if (~words[2] & (1u << 11)) return "AVX-512 VNNI";
#endif
#elif defined(__aarch64__)
  // HWCAP_ASIMD
  if (!(hardware_capabilities & 1u << 1)) return "NEON";
#endif
  return 0;
}

#if defined(EDGEPACK_LIBRARY)

/// The name of the first missing feature, or null. A library sees no auxiliary vector, and on arm64 needs nothing that it could tell:
/// NEON is part of the architecture's procedure call standard under Linux.
const char *edgepack_missing_feature(void) { return missing_feature(~0ul); }

#else

#define EDGEPACK_INLINE static inline __attribute__((always_inline))
#include "../../CIntrinsics/include/CIntrinsicsSystemCall.h"

// The two calls of Linux/SystemCalls.swift that a refusal needs: Swift's own code may already use what is missing.
#if defined(__x86_64__)
enum { call_write = 1, call_exit_group = 231 };
#else
enum { call_write = 64, call_exit_group = 94 };
#endif

static void print(const char *text) {
  long length = 0;
  while (text[length]) length++;
  edgepack_system_call(call_write, 2, (long)text, length, 0, 0, 0);
}

/// Ends the program with a message and exit code 2 if the processor lacks what the program was compiled for.
/// @param stack the initial stack: argc, argv, null, environment, null, auxiliary vector.
void edgepack_require_processor(const unsigned long *stack, const char *name) {
  const unsigned long *word = stack + 1 + stack[0] + 1;
  unsigned long capabilities = 0;
  while (*word) word++;
  for (word++; word[0]; word += 2)
    if (word[0] == 16) capabilities = word[1];  // AT_HWCAP
  const char *feature = missing_feature(capabilities);
  if (!feature) return;
  print(name);
  print(": error: this processor lacks a feature that the program was built for: ");
  print(feature);
  print("\n");
  for (;;) edgepack_system_call(call_exit_group, 2, 0, 0, 0, 0, 0);
}

#endif
