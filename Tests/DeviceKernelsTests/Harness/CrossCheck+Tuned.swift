#if !hasFeature(Embedded)
import DeviceKernels
#endif

// The operations that have tuned forms.
extension CrossCheck {
  mutating func checkConvolution(cases: Int) {
    for index in 0..<cases {
      let shape = convolutionShape(depthwise: false)
      let inputBytes = shape.inputHeight * shape.inputWidth * shape.inputChannels
      let outputBytes = shape.outputHeight * shape.outputWidth * shape.outputStride
      let layout = OutputLayout(width: shape.outputChannels, stride: shape.outputStride)
      let tile = convolution.tile(shape)
      drawData(
        inputBytes: inputBytes, channels: shape.outputChannels, depth: shape.patchDepth, tile: tile,
        offset: Tuned.convolutionVariant.inputOffset)
      let memory = self.memory
      Portable.convolutionInt8(
        memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape, .rows)
      absorbExpected(count: outputBytes, layout: layout)
      let scratchBytes = convolution.scratchBytes(convolution: shape)
      markScratch(from: scratchBytes)
      compare(
        caseIndex: index, inputBytes: inputBytes, outputBytes: outputBytes, layout: layout, distance: shape.overlapDistance
      ) { input, output, descending in
        var shape = shape
        shape.descending = descending
        Tuned.convolutionInt8(
          input, memory.tiledWeights, memory.tunedBiases, memory.multipliers, output, memory.scratch, shape, tile)
      }
      checkScratch(from: scratchBytes, caseIndex: index)
    }
  }

  mutating func checkDepthwiseConvolution(cases: Int) {
    for index in 0..<cases {
      let shape = convolutionShape(depthwise: true)
      let inputBytes = shape.inputHeight * shape.inputWidth * shape.inputChannels
      let outputBytes = shape.outputHeight * shape.outputWidth * shape.outputChannels
      drawData(
        inputBytes: inputBytes, channels: shape.outputChannels, depth: shape.patchDepth, tile: .rows,
        offset: Tuned.depthwiseConvolutionVariant.inputOffset)
      packDepthwise(shape, tile: depthwiseConvolution.tile)
      let memory = self.memory
      Portable.depthwiseConvolutionInt8(
        memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape)
      absorbExpected(count: outputBytes)
      let scratchBytes = depthwiseConvolution.scratchBytes(convolution: shape)
      markScratch(from: scratchBytes)
      compare(caseIndex: index, inputBytes: inputBytes, outputBytes: outputBytes, distance: shape.overlapDistance) {
        input, output, descending in
        var shape = shape
        shape.descending = descending
        Tuned.depthwiseConvolutionInt8(
          input, memory.tiledWeights, memory.tunedBiases, memory.multipliers, output, memory.scratch, shape)
      }
      checkScratch(from: scratchBytes, caseIndex: index)
    }
  }

  mutating func checkMatmul(cases: Int) {
    for index in 0..<cases {
      let shape = matmulShape()
      drawData(
        inputBytes: shape.rows * shape.depth, channels: shape.columns, depth: shape.depth, tile: matmul.tile,
        offset: Tuned.matmulVariant.inputOffset)
      let memory = self.memory
      Portable.matmulInt8(memory.input, memory.weights, memory.biases, memory.multipliers, memory.expected, memory.scratch, shape, .rows)
      let outputBytes = shape.rows * shape.outputStride
      let layout = OutputLayout(width: shape.columns, stride: shape.outputStride)
      absorbExpected(count: outputBytes, layout: layout)
      let tile = matmul.tile
      let scratchBytes = matmul.scratchBytes(matmul: shape)
      markScratch(from: scratchBytes)
      compare(
        caseIndex: index, inputBytes: shape.rows * shape.depth, outputBytes: outputBytes, layout: layout,
        distance: shape.overlapDistance(block: matmul.block)
      ) { input, output, descending in
        var shape = shape
        shape.descending = descending
        Tuned.matmulInt8(input, memory.tiledWeights, memory.tunedBiases, memory.multipliers, output, memory.scratch, shape, tile)
      }
      checkScratch(from: scratchBytes, caseIndex: index)
    }
  }

  /// What lies behind a kernel's scratch, which it must leave alone.
  func markScratch(from start: Int) {
    for i in 0..<Memory.guardBytes { memory.scratch[start + i] = Int8(truncatingIfNeeded: i) }
  }

  mutating func checkScratch(from start: Int, caseIndex: Int) {
    for i in 0..<Memory.guardBytes where memory.scratch[start + i] != Int8(truncatingIfNeeded: i) { fail(caseIndex, .scratch) }
  }

  /// Mostly small windows with tails in every axis; one in 64 has a deep patch, one in 16 is as wide as several blocks of tuned kernels.
  mutating func convolutionShape(depthwise: Bool) -> ConvolutionShape {
    let deep = !depthwise && random.once(in: 64)
    let wide = !deep && random.once(in: 16)
    let window = windowExtents()
    let groups = depthwise ? random.number(1...40) : (deep || random.number(0...3) > 0 ? 1 : random.number(2...6))
    let groupInputs = depthwise ? 1 : (deep ? random.number(60...140) : random.number(1...(groups == 1 ? 24 : 9)))
    let groupOutputs = depthwise ? 1 : random.number(1...(deep ? 9 : (groups == 1 ? (wide ? 70 : 20) : 9)))
    let vertical = axis(taps: window.height, outputs: random.number(1...(deep ? 1 : 4)))
    let horizontal = axis(taps: window.width, outputs: random.number(1...(deep ? 3 : (wide ? 36 : 9))))
    // A part of a layer's rows may begin inside the input.
    let skipped = random.once(in: 8) ? random.number(1...3) : 0
    let outputChannels = groups * groupOutputs
    return ConvolutionShape(
      inputHeight: vertical.extent + skipped, inputWidth: horizontal.extent, inputChannels: groups * groupInputs,
      outputHeight: vertical.outputs, outputWidth: horizontal.outputs, outputChannels: outputChannels, groups: groups,
      kernelHeight: window.height,
      kernelWidth: window.width, strideY: vertical.stride, strideX: horizontal.stride, dilationY: vertical.dilation,
      dilationX: horizontal.dilation, padTop: vertical.padding - skipped, padLeft: horizontal.padding,
      inputZeroPoint: Int32(random.number(-128...127)), output: outputRange(), descending: false,
      outputStride: depthwise ? outputChannels : outputStride(width: outputChannels))
  }

  mutating func matmulShape() -> MatmulShape {
    let deep = random.once(in: 32)
    let wide = !deep && random.once(in: 16)
    let columns = random.number(1...(deep ? 10 : (wide ? 150 : 36)))
    return MatmulShape(
      rows: random.number(1...(deep ? 3 : (wide ? 40 : 11))), depth: random.number(1...(deep ? 2000 : 70)), columns: columns,
      output: outputRange(), descending: false, outputStride: outputStride(width: columns))
  }

  /// One output in three has gaps of up to 40 bytes.
  mutating func outputStride(width: Int) -> Int { width + (random.once(in: 3) ? random.number(1...40) : 0) }

  mutating func windowExtents() -> (height: Int, width: Int) {
    switch random.number(0...5) {
    case 0: (1, 1)
    case 1, 2, 3: (3, 3)
    default: (random.number(1...5), random.number(1...5))
    }
  }

  /// One spatial axis: the input's extent from the outputs wanted, with padding on either side and inputs left over at the end.
  mutating func axis(taps: Int, outputs: Int) -> (extent: Int, outputs: Int, stride: Int, dilation: Int, padding: Int) {
    let stride = random.once(in: 2) ? 1 : random.number(1...3)
    let dilation = random.once(in: 5) ? 2 : 1
    let reach = (taps - 1) * dilation
    let before = random.number(0...reach)
    let after = random.number(0...reach)
    let covered = (outputs - 1) * stride + reach + 1
    let extent = covered - before - after + random.number(0...(stride - 1))
    return extent > 0 ? (extent, outputs, stride, dilation, before) : (covered, outputs, stride, dilation, 0)
  }
}
