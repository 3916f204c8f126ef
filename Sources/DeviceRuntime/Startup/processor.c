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

/// The name of the first missing feature, or null.
/// @param hardware_capabilities AT_HWCAP of the auxiliary vector (arm64).
const char *edgepack_missing_processor_feature(unsigned long hardware_capabilities) {
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
#elif defined(__aarch64__)
  // HWCAP_ASIMD
  if (!(hardware_capabilities & 1u << 1)) return "NEON";
#endif
  return 0;
}
