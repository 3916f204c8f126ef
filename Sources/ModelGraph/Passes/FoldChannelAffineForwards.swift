import Diagnostics

extension Pass {
  /// Folds batch normalization, and sums and products with one constant a channel, into the layer behind them.
  ///     Sub(x, mean) → Mul(1/deviation) → Conv(w, b)   becomes   Conv(w/deviation, b − Σ w·mean/deviation)
  /// Only where every window lies inside the input: padding stands for zeros behind the normalization, which no bias can imitate.
  /// A factor alone leaves zeros zero and folds into padded convolutions too.
  public static let foldChannelAffineForwards = Pass(
    "fold-channel-affine-forwards", after: [.foldBatchNormalization, .foldChannelConstants],
    because: "folding into the layer before is always right and keeps the layer's name", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  // Backwards, so that of a row of such operators the last folds first and the next meets the layer.
  for index in graph.nodes.indices.reversed() {
    guard let (affine, operand) = graph.channelAffine(graph.nodes[index]), affine.activation == .none,
      let layer = graph.soleReaderIndex(of: graph.nodes[index].output), let weights = graph.layerWeights(graph.nodes[layer])
    else { continue }
    if case .convolution(let operation) = graph.nodes[layer].operation, operation.window.isPadded, affine.isShifting { continue }
    graph.setLayerWeights(weights.preceded(by: affine), at: layer)
    graph.nodes[layer].inputs[0] = operand
    graph.nodes.remove(at: index)
    changes += 1
  }
  return changes
}

extension Graph {
  /// The node that reads a value as its first operand, if it is the only reader and the value is no output.
  fileprivate func soleReaderIndex(of id: ValueID) -> Int? {
    guard readerCount(of: id) == 1, !isOutput(id) else { return nil }
    return nodes.firstIndex { $0.inputs.first == id }
  }
}
