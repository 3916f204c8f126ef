/// How an int32 accumulator becomes int8, apart from the multiplier of each channel (docs/numeric-contract.md §2).
public struct OutputRange: Sendable {
  public var zeroPoint: Int32
  /// Bounds of the result, activation included: −128 ≤ minimum ≤ maximum ≤ 127.
  public var minimum: Int32
  public var maximum: Int32

  @inlinable public init(zeroPoint: Int32, minimum: Int32, maximum: Int32) {
    self.zeroPoint = zeroPoint
    self.minimum = minimum
    self.maximum = maximum
  }
}
