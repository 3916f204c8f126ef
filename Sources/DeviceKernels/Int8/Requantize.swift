import CIntrinsics

/// `clamp(roundHalfEven(float32(accumulator) · multiplier) + zeroPoint, minimum, maximum)`, docs/numeric-contract.md §2.
///
/// Two roundings: int32 to float32 and the product, never fused. The bounds are integers, so clamping before rounding gives the same
/// result as after; then the magic number `1.5 · 2^23` rounds without a library call or a branch.
struct Requantizer {
  /// Bounds of the rounded product, `minimum − zeroPoint` and `maximum − zeroPoint`: at most 255 in size.
  let low: Float
  let high: Float
  let zeroPoint: Int32

  @inline(__always) init(_ range: OutputRange) {
    low = edgepack_float_from_int32(range.minimum &- range.zeroPoint)
    high = edgepack_float_from_int32(range.maximum &- range.zeroPoint)
    zeroPoint = range.zeroPoint
  }

  /// - Precondition: 2^−40 ≤ multiplier < 8.
  @inline(__always) func callAsFunction(_ accumulator: Int32, _ multiplier: Float) -> Int8 {
    self(scaled: edgepack_float_from_int32(accumulator) * multiplier)
  }

  /// `clamp(roundHalfEven(product) + zeroPoint, minimum, maximum)`.
  @inline(__always) func callAsFunction(scaled product: Float) -> Int8 {
    let bounded = product < low ? low : (product > high ? high : product)
    return Int8(truncatingIfNeeded: roundHalfEven(bounded) &+ zeroPoint)
  }
}

/// Rounds to the nearest integer, ties to even, for |value| < 2^22: adding `1.5 · 2^23` leaves the integer in the low mantissa bits.
@inlinable @inline(__always) func roundHalfEven(_ value: Float) -> Int32 {
  Int32(bitPattern: (value + 12_582_912).bitPattern) &- 0x4B40_0000
}
