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
  /// Blocks of pixels of a row are gathered into patches and multiplied.
  fileprivate func patchWork(_ variant: KernelVariant) -> [WorkUnit: Int] {
    let blocks = outputHeight * ((outputWidth + variant.block - 1) / variant.block) * groups
    let channels = variant.tile.paddedChannels(outputChannels / groups)
    let pixels = outputHeight * outputWidth * groups
    let macsOfPixel = channels * variant.tile.paddedDepth(patchDepth)
    let runs = dilationX == 1 && groups == 1 ? kernelHeight : kernelHeight * kernelWidth
    return [
      .mac: pixels * macsOfPixel, .idleMac: (blocks * variant.block - pixels) * macsOfPixel, .output: pixels * channels,
      .block: blocks, .patchRow: pixels * runs, .patchByte: pixels * patchDepth,
    ]
  }

  /// Tiles of channels along a row.
  fileprivate func depthwiseWork(_ variant: KernelVariant) -> [WorkUnit: Int] {
    let channels = variant.tile.paddedChannels(outputChannels)
    let pixels = outputHeight * outputWidth
    let inside = Self.inside(outputHeight, strideY, padTop, kernelHeight, dilationY, inputHeight)
      * Self.inside(outputWidth, strideX, padLeft, kernelWidth, dilationX, inputWidth)
    return [
      .mac: pixels * channels * kernelHeight * kernelWidth, .output: pixels * channels, .edge: (pixels - inside) * channels,
      .block: outputHeight * channels / variant.tileChannels,
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
        .mac: rows * channels * paddedDepth, .idleMac: (blocks * variant.block - rows) * channels * paddedDepth,
        .output: rows * channels, .block: blocks,
      ]
    )
  }
}

extension PoolingShape {
  fileprivate var work: [WorkUnit: Int] {
    let pixels = outputHeight * outputWidth
    return [.element: pixels * kernelHeight * kernelWidth * channels, .output: pixels * channels, .block: pixels]
  }
}
