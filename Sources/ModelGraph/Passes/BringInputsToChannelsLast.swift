import Diagnostics

extension Pass {
  /// Puts a pair of opposite transpositions behind each channels-first input that element-wise operators read before a channels-last
  /// layer does. The first stays at the input, where it costs nothing; the second sinks through all that reads the input, however
  /// branched, and meets the inverses in front of the layers.
  ///     x → Mul → toChannelsLast → Conv   becomes   x → toChannelsLast → toChannelsFirst → Mul → toChannelsLast → Conv
  /// Lines `[1, C, W]` become images of height 1 in the same way.
  public static let bringInputsToChannelsLast = Pass("bring-inputs-to-channels-last", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  for input in graph.inputs where graph.isReadInFrontOfChannelsLast(input) {
    try graph.insertOppositeTranspositions(behind: input)
    changes += 1
  }
  return changes
}

extension Graph {
  /// Some path leads from the input through at least one operator that computes, but none that cares about the order of axes, to a
  /// transposition to channels-last.
  fileprivate func isReadInFrontOfChannelsLast(_ input: ValueID) -> Bool {
    guard [3, 4].contains(type(of: input).rank) else { return false }
    // What is computed from the input on such paths; what is only moved so far is kept apart.
    var (moved, computed): (Set<ValueID>, Set<ValueID>) = ([input], [])
    for node in nodes {
      let readsComputed = node.inputs.contains(where: computed.contains)
      guard readsComputed || node.inputs.contains(where: moved.contains) else { continue }
      switch node.operation {
      case .transpose(let transpose):
        if readsComputed, transpose == .toChannelsLast { return true }
      case .reshape:
        if readsComputed { computed.insert(node.output) } else { moved.insert(node.output) }
      case .elementwiseUnary, .elementwiseBinary, .concatenation, .padding: computed.insert(node.output)
      case .convolution, .gemm, .batchNormalization, .pooling, .softmax: break
      }
    }
    return false
  }

  fileprivate mutating func insertOppositeTranspositions(behind input: ValueID) throws(Failure) {
    let (name, shape) = (self[input].name, type(of: input).shape)
    var steps: [Operator] = [.transpose(.toChannelsLast), .transpose(.toChannelsFirst)]
    if shape.count == 3 {
      steps.insert(.reshape(Reshape(shape: [1, shape[1], 1, shape[2]])), at: 0)
      steps.append(.reshape(Reshape(shape: shape)))
    }
    var (made, operand): ([Node], ValueID) = ([], input)
    for step in steps {
      let result = addValue(name + ".moved", try step.outputType(for: [type(of: operand)], node: name))
      made.append(Node(name: "\(name).\(step.name)", operation: step, inputs: [operand], output: result))
      operand = result
    }
    // An input that is an output of the graph stays one.
    for index in nodes.indices {
      for position in nodes[index].inputs.indices where nodes[index].inputs[position] == input { nodes[index].inputs[position] = operand }
    }
    nodes.insert(contentsOf: made, at: 0)
  }
}
