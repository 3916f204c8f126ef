import DeviceCompiler
import DeviceKernels
import Targets

extension LoweredProgram {
  /// What a run does, for the cost model.
  /// - Parameter storedBytes: of program and weights file.
  func workload(storedBytes: Int) -> Workload {
    Workload(
      steps: steps.map(work), footprint: arena.bytes + weights.reduce(0) { $0 + $1.bytes.count }, storedBytes: storedBytes)
  }

  private func work(_ step: Step) -> StepWork {
    let (kind, counts) = step.kind.work
    return StepWork(
      name: step.name, kind: kind, counts: counts.mapValues(Double.init), multiplyAccumulates: step.multiplyAccumulates,
      weightBytes: step.weights.map { weights[$0.index].bytes.count } ?? 0,
      activationBytes: (step.inputs + [step.output]).reduce(0) { $0 + buffers[$1.index].bytes })
  }
}

extension StepKind {
  /// The kernel's kind of work and how much of it.
  fileprivate var work: (WorkKind, [WorkUnit: Int]) {
    switch self {
    case .convolution(let shape, let variant, _): (.convolution, shape.patchWork(variant))
    case .depthwiseConvolution(let shape, let variant, _):
      (shape.kernelHeight == 3 && shape.kernelWidth == 3 ? .depthwise3x3 : .depthwise, shape.depthwiseWork(variant))
    case .matmul(let shape, let variant, _): shape.work(variant)
    case .floatConvolution(let shape, _):
      (
        .float,
        [
          .mac: shape.outputHeight * shape.outputWidth * shape.outputChannels * shape.patchDepth,
          .output: shape.outputHeight * shape.outputWidth * shape.outputChannels,
        ]
      )
    case .add(let shape): (.add, [.element: shape.count])
    case .maximumPool(let shape): (.maximumPool, shape.work)
    case .averagePool(let shape): (.averagePool, shape.work)
    case .softmax(let shape): (.softmax, [.element: shape.rows * shape.columns, .block: shape.rows])
    case .lookup(let count): (.lookup, [.element: count])
    case .stridedCopy(let copies, _):
      (
        .copy,
        [
          .element: copies.reduce(0) { $0 + $1.extents.0 * $1.extents.1 * $1.extents.2 * $1.extents.3 },
          .block: copies.reduce(0) { $0 + $1.extents.0 * $1.extents.1 * $1.extents.2 },
        ]
      )
    }
  }
}

extension ConvolutionShape {
  /// Blocks of pixels of a row are multiplied, where they lie in rows that were copied before, or gathered into patches.
  fileprivate func patchWork(_ variant: KernelVariant) -> [WorkUnit: Int] {
    let tile = variant.tile(self)
    let blocks = outputHeight * ((outputWidth + variant.block - 1) / variant.block) * groups
    let channels = tile.paddedChannels(outputChannels / groups)
    let pixels = outputHeight * outputWidth * groups
    let macsOfPixel = channels * tile.paddedDepth(patchDepth)
    let (runs, bytes) = copies(variant)
    return [
      .mac: pixels * macsOfPixel, .idleMac: outputHeight * groups * idle(outputWidth, variant) * macsOfPixel, .output: pixels * channels,
      .block: blocks, .patchRow: runs, .patchByte: bytes,
    ]
  }

  /// Runs and bytes that the kernel copies before it multiplies.
  private func copies(_ variant: KernelVariant) -> (runs: Int, bytes: Int) {
    let isContiguous = dilationX == 1 && groups == 1
    guard variant.readsWindows, isContiguous else {
      let pixels = outputHeight * outputWidth * groups
      return (pixels * (isContiguous ? kernelHeight : kernelHeight * kernelWidth), pixels * patchDepth)
    }
    // Each row once, its padding included.
    let rows = (outputHeight - 1) * strideY + (kernelHeight - 1) * dilationY + 1
    let columns = (outputWidth - 1) * strideX + kernelWidth
    return (rows, rows * columns * inputChannels)
  }

  /// Tiles of channels along a row. Kernels with groups of taps first lay the rows of a window side by side.
  fileprivate func depthwiseWork(_ variant: KernelVariant) -> [WorkUnit: Int] {
    let channels = variant.tile.paddedChannels(outputChannels)
    let pixels = outputHeight * outputWidth
    let inside =
      Self.inside(outputHeight, strideY, padTop, kernelHeight, dilationY, inputHeight)
      * Self.inside(outputWidth, strideX, padLeft, kernelWidth, dilationX, inputWidth)
    let taps = (kernelHeight + variant.tileDepth - 1) / variant.tileDepth * variant.tileDepth
    let columns = (outputWidth - 1) * strideX + (kernelWidth - 1) * dilationX + 1
    return [
      .mac: pixels * channels * taps * kernelWidth, .output: pixels * channels, .edge: (pixels - inside) * channels,
      .idleMac: outputHeight * idle(outputWidth, variant) * channels * taps * kernelWidth,
      .block: outputHeight * channels / variant.tileChannels,
      .patchByte: variant.tileDepth > 1 ? outputHeight * columns * inputChannels * taps : 0,
    ]
  }

  /// How many positions of a window along one axis lie wholly inside the input.
  private static func inside(_ outputs: Int, _ stride: Int, _ padding: Int, _ taps: Int, _ dilation: Int, _ extent: Int) -> Int {
    (0..<outputs).count { position in
      let first = position * stride - padding
      return first >= 0 && first + (taps - 1) * dilation < extent
    }
  }
}

extension MatmulShape {
  fileprivate func work(_ variant: KernelVariant) -> (WorkKind, [WorkUnit: Int]) {
    let channels = variant.tile.paddedChannels(columns)
    let paddedDepth = variant.tile.paddedDepth(depth)
    if rows == 1 { return (.dense, [.mac: channels * paddedDepth, .output: channels]) }
    let blocks = (rows + variant.block - 1) / variant.block
    return (
      .matmul,
      [
        .mac: rows * channels * paddedDepth, .idleMac: idle(rows, variant) * channels * paddedDepth, .output: rows * channels,
        .block: blocks, .patchByte: rows * depth,
      ]
    )
  }
}

/// Pixels or rows that tuned kernels compute in vain at the end of `count`: they take them by fours.
private func idle(_ count: Int, _ variant: KernelVariant) -> Int {
  variant.instructionSet == .portable ? 0 : (4 - count % 4) % 4
}

extension PoolingShape {
  fileprivate var work: [WorkUnit: Int] {
    let pixels = outputHeight * outputWidth
    return [.element: pixels * kernelHeight * kernelWidth * channels, .output: pixels * channels, .block: pixels]
  }
}
