import Diagnostics
import ModelGraph

extension Lowering {
  /// Makes the input's buffer. Transposes and reshapes right behind the input cost nothing: whoever reads a sample stores each element
  /// where the first kernel wants it.
  mutating func lowerInput() throws(Failure) {
    guard graph.inputs.count == 1 else {
      throw Failure(
        .unsupportedOperator, "\(graph.name) has \(graph.inputs.count) inputs, a program has one",
        details: graph.inputs.map { "\(graph[$0].name) \(graph[$0].type.description)" })
    }
    let source = graph.inputs[0]
    let shape = graph.type(of: source).shape
    guard shape.first ?? 1 == 1 else {
      throw Failure(
        .unsupportedOperator, "\(graph[source].name) takes \(shape[0]) samples at a time, a program takes one",
        hint: "export the model with a batch of 1 or a symbolic one")
    }
    let chain = dataMovementChain(from: source)
    let end = chain.last?.output ?? source
    inputChain = Set(chain.map(\.output))
    let buffer = makeBuffer(for: end, firstStep: -1)
    input = ProgramInput(
      name: graph[source].name, shape: shape, elementType: request.inputElementType, scale: request.inputScale,
      offset: request.inputOffset, quantization: try quantization(of: end),
      bufferStrides: strides(through: chain, shape: shape) ?? [], buffer: buffer)
  }

  func isFoldedIntoInput(_ node: Node) -> Bool { inputChain.contains(node.output) }

  /// The longest run of reshapes and transposes behind the input, each the only reader of its operand, that a strided store can do.
  private func dataMovementChain(from source: ValueID) -> [Node] {
    let readers = graph.readerCounts()
    let shape = graph.type(of: source).shape
    var chain: [Node] = []
    var value = source
    while readers[value.index] == 1, let next = graph.nodes.first(where: { $0.inputs.contains(value) }) {
      switch next.operation {
      case .reshape, .transpose: break
      case .convolution, .gemm, .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding:
        return chain
      }
      guard strides(through: chain + [next], shape: shape) != nil else { return chain }
      chain.append(next)
      value = next.output
    }
    return chain
  }

  /// For each axis of `shape` without the batch, how far apart neighbours lie after the chain; nil if no strides say it.
  private func strides(through chain: [Node], shape: [Int]) -> [Int]? {
    var view = StridedView(of: shape)
    for node in chain {
      if case .transpose(let transpose) = node.operation {
        guard let moved = view.transposed(by: transpose.permutation) else { return nil }
        view = moved
      } else {
        view = view.reshaped(to: graph.type(of: node.output).shape)
      }
    }
    return view.resultStrides(source: shape).map { Array($0.dropFirst()) }
  }
}

/// Distances between neighbours along each axis of a dense array.
func rowMajorStrides(_ shape: [Int]) -> [Int] {
  var strides = Array(repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
  return strides
}
