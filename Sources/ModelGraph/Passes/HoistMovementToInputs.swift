import Diagnostics

extension Pass {
  /// Moves channels-last transpositions and reshapes in front of element-wise operators on a graph input, where the packed program folds
  /// them into reading its input.
  ///     toChannelsLast(Mul(x, constant[C, 1, 1]))   becomes   Mul(toChannelsLast(x), constant[1, 1, C])
  /// Applies only where the whole chain down from the input is element-wise and read by nobody else, and never elsewhere: in the middle
  /// of a network movement sinks (`sinkTransposes`).
  public static let hoistMovementToInputs = Pass("hoist-movement-to-inputs", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  for index in graph.nodes.indices where graph.canHoist(index) {
    var movement = index
    while let earlier = graph.hoistOnce(movement) {
      movement = earlier
      changes += 1
    }
  }
  return changes
}

extension Graph {
  fileprivate func canHoist(_ index: Int) -> Bool {
    switch nodes[index].operation {
    case .reshape: break
    case .transpose(let transpose): guard transpose.bringsChannelsLast else { return false }
    case .convolution, .gemm, .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding:
      return false
    }
    var id = nodes[index].inputs[0]
    while !isAtInput(id) {
      guard let earlier = producerIndexOfSoleOperand(id), movedOperands(of: nodes[earlier], by: nodes[index]) != nil else { return false }
      id = nodes[earlier].inputs[0]
    }
    // A reshape behind a transposition would sink again.
    if case .reshape = nodes[index].operation { return isReshapedInput(id) }
    return true
  }

  /// The constant operands of an element-wise node as they must be if its first operand is moved; nil if it is not element-wise.
  private func movedOperands(of node: Node, by movement: Node) -> [Tensor]? {
    switch node.operation {
    case .elementwiseUnary: return []
    case .elementwiseBinary:
      guard let constant = constant(node.inputs[1]), self.constant(node.inputs[0]) == nil else { return nil }
      // Without its axes of size 1, a single number fits whatever rank the movement leads to.
      if constant.count == 1 { return [constant.reshaped(to: [1])] }
      let shape = type(of: movement.inputs[0]).shape
      guard case .transpose(let transpose) = movement.operation else {
        return carry(constant, from: shape, to: type(of: movement.output).shape).map { [$0] }
      }
      let padded = Array(repeating: 1, count: shape.count - constant.shape.count) + constant.shape
      return [constant.reshaped(to: padded).transposed(by: transpose.permutation)]
    case .convolution, .gemm, .batchNormalization, .pooling, .softmax, .concatenation, .padding, .reshape, .transpose: return nil
    }
  }

  /// Exchanges the movement at `index` with the element-wise node before it. The result is where the movement now stands.
  fileprivate mutating func hoistOnce(_ index: Int) -> Int? {
    let movement = nodes[index]
    guard !isAtInput(movement.inputs[0]), let earlier = producerIndexOfSoleOperand(movement.inputs[0]),
      let constants = movedOperands(of: nodes[earlier], by: movement)
    else { return nil }
    let node = nodes[earlier]
    let moved = addValue(self[movement.output].name + ".input", type(of: movement.output))
    let operands = zip(node.inputs.dropFirst(), constants).map { addConstant(self[$0].name + ".moved", $1) }
    nodes[earlier] = Node(name: movement.name, operation: movement.operation, inputs: [node.inputs[0]], output: moved)
    nodes[index] = Node(name: node.name, operation: node.operation, inputs: [moved] + operands, output: movement.output)
    return earlier
  }
}
