/// How one element of a sample becomes int8 (docs/program-interface.md, input conversion), for everything that is not an 8-bit type.
/// The host uses the same code for golden vectors and evaluation.
public struct InputConversion: Sendable {
  /// float32 of `scale / s`: stored unit over the tensor's scale.
  public var multiplier: Float
  /// float32 of `offset / s`.
  public var addend: Float
  /// The tensor's zero point, in −128…127.
  public var zeroPoint: Int32

  @inlinable public init(multiplier: Float, addend: Float, zeroPoint: Int32) {
    self.multiplier = multiplier
    self.addend = addend
    self.zeroPoint = zeroPoint
  }

  /// `clamp(roundHalfEven(value · multiplier + addend) + zeroPoint)`; NaN gives −128.
  ///
  /// Rounding: the product, the sum and the final integer are each rounded once to nearest even, nothing is fused. The clamp comes before
  /// the last rounding, which is the same since its bounds are integers.
  @inlinable @inline(__always) public func quantize(_ value: Float) -> Int8 {
    let lowest = Float(Int(-128 &- zeroPoint))
    let highest = Float(Int(127 &- zeroPoint))
    let product = value * multiplier
    let sum = product + addend
    // Written so that NaN, for which every comparison is false, becomes the lower bound.
    let bounded = sum > lowest ? (sum < highest ? sum : highest) : lowest
    return Int8(truncatingIfNeeded: roundHalfEven(bounded) &+ zeroPoint)
  }
}
