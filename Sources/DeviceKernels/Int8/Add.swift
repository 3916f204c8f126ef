extension Portable {
  /// Sum of two int8 tensors of different scales, integers only.
  /// - Parameters:
  ///   - a, b: `count` int8 values each.
  ///   - output: `count` int8 values. Element i is written after a[i] and b[i] are read, in order of i (last to first if `descending`),
  ///     so it may be `a` or `b`, or overlap them by `AddShape.overlapDistance`.
  /// - Rounding: half up at the shift; exact before it (|value| < 2^26).
  /// - Source: docs/numeric-contract.md §4.
  public static func addInt8(
    _ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, _ shape: AddShape
  ) {
    let half = Int32(1) &<< (shape.shift &- 1)
    for step in 0..<shape.count {
      let i = shape.descending ? shape.count &- 1 &- step : step
      let scaledA = (Int32(a[i]) &- shape.zeroPointA) &* shape.multiplierA
      let scaledB = (Int32(b[i]) &- shape.zeroPointB) &* shape.multiplierB
      let sum = ((scaledA &+ scaledB &+ half) &>> shape.shift) &+ shape.output.zeroPoint
      output[i] = Int8(truncatingIfNeeded: max(shape.output.minimum, min(shape.output.maximum, sum)))
    }
  }
}
