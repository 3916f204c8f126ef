#if !hasFeature(Embedded)
import DeviceKernels
#endif

// Steps computed part by part, as threads do, against the whole.
extension CrossCheck {
  /// Each case cuts one operation into a random number of parts.
  mutating func checkParts(cases: Int) {
    for index in 0..<cases {
      switch index % 6 {
      case 0: checkConvolutionParts(index)
      case 1: checkDepthwiseParts(index)
      case 2: checkMatmulParts(index, byColumns: false)
      case 3: checkMatmulParts(index, byColumns: true)
      case 4: checkPoolParts(index)
      default: checkElementParts(index)
      }
    }
  }

  private mutating func checkConvolutionParts(_ index: Int) {
    var shape = convolutionShape(depthwise: false)
    let isRow = random.once(in: 3)
    if isRow { shape.outputHeight = 1 }
    let byColumns = isRow && convolution.takesColumns
    let tile = convolution.tile(shape)
    drawData(
      inputBytes: shape.inputHeight * shape.inputWidth * shape.inputChannels, channels: shape.outputChannels, depth: shape.patchDepth,
      tile: tile, offset: Tuned.convolutionVariant.inputOffset)
    let memory = self.memory
    Portable.convolutionInt8(
      memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape, .rows)
    let stride = shape.outputStride * (byColumns ? 1 : shape.outputWidth)
    compareParts(
      index, outputBytes: shape.outputHeight * shape.outputWidth * shape.outputStride,
      layout: OutputLayout(width: shape.outputChannels, stride: shape.outputStride),
      extent: byColumns ? shape.outputWidth : shape.outputHeight, unit: 1, scratchBytes: convolution.scratchBytes(convolution: shape)
    ) { output, stretch in
      Tuned.convolutionInt8(
        memory.input, memory.tiledWeights, memory.tunedBiases, memory.multipliers, output + stretch.first * stride, memory.scratch,
        byColumns ? shape.columns(stretch) : shape.rows(stretch), tile)
    }
  }

  private mutating func checkDepthwiseParts(_ index: Int) {
    var shape = convolutionShape(depthwise: true)
    let isRow = random.once(in: 3)
    if isRow { shape.outputHeight = 1 }
    let byColumns = isRow && depthwiseConvolution.takesColumns
    drawData(
      inputBytes: shape.inputHeight * shape.inputWidth * shape.inputChannels, channels: shape.outputChannels, depth: shape.patchDepth,
      tile: .rows, offset: Tuned.depthwiseConvolutionVariant.inputOffset)
    packDepthwise(shape, tile: depthwiseConvolution.tile)
    let memory = self.memory
    Portable.depthwiseConvolutionInt8(
      memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape)
    let stride = shape.outputChannels * (byColumns ? 1 : shape.outputWidth)
    compareParts(
      index, outputBytes: shape.outputHeight * shape.outputWidth * shape.outputChannels,
      extent: byColumns ? shape.outputWidth : shape.outputHeight, unit: 1,
      scratchBytes: depthwiseConvolution.scratchBytes(convolution: shape)
    ) { output, stretch in
      Tuned.depthwiseConvolutionInt8(
        memory.input, memory.tiledWeights, memory.tunedBiases, memory.multipliers, output + stretch.first * stride, memory.scratch,
        byColumns ? shape.columns(stretch) : shape.rows(stretch))
    }
  }

  private mutating func checkMatmulParts(_ index: Int, byColumns: Bool) {
    let shape = matmulShape()
    let tile = matmul.tile
    drawData(
      inputBytes: shape.rows * shape.depth, channels: shape.columns, depth: shape.depth, tile: tile,
      offset: Tuned.matmulVariant.inputOffset)
    let memory = self.memory
    Portable.matmulInt8(memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape, .rows)
    compareParts(
      index, outputBytes: shape.rows * shape.outputStride, layout: OutputLayout(width: shape.columns, stride: shape.outputStride),
      extent: byColumns ? shape.columns : shape.rows, unit: byColumns ? tile.channels : 1,
      scratchBytes: matmul.scratchBytes(matmul: shape)
    ) { output, stretch in
      let first = stretch.first
      if byColumns {
        Tuned.matmulInt8(
          memory.input, memory.tiledWeights + tile.channelOffset(first, depthCount: shape.depth), memory.tunedBiases + first,
          memory.multipliers + first, output + first, memory.scratch, shape.columns(stretch), tile)
      } else {
        Tuned.matmulInt8(
          memory.input + first * shape.depth, memory.tiledWeights, memory.tunedBiases, memory.multipliers,
          output + first * shape.outputStride, memory.scratch, shape.rows(stretch), tile)
      }
    }
  }

  private mutating func checkPoolParts(_ index: Int) {
    var shape = poolingShape()
    let byColumns = random.once(in: 3)
    if byColumns { shape.outputHeight = 1 }
    random.fill(memory.input, count: shape.inputHeight * shape.inputWidth * shape.channels, pattern: .anything, minimum: -128)
    for count in 0..<shape.kernelHeight * shape.kernelWidth { memory.multipliers[count] = 1 / Float(count + 1) }
    let isMaximum = random.once(in: 2)
    let memory = self.memory
    func pool(_ output: UnsafeMutablePointer<Int8>, _ shape: PoolingShape) {
      if isMaximum {
        Portable.maximumPoolInt8(memory.input, output, shape)
      } else {
        Portable.averagePoolInt8(memory.input, memory.multipliers, output, shape)
      }
    }
    pool(memory.expected, shape)
    let stride = shape.channels * (byColumns ? 1 : shape.outputWidth)
    compareParts(
      index, outputBytes: shape.outputHeight * shape.outputWidth * shape.channels,
      extent: byColumns ? shape.outputWidth : shape.outputHeight, unit: 1
    ) { output, stretch in
      pool(output + stretch.first * stride, byColumns ? shape.columns(stretch) : shape.rows(stretch))
    }
  }

  private mutating func checkElementParts(_ index: Int) {
    let shape = AddShape(
      count: random.number(1...300), zeroPointA: 3, multiplierA: 20_000, zeroPointB: -7, multiplierB: -9_000, shift: 15,
      output: outputRange(), descending: false)
    random.fill(memory.input, count: shape.count, pattern: .anything, minimum: -128)
    random.fill(memory.secondInput, count: shape.count, pattern: .anything, minimum: -128)
    let memory = self.memory
    Portable.addInt8(memory.input, memory.secondInput, memory.expected, shape)
    compareParts(index, outputBytes: shape.count, extent: shape.count, unit: random.number(1...64)) { output, stretch in
      Portable.addInt8(
        memory.input + stretch.first, memory.secondInput + stretch.first, output + stretch.first, shape.elements(stretch))
    }
  }

  /// Computes up to eight parts, the last one first, and compares the output with `expected` and every other byte with what it was.
  /// - Parameter scratchBytes: of the whole step, which no part may exceed.
  private mutating func compareParts(
    _ caseIndex: Int, outputBytes: Int, layout: OutputLayout = .dense, extent: Int, unit: Int, scratchBytes: Int = 0,
    kernel: (UnsafeMutablePointer<Int8>, Stretch) -> Void
  ) {
    absorbExpected(count: outputBytes, layout: layout)
    let parts = random.number(1...min(8, (extent + unit - 1) / unit))
    guard outcome.failedCase < 0 else { return }
    let end = outputBytes + 2 * Memory.guardBytes
    for i in 0..<end { memory.arena[i] = Int8(truncatingIfNeeded: i &* 37 &+ 11) }
    for i in 0..<end { memory.before[i] = memory.arena[i] }
    markScratch(from: scratchBytes)
    for index in (0..<parts).reversed() {
      kernel(memory.arena + Memory.guardBytes, StepPart(index: index, parts: parts).stretch(of: extent, unit: unit))
    }
    checkScratch(from: scratchBytes, caseIndex: caseIndex)
    for i in 0..<outputBytes where layout.isWritten(i) { memory.before[Memory.guardBytes + i] = memory.expected[i] }
    for i in 0..<end where memory.before[i] != memory.arena[i] { return fail(caseIndex, .apart) }
  }
}

extension KernelVariant {
  /// Whether a single output row may be cut into columns (`ConvolutionShape.columns`).
  fileprivate var takesColumns: Bool { instructionSet != .avx512 }
}
