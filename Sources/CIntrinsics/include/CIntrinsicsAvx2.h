// AVX2 wrappers for DeviceKernels/Int8/*+Avx2.swift: x86-64-v3, no VNNI.
#include <immintrin.h>

/// 16 int8 values as int16.
EDGEPACK_INLINE __m256i edgepack_avx2_widen16(const int8_t *p) { return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)p)); }

/// Two int16 values, eight times.
EDGEPACK_INLINE __m256i edgepack_avx2_broadcast2(const int16_t *p) {
  int32_t word;
  __builtin_memcpy(&word, p, 4);
  return _mm256_set1_epi32(word);
}

EDGEPACK_INLINE void edgepack_avx2_store_int16(int16_t *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }
EDGEPACK_INLINE void edgepack_avx2_store_int8(int8_t *p, __m256i v) { _mm256_storeu_si256((__m256i *)p, v); }

EDGEPACK_INLINE __m256i edgepack_avx2_zero(void) { return _mm256_setzero_si256(); }
EDGEPACK_INLINE __m256i edgepack_avx2_splat_int16(int16_t value) { return _mm256_set1_epi16(value); }
EDGEPACK_INLINE __m256i edgepack_avx2_splat_int32(int32_t value) { return _mm256_set1_epi32(value); }
EDGEPACK_INLINE __m256 edgepack_avx2_splat_float(float value) { return _mm256_set1_ps(value); }
EDGEPACK_INLINE __m256i edgepack_avx2_load_int32(const int32_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
EDGEPACK_INLINE __m256 edgepack_avx2_load_float(const float *p) { return _mm256_loadu_ps(p); }

/// Adds the products of neighbouring int16 pairs to eight int32 sums.
EDGEPACK_INLINE __m256i edgepack_avx2_dot(__m256i sum, __m256i x, __m256i w) { return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w)); }

EDGEPACK_INLINE __m256i edgepack_avx2_add(__m256i a, __m256i b) { return _mm256_add_epi32(a, b); }

/// Pairs up channels of two int16 vectors: of channels 0–3 and 8–11, and of 4–7 and 12–15.
EDGEPACK_INLINE __m256i edgepack_avx2_pairs_low(__m256i a, __m256i b) { return _mm256_unpacklo_epi16(a, b); }
EDGEPACK_INLINE __m256i edgepack_avx2_pairs_high(__m256i a, __m256i b) { return _mm256_unpackhi_epi16(a, b); }

/// 16 constants in the order that paired channels have: 0–3 with 8–11, and 4–7 with 12–15.
EDGEPACK_INLINE __m256i edgepack_avx2_load_paired_int32(const int32_t *p, int32_t high) {
  __m256i a = edgepack_avx2_load_int32(p), b = edgepack_avx2_load_int32(p + 8);
  return high ? _mm256_permute2x128_si256(a, b, 0x31) : _mm256_permute2x128_si256(a, b, 0x20);
}
EDGEPACK_INLINE __m256 edgepack_avx2_load_paired_float(const float *p, int32_t high) {
  __m256 a = _mm256_loadu_ps(p), b = _mm256_loadu_ps(p + 8);
  return high ? _mm256_permute2f128_ps(a, b, 0x31) : _mm256_permute2f128_ps(a, b, 0x20);
}

/// Requantization (docs/numeric-contract.md §2) of eight sums: convert, multiply, clamp, round half to even, add the zero point.
EDGEPACK_INLINE __m256i edgepack_avx2_requantize(__m256i sum, __m256 multiplier, __m256 low, __m256 high, __m256i zero_point) {
  __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), multiplier);
  __m256 bounded = _mm256_min_ps(_mm256_max_ps(product, low), high);
  return _mm256_add_epi32(_mm256_cvtps_epi32(bounded), zero_point);
}

/// Narrows 16 int8 values held in int32, eight in each vector.
EDGEPACK_INLINE __m128i edgepack_avx2_narrow(__m256i low, __m256i high) {
  __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
  return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

/// Narrows 16 paired channels (0–3 with 8–11, 4–7 with 12–15) into their natural order.
EDGEPACK_INLINE __m128i edgepack_avx2_narrow16(__m256i low, __m256i high) {
  __m256i words = _mm256_packs_epi32(low, high);
  return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}
EDGEPACK_INLINE void edgepack_avx2_store16(int8_t *p, __m128i v) { _mm_storeu_si128((__m128i *)p, v); }
/// The first and the last eight bytes, the first lowest.
EDGEPACK_INLINE uint64_t edgepack_avx2_bits_low(__m128i v) { return (uint64_t)_mm_cvtsi128_si64(v); }
EDGEPACK_INLINE uint64_t edgepack_avx2_bits_high(__m128i v) { return (uint64_t)_mm_extract_epi64(v, 1); }
