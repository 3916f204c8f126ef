import Diagnostics

extension Pass {
  /// Moves reshapes behind element-wise operators, and removed axes of size 1 behind Concat and Pad, so that pairs meet and cancel.
  ///     Relu(R(x))                     becomes   R(Relu(x))
  ///     Add(R(x), R(y))                becomes   R(Add(x, y))             if x and y have one shape
  ///     Add(R(x), constant)            becomes   R(Add(x, R⁻¹(constant)))
  ///     Concat₁(R(x), R(y))            becomes   R(Concat₁(x, y))         R: [N, C, 1, W] → [N, C, W]
  /// Each step brings a reshape nearer to the outputs, so the pass ends. A reshape at a graph input stays where it is.
  public static let sinkReshapes = Pass("sink-reshapes", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  var index = 0
  while index < graph.nodes.count {
    let sunk = try graph.sinkReshape(behind: index)
    changes += sunk ? 1 : 0
    index += sunk ? 2 : 1
  }
  graph.dropUnusedNodes()
  return changes
}

extension Graph {
  fileprivate mutating func sinkReshape(behind index: Int) throws(Failure) -> Bool {
    let node = nodes[index]
    switch node.operation {
    case .convolution, .pooling, .batchNormalization, .gemm, .softmax, .reshape, .transpose: return false
    case .elementwiseUnary:
      guard let source = reshaped(node.inputs[0]) else { return false }
      return try rewrite(index, as: node.operation, [source])
    case .elementwiseBinary:
      guard let shape = node.inputs.compactMap(reshaped).first.map({ type(of: $0).shape }) else { return false }
      let target = type(of: node.output).shape
      var operands: [ValueID] = []
      for id in node.inputs {
        if let source = reshaped(id), type(of: source).shape == shape, type(of: id).shape == target {
          operands.append(source)
        } else if let constant = constant(id), let carried = carry(constant, from: target, to: shape) {
          operands.append(carried == constant ? id : addConstant(self[id].name + ".moved", carried))
        } else {
          return false
        }
      }
      return try rewrite(index, as: node.operation, operands)
    case .concatenation(var operation):
      guard let (axis, sources) = commonRemovedAxis(node.inputs) else { return false }
      if operation.axis >= axis { operation.axis += 1 }
      return try rewrite(index, as: .concatenation(operation), sources)
    case .padding(var operation):
      guard let (axis, sources) = commonRemovedAxis(node.inputs) else { return false }
      operation.before.insert(0, at: axis)
      operation.after.insert(0, at: axis)
      return try rewrite(index, as: .padding(operation), sources)
    }
  }

  /// The operand of the reshape that computes a value, if that reshape may be moved.
  private func reshaped(_ id: ValueID) -> ValueID? {
    guard let node = producer(of: id), case .reshape = node.operation, !isReshapedInput(id) else { return nil }
    return node.inputs[0]
  }

  /// The axis of size 1 that reshapes removed from all these values, and the values before.
  private func commonRemovedAxis(_ ids: [ValueID]) -> (axis: Int, sources: [ValueID])? {
    let sources = ids.compactMap(reshaped)
    guard sources.count == ids.count, let first = sources.first else { return nil }
    // Several axes may have size 1; lines are images of height 1, so the height comes first.
    let axis = ([2] + Array(1..<max(1, type(of: first).rank))).first { axis in
      zip(ids, sources).allSatisfy { id, source in
        var shape = type(of: source).shape
        guard shape.indices.contains(axis), shape.remove(at: axis) == 1 else { return false }
        return shape == type(of: id).shape
      }
    }
    return axis.map { ($0, sources) }
  }

  private mutating func rewrite(_ index: Int, as operation: Operator, _ operands: [ValueID]) throws(Failure) -> Bool {
    let type = try operation.outputType(for: operands.map(type(of:)), node: nodes[index].name)
    let reshape = Reshape(shape: self.type(of: nodes[index].output).shape)
    split(at: index, into: operation, operands, then: .reshape(reshape), type: type)
    return true
  }
}
