// What Swift cannot say itself, as functions that inline completely into the kernels.
// `always_inline` is needed: with -ffreestanding LLVM refuses to inline a plain static function into Swift.
#ifndef EDGEPACK_CINTRINSICS_H
#define EDGEPACK_CINTRINSICS_H

#include <stdint.h>

#define EDGEPACK_INLINE static inline __attribute__((always_inline))

/// int32 to float32, rounded once to nearest even. Swift's `Float(Int32)` calls a 64-bit library function on 32-bit cores.
EDGEPACK_INLINE float edgepack_float_from_int32(int32_t value) { return (float)value; }

/// uint32 to float32, rounded once to nearest even.
EDGEPACK_INLINE float edgepack_float_from_uint32(uint32_t value) { return (float)value; }

// Bytes that a core copies best at a time from any address: a vector, a word, or one byte where unaligned words trap.
#if defined(__aarch64__) || defined(__x86_64__)
#define EDGEPACK_CHUNK 16
#elif defined(__ARM_FEATURE_UNALIGNED)
#define EDGEPACK_CHUNK 4
#else
#define EDGEPACK_CHUNK 1
#endif

/// Copies `EDGEPACK_CHUNK` bytes between any two addresses that do not overlap.
EDGEPACK_INLINE void edgepack_copy_chunk(int8_t *output, const int8_t *input) { __builtin_memcpy(output, input, EDGEPACK_CHUNK); }

#if defined(EDGEPACK_LINUX_PROGRAM)
#include "CIntrinsicsSystemCall.h"
#endif
#if defined(EDGEPACK_FIRMWARE)
#include "CIntrinsicsFirmware.h"
#endif
#if defined(EDGEPACK_LIBRARY)
#include "CIntrinsicsLibrary.h"
#endif
#if defined(EDGEPACK_ARENA_BYTES)
#include "CIntrinsicsProgramMemory.h"
#endif
#if defined(EDGEPACK_THREADS)
#include "CIntrinsicsThreads.h"
#endif
#if defined(__aarch64__)
#include "CIntrinsicsNeon.h"
#endif
#if defined(__AVX2__)
#include "CIntrinsicsAvx2.h"
#endif
#if defined(__AVX512VNNI__)
#include "CIntrinsicsAvx512.h"
#endif

#endif
