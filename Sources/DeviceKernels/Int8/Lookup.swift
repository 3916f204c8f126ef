extension Portable {
  /// Any function of one int8 value, from a table made on the host.
  /// - Parameters:
  ///   - input: `count` int8 values.
  ///   - table: 256 int8 entries, index `x + 128`.
  ///   - output: `count` int8 values, written in order; may be `input` or begin before it (`OverlapDistance.elementwiseAscending`).
  /// - Source: docs/numeric-contract.md §4.
  public static func lookupInt8(
    _ input: UnsafePointer<Int8>, _ table: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, count: Int
  ) {
    for i in 0..<count { output[i] = table[Int(input[i]) &+ 128] }
  }
}
