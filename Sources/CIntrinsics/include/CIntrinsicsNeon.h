// NEON wrappers for DeviceKernels/Int8/*+Neon.swift: the ARMv8.0 baseline, no dot-product extension.
#include <arm_neon.h>

/// Unaligned loads.
EDGEPACK_INLINE int8x16_t edgepack_neon_load16(const int8_t *p) { return vld1q_s8(p); }
EDGEPACK_INLINE int8x8_t edgepack_neon_load8(const int8_t *p) { return vld1_s8(p); }
EDGEPACK_INLINE int32x4_t edgepack_neon_load_int32(const int32_t *p) { return vld1q_s32(p); }
EDGEPACK_INLINE float32x4_t edgepack_neon_load_float(const float *p) { return vld1q_f32(p); }

EDGEPACK_INLINE int8x8_t edgepack_neon_splat_int8(int8_t value) { return vdup_n_s8(value); }
EDGEPACK_INLINE int32x4_t edgepack_neon_splat_int32(int32_t value) { return vdupq_n_s32(value); }
EDGEPACK_INLINE float32x4_t edgepack_neon_splat_float(float value) { return vdupq_n_f32(value); }

/// Adds the 16 products to four partial sums. Two products share an int16: |x · w| ≤ 128 · 127, so their sum is at most 32,512.
EDGEPACK_INLINE int32x4_t edgepack_neon_dot(int32x4_t sum, int8x16_t x, int8x16_t w) {
  int16x8_t products = vmull_s8(vget_low_s8(x), vget_low_s8(w));
  products = vmlal_high_s8(products, x, w);
  return vpadalq_s16(sum, products);
}

/// `x`, not before the four sums are computed: no instruction, only an order for the compiler's scheduler.
EDGEPACK_INLINE int8x16_t edgepack_neon_in_turn(int8x16_t x, int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d) {
  __asm__("" : "+w"(x) : "w"(a), "w"(b), "w"(c), "w"(d));
  return x;
}

/// The total of each of four vectors.
EDGEPACK_INLINE int32x4_t edgepack_neon_totals(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d) {
  return vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
}

/// Eight products, and eight products added to eight others (two fit an int16, see edgepack_neon_dot).
EDGEPACK_INLINE int16x8_t edgepack_neon_multiply(int8x8_t x, int8x8_t w) { return vmull_s8(x, w); }
EDGEPACK_INLINE int16x8_t edgepack_neon_multiply_add(int16x8_t products, int8x8_t x, int8x8_t w) { return vmlal_s8(products, x, w); }

EDGEPACK_INLINE int32x4_t edgepack_neon_add(int32x4_t a, int32x4_t b) { return vaddq_s32(a, b); }
EDGEPACK_INLINE int32x4_t edgepack_neon_add_low(int32x4_t sum, int16x8_t products) { return vaddw_s16(sum, vget_low_s16(products)); }
EDGEPACK_INLINE int32x4_t edgepack_neon_add_high(int32x4_t sum, int16x8_t products) { return vaddw_high_s16(sum, products); }

/// Requantization (docs/numeric-contract.md §2) of four sums: convert, multiply, clamp, round half to even, add the zero point.
EDGEPACK_INLINE int32x4_t edgepack_neon_requantize(
    int32x4_t sum, float32x4_t multiplier, float32x4_t low, float32x4_t high, int32x4_t zero_point) {
  float32x4_t product = vmulq_f32(vcvtq_f32_s32(sum), multiplier);
  float32x4_t bounded = vminq_f32(vmaxq_f32(product, low), high);
  return vaddq_s32(vcvtnq_s32_f32(bounded), zero_point);
}

/// Narrows int8 values held in int32.
EDGEPACK_INLINE int8x8_t edgepack_neon_narrow(int32x4_t a, int32x4_t b) { return vmovn_s16(vcombine_s16(vmovn_s32(a), vmovn_s32(b))); }

EDGEPACK_INLINE void edgepack_neon_store8(int8_t *p, int8x8_t v) { vst1_s8(p, v); }
/// The eight bytes, the first lowest.
EDGEPACK_INLINE uint64_t edgepack_neon_bits(int8x8_t v) { return vget_lane_u64(vreinterpret_u64_s8(v), 0); }
