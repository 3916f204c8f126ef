import DeviceKernels
import Diagnostics
import ModelGraph

extension Lowering {
  mutating func lower(_ operation: Pooling, _ node: Node) throws(Failure) {
    let input = graph.type(of: node.inputs[0]).shape
    let output = graph.type(of: node.output).shape
    let window = operation.window
    let target = try quantization(of: node.output)
    let source = try quantization(of: node.inputs[0])
    var shape = PoolingShape(
      inputHeight: input[1], inputWidth: input[2], channels: input[3], outputHeight: output[1], outputWidth: output[2],
      kernelHeight: window.kernelHeight, kernelWidth: window.kernelWidth, strideY: window.strideY, strideX: window.strideX,
      dilationY: window.dilationY, dilationX: window.dilationX, padTop: window.padTop, padLeft: window.padLeft,
      inputZeroPoint: Int32(source.zeroPoint), output: outputRange(target), descending: false)
    switch operation.kind {
    case .maximum:
      let inputBuffer = try sameScale(node.inputs[0], as: node.output)
      shape.inputZeroPoint = Int32(target.zeroPoint)
      let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
      appendStep(node, kind: .maximumPool(shape), inputs: [inputBuffer], output: outputBuffer, overlaps: [shape.overlapDistance])
    case .average(let countsPadding):
      let multipliers = try averageMultipliers(node, window, countsPadding: countsPadding, factor: Double(source.scale) / Double(target.scale))
      var bytes: [UInt8] = []
      _ = appendSection(&bytes, multipliers)
      let inputBuffer = try buffer(of: node.inputs[0])
      let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
      appendStep(
        node, kind: .averagePool(shape), inputs: [inputBuffer], output: outputBuffer,
        block: WeightBlock(layer: node.name, step: 0, bytes: bytes), overlaps: [shape.overlapDistance])
    }
  }

  /// One multiplier for each count of elements that a window can hold, `s_x / (s_y · n)`. Where padding counts, n is the whole window.
  /// - Throws: `unsupported-operator` for windows that count padding and also hang over it, where n is neither.
  private func averageMultipliers(_ node: Node, _ window: Window2D, countsPadding: Bool, factor: Double) throws(Failure) -> [Float] {
    let size = window.kernelHeight * window.kernelWidth
    if countsPadding, window.isPadded, window.roundsUp { throw unsupported(node, "it counts padding and rounds its size up") }
    var multipliers: [Float] = []
    for count in 1...size {
      multipliers.append(try multiplier(factor / Double(countsPadding && window.isPadded ? size : count), of: node))
    }
    return multipliers
  }
}
