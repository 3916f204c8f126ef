import DeviceKernels

extension StepKind {
  /// How threads share the step; nil with one thread, or where that gains nothing.
  ///
  /// One part a thread. More would balance better where cores are not equally free, but each costs its start: ResNet-8 with AVX2 and two
  /// threads was 6 % slower in four parts a step than in two.
  func split(threads: Int, leastPartWork: Int) -> StepSplit? {
    guard threads > 1, let (axis, extent, unit) = divisibleAxis(threads: threads) else { return nil }
    let mostParts = min(threads, (extent + unit - 1) / unit, work / leastPartWork)
    return mostParts > 1 ? StepSplit(axis: axis, extent: extent, unit: unit, mostParts: mostParts) : nil
  }

  /// The axis that the step is cut along, its length, and what its kernel computes together.
  private func divisibleAxis(threads: Int) -> (axis: StepSplit.Axis, extent: Int, unit: Int)? {
    switch self {
    case .convolution(let shape, let variant, _), .depthwiseConvolution(let shape, let variant, _):
      if shape.outputHeight > 1 {
        (.rows, shape.outputHeight, 1)
      } else if variant.instructionSet == .avx512 {
        // These kernels stage whole rows of the padded input.
        nil
      } else {
        (.columns, shape.outputWidth, variant.block)
      }
    case .matmul(let shape, let variant, _):
      // A block of rows reads all weights, so few rows are cut into columns: each weight is still read once.
      shape.rows < threads * variant.block ? (.columns, shape.columns, variant.columnUnit) : (.rows, shape.rows, variant.block)
    case .floatConvolution(let shape, _):
      shape.outputHeight > 1 ? (.rows, shape.outputHeight, 1) : (.columns, shape.outputWidth, 1)
    case .add(let shape): (.elements, shape.count, StepSplit.elementUnit)
    case .lookup(let count): (.elements, count, StepSplit.elementUnit)
    case .maximumPool(let shape), .averagePool(let shape):
      shape.outputHeight > 1 ? (.rows, shape.outputHeight, 1) : (.columns, shape.outputWidth, 1)
    // Short rows at the end of a network, and copies that storage bounds.
    case .softmax, .stridedCopy: nil
    }
  }

  /// Time in units of one multiply-accumulate of a matrix product, roughly: the kernels' inner loops, counted in instructions.
  private var work: Int {
    switch self {
    case .convolution(let shape, _, _):
      shape.outputHeight * shape.outputWidth * shape.outputChannels * shape.patchDepth
    case .depthwiseConvolution(let shape, _, _):
      2 * shape.outputHeight * shape.outputWidth * shape.outputChannels * shape.patchDepth
    case .floatConvolution(let shape, _):
      4 * shape.outputHeight * shape.outputWidth * shape.outputChannels * shape.patchDepth
    case .matmul(let shape, _, _): shape.rows * shape.depth * shape.columns
    case .add(let shape): 8 * shape.count
    case .lookup(let count): 8 * count
    case .maximumPool(let shape), .averagePool(let shape):
      4 * shape.outputHeight * shape.outputWidth * shape.channels * shape.kernelHeight * shape.kernelWidth
    case .softmax, .stridedCopy: 0
    }
  }
}

extension KernelVariant {
  /// Columns of a matrix product that parts begin at multiples of: whole tiles, and with AVX-512 the four that it computes together.
  fileprivate var columnUnit: Int {
    switch instructionSet {
    case .portable, .neon, .avx2: tileChannels
    case .avx512: 4 * tileChannels
    }
  }
}

extension StepSplit {
  /// Least work of a part, in multiply-accumulates. To hand a part to a thread that waits for it and to learn that it is done moves two
  /// cache lines between cores, about 0.3 µs together; this work takes a Cortex-A53 5 µs and a core with AVX2 0.5 µs.
  public static let leastPartWork = 16_384

  /// Elements in a line of cache, so that no two threads write to the same one.
  static let elementUnit = 64
}

/// How far a part's pointers lie from those of the whole step, for each row, column or element before it.
public struct PartStrides: Sendable, Hashable {
  /// Bytes of each input.
  public var input: Int
  /// Bytes of the output.
  public var output: Int
  /// Bytes of the weights.
  public var weights: Int
  /// Elements of biases and multipliers.
  public var channels: Int

  public init(input: Int = 0, output: Int = 0, weights: Int = 0, channels: Int = 0) {
    self.input = input
    self.output = output
    self.weights = weights
    self.channels = channels
  }
}

extension StepKind {
  /// - Precondition: the axis is one that the kind is split along.
  public func partStrides(along axis: StepSplit.Axis) -> PartStrides {
    switch (self, axis) {
    case (.convolution(let shape, _, _), .rows), (.depthwiseConvolution(let shape, _, _), .rows), (.floatConvolution(let shape, _), .rows):
      PartStrides(output: shape.outputWidth * shape.outputStride)
    case (.convolution(let shape, _, _), .columns), (.depthwiseConvolution(let shape, _, _), .columns),
      (.floatConvolution(let shape, _), .columns):
      PartStrides(output: shape.outputStride)
    case (.maximumPool(let shape), .rows), (.averagePool(let shape), .rows): PartStrides(output: shape.outputWidth * shape.channels)
    case (.maximumPool(let shape), .columns), (.averagePool(let shape), .columns): PartStrides(output: shape.channels)
    case (.matmul(let shape, _, _), .rows): PartStrides(input: shape.depth, output: shape.outputStride)
    case (.matmul(let shape, let variant, _), .columns):
      PartStrides(
        output: 1, weights: variant.tile.channelOffset(variant.tileChannels, depthCount: shape.depth) / variant.tileChannels, channels: 1)
    case (.add, .elements), (.lookup, .elements): PartStrides(input: 1, output: 1)
    case (.convolution, _), (.depthwiseConvolution, _), (.floatConvolution, _), (.maximumPool, _), (.averagePool, _), (.matmul, _),
      (.add, _), (.lookup, _), (.softmax, _), (.stridedCopy, _):
      preconditionFailure("this step is not split along \(axis)")
    }
  }

  /// The kernel call of a part, its pointers moved by `partStrides`.
  /// - Precondition: as `partStrides`.
  public func part(_ stretch: Stretch, along axis: StepSplit.Axis) -> StepKind {
    switch (self, axis) {
    case (.convolution(let shape, let variant, let sections), .rows): .convolution(shape.rows(stretch), variant, sections)
    case (.convolution(let shape, let variant, let sections), .columns): .convolution(shape.columns(stretch), variant, sections)
    case (.depthwiseConvolution(let shape, let variant, let sections), .rows):
      .depthwiseConvolution(shape.rows(stretch), variant, sections)
    case (.depthwiseConvolution(let shape, let variant, let sections), .columns):
      .depthwiseConvolution(shape.columns(stretch), variant, sections)
    case (.floatConvolution(let shape, let sections), .rows): .floatConvolution(shape.rows(stretch), sections)
    case (.floatConvolution(let shape, let sections), .columns): .floatConvolution(shape.columns(stretch), sections)
    case (.maximumPool(let shape), .rows): .maximumPool(shape.rows(stretch))
    case (.maximumPool(let shape), .columns): .maximumPool(shape.columns(stretch))
    case (.averagePool(let shape), .rows): .averagePool(shape.rows(stretch))
    case (.averagePool(let shape), .columns): .averagePool(shape.columns(stretch))
    case (.matmul(let shape, let variant, let sections), .rows): .matmul(shape.rows(stretch), variant, sections)
    case (.matmul(let shape, let variant, let sections), .columns): .matmul(shape.columns(stretch), variant, sections)
    case (.add(let shape), .elements): .add(shape.elements(stretch))
    case (.lookup, .elements): .lookup(count: stretch.count)
    case (.convolution, _), (.depthwiseConvolution, _), (.floatConvolution, _), (.maximumPool, _), (.averagePool, _), (.matmul, _),
      (.add, _), (.lookup, _), (.softmax, _), (.stridedCopy, _):
      preconditionFailure("this step is not split along \(axis)")
    }
  }
}
