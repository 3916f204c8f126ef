import DeviceKernels
import Diagnostics
import ModelGraph

// Transposes, concatenations and paddings: strided copies of boxes of at most four axes.
extension Lowering {
  mutating func lower(_ operation: Transpose, _ node: Node) throws(Failure) {
    let source = graph.type(of: node.inputs[0]).shape
    let result = graph.type(of: node.output).shape
    let sourceStrides = rowMajorStrides(source)
    let copy = try stridedCopy(
      node, extents: result, inputStrides: operation.permutation.map { sourceStrides[$0] }, outputStrides: rowMajorStrides(result))
    let input = try sameScale(node.inputs[0], as: node.output)
    appendStep(
      node, kind: .stridedCopy([copy], fill: nil), inputs: [input], output: makeBuffer(for: node.output, firstStep: steps.count))
  }

  mutating func lower(_ operation: Concatenation, _ node: Node) throws(Failure) {
    let outputStrides = rowMajorStrides(graph.type(of: node.output).shape)
    var (inputs, copies): ([BufferID], [StridedCopyShape]) = ([], [])
    var position = 0
    for operand in node.inputs {
      let shape = graph.type(of: operand).shape
      copies.append(
        try stridedCopy(
          node, extents: shape, inputStrides: rowMajorStrides(shape), outputStrides: outputStrides,
          outputOffset: position * outputStrides[operation.axis]))
      inputs.append(try sameScale(operand, as: node.output))
      position += shape[operation.axis]
    }
    appendStep(node, kind: .stridedCopy(copies, fill: nil), inputs: inputs, output: makeBuffer(for: node.output, firstStep: steps.count))
  }

  mutating func lower(_ operation: Padding, _ node: Node) throws(Failure) {
    let shape = graph.type(of: node.inputs[0]).shape
    let outputStrides = rowMajorStrides(graph.type(of: node.output).shape)
    let offset = zip(operation.before, outputStrides).reduce(0) { $0 + $1.0 * $1.1 }
    let copy = try stridedCopy(
      node, extents: shape, inputStrides: rowMajorStrides(shape), outputStrides: outputStrides, outputOffset: offset)
    let fill = Int8(try quantization(of: node.output).quantize(Double(operation.value)))
    let input = try sameScale(node.inputs[0], as: node.output)
    appendStep(
      node, kind: .stridedCopy([copy], fill: fill), inputs: [input], output: makeBuffer(for: node.output, firstStep: steps.count))
  }

  /// Merges axes until four are left.
  private func stridedCopy(
    _ node: Node, extents: [Int], inputStrides: [Int], outputStrides: [Int], outputOffset: Int = 0
  ) throws(Failure) -> StridedCopyShape {
    var axes: [(extent: Int, input: Int, output: Int)] = []
    for axis in extents.indices where extents[axis] != 1 {
      let next = (extent: extents[axis], input: inputStrides[axis], output: outputStrides[axis])
      if let last = axes.last, last.input == next.extent * next.input, last.output == next.extent * next.output {
        axes[axes.count - 1] = (last.extent * next.extent, next.input, next.output)
      } else {
        axes.append(next)
      }
    }
    guard axes.count <= 4 else { throw unsupported(node, "it moves \(axes.count) axes, at most 4 can be") }
    while axes.count < 4 { axes.insert((1, 0, 0), at: 0) }
    return StridedCopyShape(
      extents: (axes[0].extent, axes[1].extent, axes[2].extent, axes[3].extent),
      inputStrides: (axes[0].input, axes[1].input, axes[2].input, axes[3].input),
      outputStrides: (axes[0].output, axes[1].output, axes[2].output, axes[3].output), outputOffset: outputOffset)
  }
}
