import DeviceKernels
import Diagnostics
import ModelGraph

extension Lowering {
  /// Whether the plan keeps a layer's weights and arithmetic in float32.
  func staysFloat(_ node: Node) -> Bool { plan.layers[node.name]?.staysFloat ?? false }

  /// Appends a convolution or dense layer whose weights stay float32. Its input and output are int8 like everybody's.
  /// - Parameter shape: with any zero point and output range; the plan's are filled in.
  /// - Throws: as `quantization(of:)`; `plan-mismatch` where a scaled weight leaves float32.
  mutating func appendFloatLayer(_ node: Node, _ shape: ConvolutionShape, _ activation: ActivationBounds) throws(Failure) {
    guard let weights = graph.constant(node.inputs[1])?.floats else { throw unsupported(node, "its weights are not constant") }
    let input = try quantization(of: node.inputs[0])
    let output = try quantization(of: node.output)
    var shape = shape
    shape.inputZeroPoint = Int32(input.zeroPoint)
    shape.output = outputRange(output, activation)
    let factor = Double(input.scale) / Double(output.scale)
    let (channels, depth) = (shape.outputChannels, shape.patchDepth)
    // From `[O, K]` to `[K][O]`: the kernel walks the channels of one tap.
    var scaled = [Float](repeating: 0, count: weights.count)
    for channel in 0..<channels {
      for position in 0..<depth { scaled[position * channels + channel] = Float(Double(weights[channel * depth + position]) * factor) }
    }
    let floats = node.inputs.count > 2 ? graph.constant(node.inputs[2])?.floats : nil
    let biases = (floats ?? Array(repeating: 0, count: channels)).map { Float(Double($0) / Double(output.scale)) }
    guard scaled.allSatisfy(\.isFinite), biases.allSatisfy(\.isFinite) else {
      throw Failure(.planMismatch, "\(node.name) cannot stay float: its weights leave the range of float32 at the plan's scales")
    }
    var bytes: [UInt8] = []
    let biasSection = appendSection(&bytes, biases)
    let sections = FloatSections(biases: biasSection, weights: appendSection(&bytes, scaled))
    let inputBuffer = try buffer(of: node.inputs[0])
    let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
    appendStep(
      node, kind: .floatConvolution(shape, sections), inputs: [inputBuffer], output: outputBuffer,
      scratchBytes: shape.floatScratchBytes, constants: bytes, overlaps: [shape.overlapDistance])
  }
}

extension ConvolutionShape {
  /// A dense layer as a convolution of 1 × 1 over its rows.
  static func pointwise(rows: Int, depth: Int, columns: Int) -> ConvolutionShape {
    ConvolutionShape(
      inputHeight: rows, inputWidth: 1, inputChannels: depth, outputHeight: rows, outputWidth: 1, outputChannels: columns, groups: 1,
      kernelHeight: 1, kernelWidth: 1, strideY: 1, strideX: 1, dilationY: 1, dilationX: 1, padTop: 0, padLeft: 0, inputZeroPoint: 0,
      output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
  }
}
