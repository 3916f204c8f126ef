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
      if countsPadding, window.isPadded, window.roundsUp { throw unsupported(node, "it counts padding and rounds its size up") }
      // The table of factors has one entry for each number of elements, and their sum must fit 32 bits.
      guard let size = (CheckedInt(window.kernelHeight) * CheckedInt(window.kernelWidth)).within(1...1 << 22) else {
        throw unsupported(node, "its window of \(window.kernelHeight)x\(window.kernelWidth) elements is too large")
      }
      let divisor: (Int) -> Int = { count in countsPadding && window.isPadded ? size : count }
      var multipliers = Array(repeating: Float(0), count: size)
      for count in shape.windowCounts {
        multipliers[count - 1] = try multiplier(Double(source.scale) / (Double(target.scale) * Double(divisor(count))), of: node)
      }
      let inputBuffer = try buffer(of: node.inputs[0])
      let outputBuffer = makeBuffer(for: node.output, firstStep: steps.count)
      appendStep(
        node, kind: .averagePool(shape), inputs: [inputBuffer], output: outputBuffer, constants: sectionBytes(multipliers),
        overlaps: [shape.overlapDistance])
    }
  }
}

extension PoolingShape {
  /// How many elements of the input the windows hold: one multiplier each, `s_x / (s_y · n)`; other counts never occur.
  fileprivate var windowCounts: Set<Int> {
    let rows = Set((0..<outputHeight).map { elements($0 * strideY - padTop, kernelHeight, dilationY, inputHeight) })
    let columns = Set((0..<outputWidth).map { elements($0 * strideX - padLeft, kernelWidth, dilationX, inputWidth) })
    return Set(rows.flatMap { row in columns.map { row * $0 } }).subtracting([0])
  }

  /// Taps of a window along one axis that lie inside the input.
  private func elements(_ first: Int, _ kernel: Int, _ dilation: Int, _ length: Int) -> Int {
    // The first tap that is not before the input, and the first behind it.
    let begin = first >= 0 ? 0 : (dilation - 1 - first) / dilation
    let end = first >= length ? 0 : (length - first + dilation - 1) / dilation
    return max(0, min(kernel, end) - begin)
  }
}
