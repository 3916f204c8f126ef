import DeviceKernels
import Diagnostics
import ModelGraph

extension Lowering {
  /// Three kernels: pointwise convolutions are matrix products over pixels, depthwise ones have their own, all others gather patches.
  mutating func lower(_ operation: Convolution, _ node: Node) throws(Failure) {
    let isDepthwise = operation.groups == graph.type(of: node.inputs[0]).shape[3] && operation.groups == graph.type(of: node.output).shape[3]
    let kind = operation.isPointwise ? KernelOperation.matmul : isDepthwise ? .depthwiseConvolution : .convolution
    let variant = KernelVariant.best(kind, for: request.instructionSets)
    let quantized = try quantizedWeights(node, inputOffset: variant.inputOffset)
    let input = graph.type(of: node.inputs[0]).shape
    let output = graph.type(of: node.output).shape
    let range = outputRange(try quantization(of: node.output), operation.activation)
    let inputBuffer = try buffer(of: node.inputs[0])
    if operation.isPointwise {
      let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
      let shape = MatmulShape(rows: input[1] * input[2], depth: input[3], columns: output[3], output: range, descending: false)
      appendMatmul(node, shape, variant, quantized, input: inputBuffer, output: outputBuffer)
      return
    }
    let window = operation.window
    let shape = ConvolutionShape(
      inputHeight: input[1], inputWidth: input[2], inputChannels: input[3], outputHeight: output[1], outputWidth: output[2],
      outputChannels: output[3], groups: operation.groups, kernelHeight: window.kernelHeight, kernelWidth: window.kernelWidth,
      strideY: window.strideY, strideX: window.strideX, dilationY: window.dilationY, dilationX: window.dilationX,
      padTop: window.padTop, padLeft: window.padLeft, inputZeroPoint: Int32(try quantization(of: node.inputs[0]).zeroPoint),
      output: range, descending: false)
    let (bytes, sections) =
      isDepthwise ? packDepthwiseWeights(quantized, shape, tile: variant.tile) : packWeights(quantized, tile: variant.tile(shape))
    let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
    appendStep(
      node, kind: isDepthwise ? .depthwiseConvolution(shape, variant, sections) : .convolution(shape, variant, sections),
      inputs: [inputBuffer], output: outputBuffer, scratchBytes: variant.scratchBytes(convolution: shape),
      constants: bytes, overlaps: [shape.overlapDistance])
  }

  /// A matrix product of `rows` pixels or one sample with the layer's weights.
  mutating func appendMatmul(
    _ node: Node, _ shape: MatmulShape, _ variant: KernelVariant, _ quantized: QuantizedWeights, input: BufferID, output: BufferID
  ) {
    let (bytes, sections) = packWeights(quantized, tile: variant.tile)
    appendStep(
      node, kind: .matmul(shape, variant, sections), inputs: [input], output: output,
      scratchBytes: variant.scratchBytes(matmul: shape), constants: bytes,
      overlaps: [shape.overlapDistance(block: variant.block)])
  }
}

extension Convolution {
  /// Whether each output pixel reads just the input pixel at its own place.
  var isPointwise: Bool {
    window.kernelHeight == 1 && window.kernelWidth == 1 && window.strideY == 1 && window.strideX == 1 && !window.isPadded && groups == 1
  }
}
