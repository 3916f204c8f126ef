import Diagnostics

extension Pass {
  /// Moves transpositions behind operators that do not care about the order of axes, so that pairs meet and cancel.
  ///     Relu(T(x))             becomes   T(Relu(x))
  ///     Add(T(x), T(y))        becomes   T(Add(x, y))
  ///     Add(T(x), constant)    becomes   T(Add(x, T⁻¹(constant)))
  ///     Concat₁(T(x), T(y))    becomes   T(Concat₃(x, y))          axes of Concat and Pad are renamed
  ///     Softmax(T(x))          becomes   T(Softmax(x))             likewise BatchNormalization, Gemm: if T keeps the last axis
  /// Where one operand is channels-first by a transposition and another by birth, the other is brought to channels-last if that costs
  /// nothing: it is a graph input, it is needed in that order anyway, or only axes of size 1 move.
  /// Each step brings a transposition nearer to the outputs, so the pass ends. Channels-last at a graph input stays where it is.
  public static let sinkTransposes = Pass("sink-transposes", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  var index = 0
  while index < graph.nodes.count {
    let before = graph.nodes.count
    if try graph.sinkTranspose(behind: index) { changes += 1 }
    // What was inserted in front of the node and the transposition behind it need no second look.
    index += 1 + graph.nodes.count - before
  }
  graph.dropUnusedNodes()
  return changes
}

extension Graph {
  fileprivate mutating func sinkTranspose(behind index: Int) throws(Failure) -> Bool {
    let node = nodes[index]
    switch node.operation {
    case .convolution, .pooling, .reshape, .transpose: return false
    case .batchNormalization, .gemm, .softmax:
      let last = type(of: node.inputs[0]).rank - 1
      guard let moved = transposition(of: node.inputs[0]), moved.transpose.permutation[last] == last else { return false }
      return try rewrite(index, as: node.operation, [moved.source] + node.inputs.dropFirst(), then: moved.transpose)
    case .elementwiseUnary:
      guard let moved = transposition(of: node.inputs[0]) else { return false }
      return try rewrite(index, as: node.operation, [moved.source], then: moved.transpose)
    case .padding(var operation):
      guard let moved = transposition(of: node.inputs[0]) else { return false }
      let inverse = moved.transpose.inverse.permutation
      (operation.before, operation.after) = (inverse.map { operation.before[$0] }, inverse.map { operation.after[$0] })
      return try rewrite(index, as: .padding(operation), [moved.source], then: moved.transpose)
    case .concatenation(var operation):
      guard let (transpose, operands) = join(index) else { return false }
      operation.axis = transpose.permutation[operation.axis]
      return try rewrite(index, as: .concatenation(operation), operands, then: transpose)
    case .elementwiseBinary:
      guard let (transpose, operands) = join(index) else { return false }
      return try rewrite(index, as: node.operation, operands, then: transpose)
    }
  }

  /// The transposition that computes a value and may be moved.
  private func transposition(of id: ValueID) -> (transpose: Transpose, source: ValueID)? {
    guard let node = producer(of: id), case .transpose(let transpose) = node.operation else { return nil }
    if transpose.bringsChannelsLast, isAtInput(id) { return nil }
    return (transpose, node.inputs[0])
  }

  private mutating func rewrite(
    _ index: Int, as operation: Operator, _ operands: [ValueID], then transpose: Transpose
  ) throws(Failure) -> Bool {
    // Operands that were made for this rewrite are computed by nodes at the end of the list: see `join`.
    let made = nodes.indices.filter { $0 > index && operands.contains(nodes[$0].output) }
    let late = made.map { nodes[$0] }
    for position in made.reversed() { nodes.remove(at: position) }
    nodes.insert(contentsOf: late, at: index)
    let type = try operation.outputType(for: operands.map(type(of:)), node: nodes[index + late.count].name)
    split(at: index + late.count, into: operation, operands, then: .transpose(transpose), type: type)
    return true
  }

  /// Finds one transposition that all operands of the node at `index` went through or can be thought to have gone through, and the
  /// operands before it.
  private mutating func join(_ index: Int) -> (Transpose, [ValueID])? {
    let node = nodes[index]
    var tried: Set<Transpose> = []
    for input in node.inputs {
      guard let transpose = transposition(of: input)?.transpose, tried.insert(transpose).inserted else { continue }
      let plans = node.inputs.compactMap { unmoved($0, by: transpose, joining: node) }
      guard plans.count == node.inputs.count else { continue }
      return (transpose, zip(node.inputs, plans).map { realize($1, of: $0, transpose) })
    }
    return nil
  }

  /// How an operand looks in front of a transposition.
  private enum Unmoved {
    case asItIs
    case value(ValueID)
    case constant(Tensor)
    case reshaped
    case transposedBack
  }

  private func unmoved(_ id: ValueID, by transpose: Transpose, joining node: Node) -> Unmoved? {
    let (type, inverse) = (type(of: id), transpose.inverse)
    if let constant = constant(id) {
      if constant.count == 1, case .elementwiseBinary = node.operation { return .asItIs }
      let rank = transpose.permutation.count
      guard type.rank <= rank else { return nil }
      let padded = Array(repeating: 1, count: rank - type.rank) + type.shape
      return .constant(constant.reshaped(to: padded).transposed(by: inverse.permutation))
    }
    guard type.rank == transpose.permutation.count else { return nil }
    if let producer = producer(of: id) {
      if producer.operation == .transpose(transpose) { return .value(producer.inputs[0]) }
    }
    if inverse.movesOnlyUnitAxes(of: type.shape) { return .reshaped }
    let isNeededAnyway = nodes.contains { $0.operation == .transpose(inverse) && $0.inputs[0] == id }
    guard transpose == .toChannelsFirst, isNeededAnyway || inputs.contains(id) else { return nil }
    return .transposedBack
  }

  private mutating func realize(_ plan: Unmoved, of id: ValueID, _ transpose: Transpose) -> ValueID {
    let name = self[id].name
    switch plan {
    case .asItIs: return id
    case .value(let source): return source
    case .constant(let tensor): return addConstant(name + ".moved", tensor)
    case .reshaped, .transposedBack:
      let shape = transpose.inverse.permutation.map { type(of: id).shape[$0] }
      let operation: Operator = if case .reshaped = plan { .reshape(Reshape(shape: shape)) } else { .transpose(transpose.inverse) }
      let moved = addValue(name + ".moved", TensorType(type(of: id).elementType, shape))
      nodes.append(Node(name: "\(name).\(operation.name)", operation: operation, inputs: [id], output: moved))
      return moved
    }
  }
}
