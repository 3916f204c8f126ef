import Diagnostics

extension Pass {
  /// Computes nodes whose operands are all known, once, at pack time.
  ///     Reshape(Add(constant, constant))   becomes   constant
  /// Data movement and element-wise operators only; layers on constant inputs are left alone.
  public static let foldConstants = Pass("fold-constants", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var kept: [Node] = []
  for node in graph.nodes {
    let operands = node.inputs.compactMap { graph.constant($0) }
    if operands.count == node.inputs.count, let result = evaluate(node.operation, on: operands, result: graph.type(of: node.output)) {
      graph[node.output].constant = result
    } else {
      kept.append(node)
    }
  }
  let folded = graph.nodes.count - kept.count
  graph.nodes = kept
  return folded
}
