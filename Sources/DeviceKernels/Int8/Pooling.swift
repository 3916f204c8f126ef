extension Portable {
  /// Maximum over a sliding window, int8 to int8 at one scale.
  /// - Parameters:
  ///   - input: `[H, W, C]` int8.
  ///   - output: `[H', W', C]` int8, clamped to the shape's output range. Overlap contract as `convolutionInt8`: one row at a time, in
  ///     order; distance in `PoolingShape.overlapDistance`.
  /// - Source: docs/numeric-contract.md §4; ONNX MaxPool-12. Positions outside the input are skipped.
  public static func maximumPoolInt8(_ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, _ shape: PoolingShape) {
    forEachPixel(of: shape) { pixel, window in
      for channel in 0..<shape.channels {
        var largest = Int32(Int8.min)
        window.forEach { position in largest = max(largest, Int32(input[position &+ channel])) }
        let bounded = max(shape.output.minimum, min(shape.output.maximum, largest))
        output[pixel &+ channel] = Int8(truncatingIfNeeded: bounded)
      }
    }
  }

  /// Average over a sliding window, int8 to int8.
  /// - Parameters:
  ///   - input: `[H, W, C]` int8. At most 15 bytes past its end are read, their values do not matter.
  ///   - multipliers: float32 `[Kh · Kw]`; entry n − 1 is `s_x / (s_y · n)` for windows with n positions inside the input (all entries
  ///     equal where padding counts).
  ///   - output: `[H', W', C]` int8. Overlap contract as `maximumPoolInt8`.
  /// - Rounding: `Σ(x − z_x)` over positions inside the input, exact; then `Requantizer`.
  /// - Source: docs/numeric-contract.md §4; ONNX AveragePool-19.
  public static func averagePoolInt8(
    _ input: UnsafePointer<Int8>, _ multipliers: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Int8>, _ shape: PoolingShape
  ) {
    let requantize = Requantizer(shape.output)
    forEachPixel(of: shape) { pixel, window in
      // A window wholly in the padding sums to 0, whatever the multiplier.
      let multiplier = multipliers[max(0, window.count &- 1)]
      let offset = shape.inputZeroPoint &* Int32(truncatingIfNeeded: window.count)
      var channel = 0
      while channel < shape.channels {
        // Sixteen channels together, so that each position is one run of bytes; those behind the last channel are not stored.
        var sums = InlineArray<16, Int32>(repeating: 0)
        window.forEach { position in
          for i in 0..<16 { sums[i] &+= Int32(input[position &+ channel &+ i]) }
        }
        for i in 0..<min(16, shape.channels &- channel) {
          output[pixel &+ channel &+ i] = requantize(sums[i] &- offset, multiplier)
        }
        channel &+= 16
      }
    }
  }

  /// Visits output pixels in the declared order, each with its offset in the output and its window.
  @inline(__always)
  private static func forEachPixel(of shape: PoolingShape, _ body: (Int, PoolingWindow) -> Void) {
    for step in 0..<shape.outputHeight {
      let row = shape.descending ? shape.outputHeight &- 1 &- step : step
      for column in 0..<shape.outputWidth {
        body((row &* shape.outputWidth &+ column) &* shape.channels, PoolingWindow(shape, row: row, column: column))
      }
    }
  }
}

/// The taps of one window that lie inside the input.
private struct PoolingWindow {
  /// Offset in the input of the first tap inside.
  let first: Int
  let rows: Int
  let columns: Int
  /// Bytes from a tap to the one below and to the one beside.
  let rowStride: Int
  let columnStride: Int

  var count: Int { rows &* columns }

  @inline(__always) init(_ shape: PoolingShape, row: Int, column: Int) {
    let (y, rows) = PoolingWindow.inside(
      start: row &* shape.strideY &- shape.padTop, taps: shape.kernelHeight, dilation: shape.dilationY, extent: shape.inputHeight)
    let (x, columns) = PoolingWindow.inside(
      start: column &* shape.strideX &- shape.padLeft, taps: shape.kernelWidth, dilation: shape.dilationX, extent: shape.inputWidth)
    self.rows = rows
    self.columns = columns
    first = (y &* shape.inputWidth &+ x) &* shape.channels
    rowStride = shape.dilationY &* shape.inputWidth &* shape.channels
    columnStride = shape.dilationX &* shape.channels
  }

  /// First position inside `0..<extent` and the number of taps inside.
  @inline(__always)
  private static func inside(start: Int, taps: Int, dilation: Int, extent: Int) -> (Int, Int) {
    var first = start
    var count = taps
    while count > 0 && first < 0 {
      first &+= dilation
      count &-= 1
    }
    while count > 0 && first &+ (count &- 1) &* dilation >= extent { count &-= 1 }
    return (first, count)
  }

  @inline(__always) func forEach(_ body: (Int) -> Void) {
    var line = first
    for _ in 0..<rows {
      var position = line
      for _ in 0..<columns {
        body(position)
        position &+= columnStride
      }
      line &+= rowStride
    }
  }
}
