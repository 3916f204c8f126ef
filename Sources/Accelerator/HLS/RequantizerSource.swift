extension ConvolutionSource {
  /// The requantizer in integers. With `v = |acc| · m` exact and `k = floor(v)`, the float form rounds `v` to a float32 and that to an
  /// integer. The two together differ from rounding `v` once only if the float32 of `v` is exactly `k + ½`, which is so if and only if
  /// `v` lies within half a float32 ulp of it; the tie then goes to the even one of `k` and `k + 1`.
  /// The test `RequantizerTests` compares it with the float form at and beside ties.
  var requantizer: String {
    """
    /* round_half_even(float32(acc) * float32 multiplier) + zero point, clamped; both roundings of the float form in integers.
       multiplier = significand * 2^-shift, 2^23 <= significand < 2^24, 26 <= shift <= 57, |acc| < 2^24. */
    static int8_t requantize(int32_t acc, uint32_t significand, uint32_t shift)
    {
      const uint32_t magnitude = acc < 0 ? 0u - (uint32_t)acc : (uint32_t)acc;
      const uint64_t product = (uint64_t)magnitude * significand;
      const uint64_t fixed = product >> (shift - 26u); /* 26 fraction bits */
      int32_t rounded = 512;                           /* at or above this every result is clamped */
      if (fixed < (uint64_t)512 << 26) {
        /* One more fraction bit, sticky: set if any bit below is. */
        const uint64_t value = fixed << 1 | (uint64_t)(fixed << (shift - 26u) != product);
        const uint32_t whole = (uint32_t)(value >> 27);
        /* Half a float32 ulp at the value, in units of 2^-27. */
        uint64_t window = 4;
        for (uint32_t bit = 0; bit < 9; bit++) {
    HLS(UNROLL)
          if (whole >> bit & 1u) window = (uint64_t)8 << bit;
        }
        /* Inside the window around whole + 1/2 the float32 is a tie: up from an odd number, down from an even one. */
        const uint64_t half = (uint64_t)1 << 26;
        const uint64_t threshold = whole & 1u ? half + window : half - window - 1u;
        rounded = (int32_t)((value + threshold) >> 27);
      }
      int32_t result = (acc < 0 ? -rounded : rounded) + OUTPUT_ZERO_POINT;
      if (result < OUTPUT_MINIMUM) result = OUTPUT_MINIMUM;
      if (result > OUTPUT_MAXIMUM) result = OUTPUT_MAXIMUM;
      return (int8_t)result;
    }
    """
  }
}
