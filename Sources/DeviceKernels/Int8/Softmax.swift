import CIntrinsics

extension Portable {
  /// Softmax over the last axis, int8 to int8.
  /// - Parameters:
  ///   - input: `[rows, columns]` int8, scale `s_x`; the zero point cancels.
  ///   - exponentials: 256 uint32 entries, `round(2^e · exp(−i · s_x))` for the difference i to the row's maximum, with
  ///     `e = min(23, 31 − ceil(log2(columns + 1)))`, so that a row's sum fits 32 bits.
  ///   - output: `[rows, columns]` int8, scale 1/256, zero point −128. Elements are written in order after the row's sum is known, so it
  ///     may be `input` (`SoftmaxShape.overlapDistance`).
  /// - Rounding: `exponential · 256` is exact; the sum is rounded once to float32; one division; half to even; clamp to 127.
  /// - Source: docs/numeric-contract.md §5; ONNX Softmax-13.
  public static func softmaxInt8(
    _ input: UnsafePointer<Int8>, _ exponentials: UnsafePointer<UInt32>, _ output: UnsafeMutablePointer<Int8>, _ shape: SoftmaxShape
  ) {
    for row in 0..<shape.rows {
      let x = input + row &* shape.columns
      let y = output + row &* shape.columns
      var largest = Int(Int8.min)
      for i in 0..<shape.columns { largest = max(largest, Int(x[i])) }
      var sum: UInt32 = 0
      for i in 0..<shape.columns { sum &+= exponentials[largest &- Int(x[i])] }
      let divisor = edgepack_float_from_uint32(sum)
      for i in 0..<shape.columns {
        let share = edgepack_float_from_uint32(exponentials[largest &- Int(x[i])]) * 256 / divisor
        y[i] = Int8(truncatingIfNeeded: roundHalfEven(share < 255 ? share : 255) &- 128)
      }
    }
  }
}
