/// A requantization multiplier as the accelerator holds it: `m = significand · 2^−shift`, the float's own fields.
///
/// With `|acc| < 2^24` the integer requantizer gives exactly `roundHalfEven(float32(acc) · m)` (docs/numeric-contract.md §2): the
/// product `|acc| · significand` is exact in 48 bits, and both roundings of the float form follow from it.
public struct IntegerMultiplier: Hashable, Sendable {
  /// The shifts that the requantizer's 26 fraction bits and 32-bit shifter serve: 2^−34 ≤ m < 2^−2.
  public static let shifts = 26...57
  /// Accumulators at or above this are not exact as float32, so the integer form would differ.
  public static let accumulatorLimit = 1 << 24

  /// 2^23 ≤ significand < 2^24.
  public var significand: UInt32
  public var shift: Int

  /// Nil if `value` is not a positive normal float whose shift lies in `shifts`.
  public init?(_ value: Float) {
    guard value.isNormal, value > 0 else { return nil }
    let shift = Float.significandBitCount - Int(value.exponent)
    guard Self.shifts.contains(shift) else { return nil }
    self.significand = value.significandBitPattern | 1 << Float.significandBitCount
    self.shift = shift
  }
}
