import Diagnostics

extension Pass {
  /// Refuses constants that are no numbers any more: a factor folded into large weights can leave the range of a float. Changes nothing.
  public static let requireFiniteConstants = Pass(
    "require-finite-constants", after: [.foldBatchNormalization, .foldChannelConstants, .foldChannelAffineForwards],
    because: "what was read is finite; folding makes the rest", run: check)
}

private func check(_ graph: inout Graph) throws(Failure) -> Int {
  var faults = FaultCollector()
  for node in graph.nodes {
    for input in node.inputs {
      guard let values = graph.constant(input)?.floats, let first = values.firstIndex(where: { !$0.isFinite }) else { continue }
      faults.add(
        Diagnostic(
          .notFinite, "folding a normalization or a factor into \(node.name) makes \(graph[input].name) too large for a float",
          details: ["\(values.count { !$0.isFinite }) of \(values.count) values, the first is number \(first)"],
          hint: "look for weights or variances that are far out of range in the trained model"))
    }
  }
  try faults.throwIfAny()
  return 0
}
