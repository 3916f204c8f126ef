// The static memory of a program. EDGEPACK_ARENA_BYTES is the planner's figure; 64 bytes behind it may be read by kernels and must
// never change: the self-test uses them as a canary.
#define EDGEPACK_ARENA_SLACK 64
#if defined(EDGEPACK_FIRMWARE)
#define EDGEPACK_STREAM_BYTES 1024
#else
#define EDGEPACK_STREAM_BYTES 8192
#endif

EDGEPACK_INLINE void *edgepack_arena(void) {
  static unsigned char arena[EDGEPACK_ARENA_BYTES + EDGEPACK_ARENA_SLACK] __attribute__((aligned(64)));
  return arena;
}

/// One half for input, one for output; the benchmark keeps its times here.
EDGEPACK_INLINE void *edgepack_stream_buffer(void) {
  static unsigned char buffer[EDGEPACK_STREAM_BYTES] __attribute__((aligned(64)));
  return buffer;
}
