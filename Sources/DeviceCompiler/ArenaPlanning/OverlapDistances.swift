/// How far a kernel's output must keep from its dying input, in bytes, for each row order.
///
/// A kernel computes units (a row, a block of rows) in order. While it computes one, that unit's outputs may already be written and its
/// inputs may still be read. Let unit `u` fill the output's bytes `start(u)..<end(u)`; let `first(u)` be the first input byte that `u`
/// or a later unit reads and `last(u)` the end of what `u` or an earlier unit reads. No write reaches a byte still needed if
/// - ascending: `offset(output) + end(u) ≤ offset(input) + first(u)` for all `u`, so the distance is `max(end(u) − first(u))`;
/// - descending: `offset(output) + start(u) ≥ offset(input) + last(u)` for all `u`. Measured between the ends of the two buffers the
///   distance is `max(last(u) − start(u)) + bytes(output) − bytes(input)`.
public struct OverlapDistances: Sendable, Hashable {
  public var ascending: Int
  public var descending: Int

  public init(ascending: Int, descending: Int) {
    self.ascending = ascending
    self.descending = descending
  }

  /// The distance of a row order that a kernel does not have: the two buffers then share nothing.
  public static let never = Int.max

  /// Element i is read before output element i of the same size is written, and never again: the output may lie exactly on the input.
  public static let elementwise = OverlapDistances(ascending: 0, descending: 0)

  /// A window that slides over whole rows: convolution, depthwise convolution, pooling. The unit is one output row, so a kernel may
  /// compute any pixels of one row together, but not of two.
  public static func sliding(_ rows: SlidingRows) -> OverlapDistances {
    guard rows.outputRows > 0 else { return .elementwise }
    let input = rows.inputRows * rows.inputRowBytes
    let output = rows.outputRows * rows.outputRowBytes
    var ascending = Int.min
    var highest = Int.min
    for row in 0..<rows.outputRows {
      let firstRow = row * rows.stride - rows.padTop
      let first = min(max(0, firstRow), rows.inputRows) * rows.inputRowBytes
      let last = min(max(0, firstRow + rows.windowRows), rows.inputRows) * rows.inputRowBytes
      ascending = max(ascending, (row + 1) * rows.outputRowBytes - first)
      highest = max(highest, last - row * rows.outputRowBytes)
    }
    return OverlapDistances(ascending: ascending, descending: highest + output - input)
  }

  /// Rows that depend on one input row each, computed in blocks: pointwise convolution, matmul, softmax.
  ///
  /// In either row order the block that is not full may come first or last. Smaller blocks than stated need no more distance.
  /// - Parameters:
  ///   - rows: `M`, input and output rows alike.
  ///   - block: rows computed together, at least 1.
  ///   - inputRowBytes: `K`.
  ///   - outputRowBytes: `N`.
  public static func blocks(rows: Int, block: Int, inputRowBytes: Int, outputRowBytes: Int) -> OverlapDistances {
    guard rows > 0 else { return .elementwise }
    var full = Int.min
    for first in stride(from: 0, to: rows, by: block) {
      full = max(full, min(first + block, rows) * outputRowBytes - first * inputRowBytes)
    }
    // The same with the short block first; the last block is then a full one.
    var short = Int.min
    let remainder = rows % block
    for end in stride(from: remainder == 0 ? block : remainder, through: rows, by: block) {
      short = max(short, end * outputRowBytes - max(0, end - block) * inputRowBytes)
    }
    // Counted from the end, rows last to first are rows first to last, so one distance serves both orders.
    let distance = max(full, short)
    return OverlapDistances(ascending: distance, descending: distance)
  }
}

/// Row geometry of a sliding window.
public struct SlidingRows: Sendable, Hashable {
  public var inputRows: Int
  public var inputRowBytes: Int
  public var outputRows: Int
  public var outputRowBytes: Int
  /// Rows that a window spans, dilation included: `(Kh − 1) · dilation + 1`.
  public var windowRows: Int
  public var stride: Int
  public var padTop: Int

  public init(
    inputRows: Int, inputRowBytes: Int, outputRows: Int, outputRowBytes: Int, windowRows: Int, stride: Int, padTop: Int
  ) {
    self.inputRows = inputRows
    self.inputRowBytes = inputRowBytes
    self.outputRows = outputRows
    self.outputRowBytes = outputRowBytes
    self.windowRows = windowRows
    self.stride = stride
    self.padTop = padTop
  }
}
