// AVX-512 wrappers for DeviceKernels/Int8/*+Avx512.swift: x86-64-v4 with VNNI.
#include <immintrin.h>

EDGEPACK_INLINE __m512i edgepack_avx512_load(const void *p) { return _mm512_loadu_si512(p); }
EDGEPACK_INLINE __m512 edgepack_avx512_load_float(const float *p) { return _mm512_loadu_ps(p); }
EDGEPACK_INLINE void edgepack_avx512_store(void *p, __m512i v) { _mm512_storeu_si512(p, v); }
EDGEPACK_INLINE __m512i edgepack_avx512_zero(void) { return _mm512_setzero_si512(); }
EDGEPACK_INLINE __m512i edgepack_avx512_splat_int8(int8_t value) { return _mm512_set1_epi8(value); }
EDGEPACK_INLINE __m512i edgepack_avx512_splat_int16(int16_t value) { return _mm512_set1_epi16(value); }
EDGEPACK_INLINE __m512i edgepack_avx512_splat_int32(int32_t value) { return _mm512_set1_epi32(value); }
EDGEPACK_INLINE __m512 edgepack_avx512_splat_float(float value) { return _mm512_set1_ps(value); }

/// Four bytes, sixteen times.
EDGEPACK_INLINE __m512i edgepack_avx512_broadcast4(const void *p) {
  int32_t word;
  __builtin_memcpy(&word, p, 4);
  return _mm512_set1_epi32(word);
}

/// Adds the products of four neighbouring bytes, unsigned times signed, to sixteen int32 sums, modulo 2^32.
EDGEPACK_INLINE __m512i edgepack_avx512_dot(__m512i sum, __m512i x, __m512i w) { return _mm512_dpbusd_epi32(sum, x, w); }

EDGEPACK_INLINE __m512i edgepack_avx512_add(__m512i a, __m512i b) { return _mm512_add_epi32(a, b); }

/// `x + 128` for each int8 value x, as an unsigned byte.
EDGEPACK_INLINE __m512i edgepack_avx512_offset(__m512i x) { return _mm512_xor_si512(x, _mm512_set1_epi8(-128)); }

/// Sixteen int8 values as int32.
EDGEPACK_INLINE __m512i edgepack_avx512_widen16(const int8_t *p) {
  return _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p));
}

/// Byte i of each of four lines side by side, for i = 0…15.
EDGEPACK_INLINE __m512i edgepack_avx512_interleave(const int8_t *a, const int8_t *b, const int8_t *c, const int8_t *d) {
  __m512i lines = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)a));
  lines = _mm512_inserti32x4(lines, _mm_loadu_si128((const __m128i *)b), 1);
  lines = _mm512_inserti32x4(lines, _mm_loadu_si128((const __m128i *)c), 2);
  lines = _mm512_inserti32x4(lines, _mm_loadu_si128((const __m128i *)d), 3);
  __m512i words = _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), lines);
  __m128i transpose = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(transpose));
}

/// The first half of requantization (docs/numeric-contract.md §2): convert, multiply, bound above, round half to even. A product below
/// int32 becomes the smallest int32, which narrowing saturates like any other small value.
EDGEPACK_INLINE __m512i edgepack_avx512_scale(__m512i sum, __m512 multiplier, __m512 high) {
  return _mm512_cvtps_epi32(_mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), multiplier), high));
}

/// The second half, for four vectors together: narrow with saturation, add the zero point, bound below. The bytes of `a` are the lowest.
EDGEPACK_INLINE __m512i edgepack_avx512_narrow(__m512i a, __m512i b, __m512i c, __m512i d, __m512i zero_point, __m512i minimum) {
  __m512i ab = _mm512_adds_epi16(_mm512_packs_epi32(a, b), zero_point);
  __m512i cd = _mm512_adds_epi16(_mm512_packs_epi32(c, d), zero_point);
  __m512i bytes = _mm512_max_epi8(_mm512_packs_epi16(ab, cd), minimum);
  return _mm512_permutexvar_epi32(_mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), bytes);
}

/// Quarters and halves of a vector, lowest first.
EDGEPACK_INLINE void edgepack_avx512_store_quarters(int8_t *a, int8_t *b, int8_t *c, int8_t *d, __m512i v) {
  _mm_storeu_si128((__m128i *)a, _mm512_castsi512_si128(v));
  _mm_storeu_si128((__m128i *)b, _mm512_extracti32x4_epi32(v, 1));
  _mm_storeu_si128((__m128i *)c, _mm512_extracti32x4_epi32(v, 2));
  _mm_storeu_si128((__m128i *)d, _mm512_extracti32x4_epi32(v, 3));
}
EDGEPACK_INLINE void edgepack_avx512_store_halves(int8_t *a, int8_t *b, __m512i v) {
  _mm256_storeu_si256((__m256i *)a, _mm512_castsi512_si256(v));
  _mm256_storeu_si256((__m256i *)b, _mm512_extracti64x4_epi64(v, 1));
}

/// Stores bytes whose bit is set.
EDGEPACK_INLINE void edgepack_avx512_store_masked(int8_t *p, __m512i v, uint64_t mask) { _mm512_mask_storeu_epi8(p, mask, v); }

/// Stores the first `count` quarters of a vector, `stride` bytes apart, of each the bytes whose bit is set.
EDGEPACK_INLINE void edgepack_avx512_store_quarters_masked(int8_t *p, long stride, __m512i v, uint32_t mask, int32_t count) {
  if (count > 0) _mm_mask_storeu_epi8(p, (__mmask16)mask, _mm512_castsi512_si128(v));
  if (count > 1) _mm_mask_storeu_epi8(p + stride, (__mmask16)mask, _mm512_extracti32x4_epi32(v, 1));
  if (count > 2) _mm_mask_storeu_epi8(p + 2 * stride, (__mmask16)mask, _mm512_extracti32x4_epi32(v, 2));
  if (count > 3) _mm_mask_storeu_epi8(p + 3 * stride, (__mmask16)mask, _mm512_extracti32x4_epi32(v, 3));
}
