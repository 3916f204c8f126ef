import Diagnostics

extension Pass {
  /// Lets a dense layer read or write its vector in another order by permuting its constant weights.
  ///     Gemm(Reshape[1, K](toChannelsFirst(x)), W)    becomes   Gemm(Reshape[1, K](x), W with its columns permuted)
  ///     toChannelsLast(Reshape[1, C, H, W](Gemm(x)))  becomes   Reshape[1, H, W, C](Gemm(x, rows of weights and bias permuted))
  public static let absorbMovementIntoGemm = Pass(
    "absorb-movement-into-gemm", after: [.normalizeLayout, .fuseActivations],
    because: "only then nothing but movement stands between a flattened tensor and the dense layer", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  for output in graph.nodes.map(\.output) {
    guard let index = graph.producerIndex(of: output) else { continue }
    switch graph.nodes[index].operation {
    case .gemm: changes += graph.absorbBefore(index) ? 1 : 0
    case .reshape, .transpose: changes += graph.absorbBehind(index) ? 1 : 0
    case .convolution, .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding: break
    }
  }
  graph.dropUnusedNodes()
  return changes
}

extension Graph {
  /// `y = Σₖ W[o, k]·x[order[k]]`, so column `order[k]` of the new weights is column `k` of the old ones.
  fileprivate mutating func absorbBefore(_ index: Int) -> Bool {
    let node = nodes[index]
    guard type(of: node.inputs[0]).rank == 2, let weights = constant(node.inputs[1]), let old = weights.floats,
      let movement = movement(endingIn: node.inputs[0]), !movement.view.keepsOrder
    else { return false }
    var new = old
    let order = movement.view.indices()
    let columns = order.count
    for row in 0..<weights.shape[0] {
      for (column, source) in order.enumerated() { new[row * columns + source] = old[row * columns + column] }
    }
    let flat = addValue(self[node.inputs[0]].name + ".flat", type(of: node.inputs[0]))
    nodes[index].inputs[0] = flat
    nodes[index].inputs[1] = addConstant(self[node.inputs[1]].name, Tensor(weights.shape, new))
    let reshape = Operator.reshape(Reshape(shape: [1, columns]))
    nodes.insert(Node(name: "\(node.name).\(reshape.name)", operation: reshape, inputs: [movement.source], output: flat), at: index)
    return true
  }

  /// Element `i` of the moved tensor is output `order[i]` of the layer, so row `i` of the new weights is row `order[i]` of the old ones.
  fileprivate mutating func absorbBehind(_ index: Int) -> Bool {
    guard let movement = movement(endingIn: nodes[index].output), !movement.view.keepsOrder,
      let layer = producerIndex(of: movement.source), case .gemm = nodes[layer].operation, type(of: movement.source).rank == 2,
      isReadOnlyThrough(index, from: movement.source), let weights = constant(nodes[layer].inputs[1]), let old = weights.floats
    else { return false }
    let inputs = nodes[layer].inputs
    let bias = inputs.count == 3 ? constant(inputs[2])?.floats : []
    guard let bias else { return false }
    let columns = weights.shape[1]
    let order = movement.view.indices()
    let new = order.flatMap { old[$0 * columns..<($0 + 1) * columns] }
    nodes[layer].inputs[1] = addConstant(self[inputs[1]].name, Tensor(weights.shape, new))
    if inputs.count == 3 { nodes[layer].inputs[2] = addConstant(self[inputs[2]].name, Tensor([bias.count], order.map { bias[$0] })) }
    nodes[index].operation = .reshape(Reshape(shape: movement.view.shape))
    nodes[index].inputs = [movement.source]
    return true
  }

  /// Nobody but the node at `index` sees `source` and what the movement from there makes of it on the way.
  private func isReadOnlyThrough(_ index: Int, from source: ValueID) -> Bool {
    var id = nodes[index].inputs[0]
    while id != source {
      guard readerCount(of: id) == 1, let node = producer(of: id) else { return false }
      id = node.inputs[0]
    }
    return readerCount(of: source) == 1
  }
}
