/// How far an output must lie from its dying input so that the two may share bytes.
///
/// - Rows first to last: allowed where `offset(output) ≤ offset(input) − ascending`.
/// - Rows last to first (`descending` in the shape): allowed where
///   `offset(output) + bytes(output) ≥ offset(input) + bytes(input) + descending`.
///
/// Distances are bytes and may be negative.
public struct OverlapDistance: Equatable, Sendable {
  public var ascending: Int
  public var descending: Int

  @inlinable public init(ascending: Int, descending: Int) {
    self.ascending = ascending
    self.descending = descending
  }

  /// Element i of the output may replace element i of the input, in either order of elements.
  @inlinable public static var elementwise: OverlapDistance { OverlapDistance(ascending: 0, descending: 0) }

  /// As `elementwise` for a kernel that only runs first to last: the other direction allows no shared byte.
  @inlinable public static func elementwiseAscending(count: Int) -> OverlapDistance { OverlapDistance(ascending: 0, descending: count) }
}

/// The axis of rows, as convolutions and pools slide their window over it.
struct RowWindow {
  var inputHeight: Int
  var inputRowBytes: Int
  var outputHeight: Int
  var outputRowBytes: Int
  var kernelHeight: Int
  var stride: Int
  var dilation: Int
  var padTop: Int

  /// A kernel that writes rows in order. While it writes output row r, it may read the input rows that r and the rows still to come
  /// need, and no others; so what is written up to the end of row r must not reach into them.
  var overlapDistance: OverlapDistance {
    var ascending = Int.min
    var descending = Int.min
    for row in 0..<outputHeight {
      let top = row * stride - padTop
      // First to last: row r and later ones read from here on.
      let firstRead = max(0, top) * inputRowBytes
      ascending = max(ascending, (row + 1) * outputRowBytes - firstRead)
      // Last to first: row r and earlier ones read up to here.
      let endRead = min(inputHeight, max(0, top + (kernelHeight - 1) * dilation + 1)) * inputRowBytes
      descending = max(descending, endRead - row * outputRowBytes)
    }
    let outputBytes = outputHeight * outputRowBytes
    return OverlapDistance(ascending: ascending, descending: descending + outputBytes - inputHeight * inputRowBytes)
  }
}

extension ConvolutionShape {
  /// Convolutions, depthwise ones included, write output rows in order and work on one row at a time.
  public var overlapDistance: OverlapDistance {
    RowWindow(
      inputHeight: inputHeight, inputRowBytes: inputWidth * inputChannels, outputHeight: outputHeight,
      outputRowBytes: outputWidth * outputStride, kernelHeight: kernelHeight, stride: strideY, dilation: dilationY, padTop: padTop
    ).overlapDistance
  }
}

extension PoolingShape {
  /// Pools write output rows in order and work on one row at a time.
  public var overlapDistance: OverlapDistance {
    RowWindow(
      inputHeight: inputHeight, inputRowBytes: inputWidth * channels, outputHeight: outputHeight, outputRowBytes: outputWidth * channels,
      kernelHeight: kernelHeight, stride: strideY, dilation: dilationY, padTop: padTop
    ).overlapDistance
  }
}

extension MatmulShape {
  /// Blocks of `block` rows are written in order; a block's inputs are read until its last output is written. Blocks are counted from
  /// row 0 in both directions, so the short block is the last one.
  public func overlapDistance(block: Int) -> OverlapDistance {
    var ascending = Int.min
    var descending = Int.min
    for first in stride(from: 0, to: rows, by: block) {
      let end = min(first + block, rows)
      ascending = max(ascending, end * outputStride - first * depth)
      descending = max(descending, end * depth - first * outputStride)
    }
    return OverlapDistance(ascending: ascending, descending: descending + rows * (outputStride - depth))
  }
}

extension AddShape {
  /// Distance to either input; both may share bytes with the output as long as each keeps its distance.
  public var overlapDistance: OverlapDistance { .elementwise }
}

extension SoftmaxShape {
  public var overlapDistance: OverlapDistance { .elementwiseAscending(count: rows * columns) }
}
