import Diagnostics

extension Pass {
  /// Computes equal things once: the second node with the same operator and operands goes.
  ///     a = Transpose(x); b = Transpose(x)   becomes   a = Transpose(x), read by all
  /// A duplicate that is an output of the graph stays, for outputs keep their names.
  public static let mergeDuplicates = Pass("merge-duplicates", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  struct Computation: Hashable {
    var operation: Operator
    var operands: [ValueID]
  }
  var known: [Computation: ValueID] = [:]
  var duplicates: Set<ValueID> = []
  for index in graph.nodes.indices {
    let node = graph.nodes[index]
    let computation = Computation(operation: node.operation, operands: node.inputs)
    if let first = known[computation], !graph.isOutput(node.output) {
      graph.replaceUses(of: node.output, by: first)
      duplicates.insert(node.output)
    } else if known[computation] == nil {
      known[computation] = node.output
    }
  }
  graph.nodes.removeAll { duplicates.contains($0.output) }
  return duplicates.count
}
