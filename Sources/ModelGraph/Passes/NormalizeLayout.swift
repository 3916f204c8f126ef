import Diagnostics

extension Pass {
  /// Brings the whole network to channels-last: what moves data sinks, meets its inverse and goes.
  ///     Conv → toChannelsFirst → Relu → toChannelsLast → Conv   becomes   Conv → Relu → Conv
  /// Afterwards a convolutional network has data movement at most at its inputs, at its outputs, and where the model itself asks for it.
  ///
  /// Repeats its passes until none finds anything. Sinking and composing only bring movement nearer to the outputs or shorten it, and
  /// what stands at an input stays there, so a repetition ends; the bound on rounds guards against a mistake in that argument.
  public static let normalizeLayout = Pass(
    "normalize-layout", after: [.foldConstants], because: "operands that are constants must be known as such", run: rewrite)

  /// In the order in which they run in each round; `bringInputsToChannelsLast` runs once before.
  public static let layoutPasses: [Pass] = [
    .removeIdentities, .sinkReshapes, .sinkTransposes, .cancelMovement, .hoistMovementToInputs, .mergeDuplicates,
  ]
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var total = try Pass.bringInputsToChannelsLast.run(&graph)
  for _ in 0...graph.nodes.count {
    var changes = 0
    for pass in Pass.layoutPasses { changes += try pass.run(&graph) }
    total += changes
    if changes == 0 { break }
  }
  return total
}
