/// `[rows, depth] · [columns, depth]ᵀ`: a dense layer, or a 1×1 convolution of stride 1 whose rows are pixels.
public struct MatmulShape: Sendable {
  public var rows: Int
  public var depth: Int
  public var columns: Int
  /// Bytes from one row of the output to the next; more than `columns` where several steps fill one output. The bytes between are not
  /// touched.
  public var outputStride: Int
  public var output: OutputRange
  public var descending: Bool

  /// - Parameter outputStride: `columns` if not given.
  @inlinable public init(rows: Int, depth: Int, columns: Int, output: OutputRange, descending: Bool, outputStride: Int? = nil) {
    self.rows = rows
    self.depth = depth
    self.columns = columns
    self.outputStride = outputStride ?? columns
    self.output = output
    self.descending = descending
  }
}

/// `clamp((((a − a.zeroPoint)·a.multiplier + (b − b.zeroPoint)·b.multiplier + 2^(shift−1)) >> shift) + zeroPoint)`,
/// docs/numeric-contract.md §4. Multipliers are int16 values, `shift ≥ 1`.
public struct AddShape: Sendable {
  public var count: Int
  public var zeroPointA: Int32
  public var multiplierA: Int32
  public var zeroPointB: Int32
  public var multiplierB: Int32
  public var shift: Int32
  public var output: OutputRange
  public var descending: Bool

  @inlinable public init(
    count: Int, zeroPointA: Int32, multiplierA: Int32, zeroPointB: Int32, multiplierB: Int32, shift: Int32, output: OutputRange,
    descending: Bool
  ) {
    self.count = count
    self.zeroPointA = zeroPointA
    self.multiplierA = multiplierA
    self.zeroPointB = zeroPointB
    self.multiplierB = multiplierB
    self.shift = shift
    self.output = output
    self.descending = descending
  }
}

/// A window over `[H, W, C]`. Positions outside the input are skipped.
public struct PoolingShape: Sendable {
  public var inputHeight: Int
  public var inputWidth: Int
  public var channels: Int
  public var outputHeight: Int
  public var outputWidth: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  public var padTop: Int
  public var padLeft: Int
  /// Averages only: the input's zero point, subtracted from every element.
  public var inputZeroPoint: Int32
  public var output: OutputRange
  public var descending: Bool

  @inlinable public init(
    inputHeight: Int, inputWidth: Int, channels: Int, outputHeight: Int, outputWidth: Int, kernelHeight: Int, kernelWidth: Int,
    strideY: Int, strideX: Int, dilationY: Int, dilationX: Int, padTop: Int, padLeft: Int, inputZeroPoint: Int32, output: OutputRange,
    descending: Bool
  ) {
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.channels = channels
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.padTop = padTop
    self.padLeft = padLeft
    self.inputZeroPoint = inputZeroPoint
    self.output = output
    self.descending = descending
  }
}

/// Softmax of each of `rows` rows of `columns` int8 values.
public struct SoftmaxShape: Sendable {
  public var rows: Int
  public var columns: Int

  @inlinable public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }
}

/// A copy of a box of up to four axes, outermost first: `output[Σ i·outputStrides] = input[Σ i·inputStrides]`, strides in bytes.
/// Transposes, concatenations and paddings are such copies.
public struct StridedCopyShape: Sendable {
  public var extents: (Int, Int, Int, Int)
  public var inputStrides: (Int, Int, Int, Int)
  public var outputStrides: (Int, Int, Int, Int)
  /// First byte written, counted from the output buffer's start.
  public var outputOffset: Int

  @inlinable public init(
    extents: (Int, Int, Int, Int), inputStrides: (Int, Int, Int, Int), outputStrides: (Int, Int, Int, Int), outputOffset: Int
  ) {
    self.extents = extents
    self.inputStrides = inputStrides
    self.outputStrides = outputStrides
    self.outputOffset = outputOffset
  }
}
