extension Graph {
  /// The graph as text, one line a node: result, its type, operator, operands. For `--dump-passes` and for tests.
  ///
  ///     graph kws
  ///     input  x: float32[1, 49, 10, 1]
  ///     y: float32[1, 25, 5, 64] = Conv(x, w[64, 10, 4, 1], b[64])  # conv1; Convolution(…)
  ///     output y
  public func dump() -> String {
    var lines = ["graph \(name)"]
    for input in inputs { lines.append("input  \(self[input].name): \(type(of: input).description)") }
    for node in nodes {
      let operands = node.inputs.map { self[$0].constant == nil ? self[$0].name : "\(self[$0].name)\(self[$0].type.shape)" }
      lines.append(
        "\(self[node.output].name): \(type(of: node.output).description) = \(node.operation.name)(\(operands.joined(separator: ", ")))"
          + "  # \(node.name); \(node.operation.attributes)")
    }
    for output in outputs { lines.append("output \(self[output].name)") }
    return lines.joined(separator: "\n") + "\n"
  }
}
