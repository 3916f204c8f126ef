import DeviceKernels
import Diagnostics
import ModelGraph

extension Lowering {
  /// Three kernels: pointwise convolutions are matrix products over pixels, depthwise ones have their own, all others gather patches.
  mutating func lower(_ operation: Convolution, _ node: Node) throws(Failure) {
    let input = graph.type(of: node.inputs[0]).shape
    let output = graph.type(of: node.output).shape
    let isDepthwise = operation.groups == input[3] && output[3] == input[3]
    let kernel: KernelOperation = operation.isPointwise ? .matmul : isDepthwise ? .depthwiseConvolution : .convolution
    let variant = KernelVariant.best(kernel, for: request.instructionSets)
    let range = outputRange(try quantization(of: node.output), operation.activation)
    let inputBuffer = try buffer(of: node.inputs[0])
    if staysFloat(node) {
      try appendFloatLayer(node, try shape(of: operation, node, range), operation.activation)
      return
    }
    let quantized = try quantizedWeights(node, inputOffset: variant.inputOffset)
    if operation.isPointwise {
      let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
      let shape = MatmulShape(rows: input[1] * input[2], depth: input[3], columns: output[3], output: range, descending: false)
      appendMatmul(node, shape, variant, quantized, input: inputBuffer, output: outputBuffer)
      return
    }
    let shape = try shape(of: operation, node, range)
    let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
    if isDepthwise {
      let (bytes, sections) = packDepthwiseWeights(quantized, shape, tile: variant.tile)
      appendStep(
        node, kind: .depthwiseConvolution(shape, variant, sections), inputs: [inputBuffer], output: outputBuffer,
        scratchBytes: variant.scratchBytes(convolution: shape), constants: bytes, overlaps: [shape.overlapDistance])
    } else {
      appendConvolution(node, shape, variant, quantized, input: inputBuffer, output: outputBuffer)
    }
  }

  private mutating func appendConvolution(
    _ node: Node, _ shape: ConvolutionShape, _ variant: KernelVariant, _ quantized: QuantizedWeights, input: BufferID, output: BufferID
  ) {
    let tile = variant.tile(shape)
    let scratchBytes = variant.scratchBytes(convolution: shape)
    // The channels of a group share inputs of their own: such layers, small as they are, stay whole.
    let blocks = shape.groups == 1 ? rowBlocks(quantized, tile: tile) : [0..<quantized.channels]
    appendRowBlocks(
      node, blocks, quantized, tile: tile, input: input, output: output, scratchBytes: scratchBytes,
      overlap: shape.overlapDistance
    ) { channels, sections in
      var part = shape
      part.outputChannels = channels
      return .convolution(part, variant, sections)
    }
  }

  private func shape(of operation: Convolution, _ node: Node, _ range: OutputRange) throws(Failure) -> ConvolutionShape {
    let input = graph.type(of: node.inputs[0]).shape
    let output = graph.type(of: node.output).shape
    let window = operation.window
    return ConvolutionShape(
      inputHeight: input[1], inputWidth: input[2], inputChannels: input[3], outputHeight: output[1], outputWidth: output[2],
      outputChannels: output[3], groups: operation.groups, kernelHeight: window.kernelHeight, kernelWidth: window.kernelWidth,
      strideY: window.strideY, strideX: window.strideX, dilationY: window.dilationY, dilationX: window.dilationX,
      padTop: window.padTop, padLeft: window.padLeft, inputZeroPoint: Int32(try quantization(of: node.inputs[0]).zeroPoint),
      output: range, descending: false)
  }

  /// A matrix product of `rows` pixels or one sample with the layer's weights.
  mutating func appendMatmul(
    _ node: Node, _ shape: MatmulShape, _ variant: KernelVariant, _ quantized: QuantizedWeights, input: BufferID, output: BufferID
  ) {
    appendRowBlocks(
      node, rowBlocks(quantized, tile: variant.tile), quantized, tile: variant.tile, input: input, output: output,
      scratchBytes: variant.scratchBytes(matmul: shape), overlap: shape.overlapDistance(block: variant.block)
    ) { columns, sections in
      var part = shape
      part.columns = columns
      return .matmul(part, variant, sections)
    }
  }
}

extension Convolution {
  /// Whether each output pixel reads just the input pixel at its own place.
  var isPointwise: Bool {
    window.kernelHeight == 1 && window.kernelWidth == 1 && window.strideY == 1 && window.strideX == 1 && !window.isPadded && groups == 1
  }
}
