import Diagnostics

extension Pass {
  /// Removes operators that change nothing: reshapes to the same shape, transpositions in order, clips without bounds, pads by nothing,
  /// concatenations of one tensor.
  ///     Relu(Reshape[1, 4](x: [1, 4]))   becomes   Relu(x)
  public static let removeIdentities = Pass("remove-identities", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  for index in graph.nodes.indices.reversed() where graph.isIdentity(graph.nodes[index]) && graph.bypass(index) { changes += 1 }
  return changes
}

extension Graph {
  fileprivate func isIdentity(_ node: Node) -> Bool {
    switch node.operation {
    case .reshape: type(of: node.inputs[0]) == type(of: node.output)
    case .transpose(let operation): operation.permutation == Array(operation.permutation.indices)
    case .elementwiseUnary(let operation): operation.kind == .clip(.none)
    case .padding(let operation): (operation.before + operation.after).allSatisfy { $0 == 0 }
    case .concatenation: node.inputs.count == 1
    case .pooling(let operation): operation.window.isPointwise
    case .convolution, .gemm, .batchNormalization, .elementwiseBinary, .softmax: false
    }
  }
}

extension Window2D {
  /// One element at a time, each once: no kernel, stride or padding.
  public var isPointwise: Bool { kernelHeight == 1 && kernelWidth == 1 && strideY == 1 && strideX == 1 && !isPadded }
}
