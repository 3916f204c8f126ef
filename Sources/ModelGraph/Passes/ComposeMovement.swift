import Diagnostics

extension Pass {
  /// Replaces a chain of transpositions and reshapes by the shortest one that does the same.
  ///     toChannelsLast(toChannelsFirst(x))                          becomes   x
  ///     Reshape[1, 64](Reshape[1, 64, 1](x))                        becomes   Reshape[1, 64](x)
  ///     toChannelsFirst(x: [1, 1, 1, 64])                           becomes   Reshape[1, 64, 1, 1](x)
  ///     toChannelsLast(Reshape[1, C, 1, W](Transpose(x: [1, W, C])) becomes   Reshape[1, 1, W, C](x)
  /// Found by following axes and their strides through the chain (`StridedView`), so it is right for any shapes. No chain grows.
  public static let composeMovement = Pass(
    "compose-movement", after: [.normalizeLayout],
    because: "a transposition of axes of size 1 still tells which axis holds the channels, which a reshape does not", run: compose)

  /// The same, but a chain with transpositions does not become a reshape where that only works because axes have size 1.
  ///     toChannelsLast(toChannelsFirst(x))   becomes   x, while   toChannelsFirst(x: [1, 1, 1, 64])   stays
  public static let cancelMovement = Pass("cancel-movement", run: cancel)
}

private func compose(_ graph: inout Graph) throws(Failure) -> Int { try graph.shortenMovements(intoReshapes: true) }
private func cancel(_ graph: inout Graph) throws(Failure) -> Int { try graph.shortenMovements(intoReshapes: false) }

extension Graph {
  fileprivate mutating func shortenMovements(intoReshapes: Bool) throws(Failure) -> Int {
    var changes = 0
    var index = 0
    while index < nodes.count {
      if nodes[index].operation.isMovement, let movement = movement(endingIn: nodes[index].output) {
        let before = nodes.count
        if try shorten(index, movement, intoReshapes) { changes += 1 }
        index += nodes.count - before
      }
      index += 1
    }
    dropUnusedNodes()
    return changes
  }

  /// Lets the node at `index`, which ends a movement, compute it in fewer steps.
  private mutating func shorten(_ index: Int, _ movement: Movement, _ intoReshapes: Bool) throws(Failure) -> Bool {
    let node = nodes[index]
    let sourceType = type(of: movement.source)
    let shape = movement.view.shape
    if movement.view.keepsOrder, shape == sourceType.shape, bypass(index, by: movement.source) { return true }
    if movement.view.keepsOrder, movement.transposes, !intoReshapes { return false }
    guard let steps = shortestSteps(sourceType.shape, movement) else { return false }
    if steps == [node.operation], node.inputs[0] == movement.source { return false }
    guard steps.count < movement.length || (movement.length == 1 && steps != [node.operation]) else { return false }
    var operand = movement.source
    var position = index
    for step in steps.dropLast() {
      let type = try step.outputType(for: [type(of: operand)], node: node.name)
      let between = addValue(self[node.output].name + ".between", type)
      nodes.insert(Node(name: node.name + ".first", operation: step, inputs: [operand], output: between), at: position)
      operand = between
      position += 1
    }
    nodes[position].operation = steps[steps.count - 1]
    nodes[position].inputs = [operand]
    return true
  }

  /// One operator or two that do what the movement does; nil if more are needed.
  private func shortestSteps(_ source: [Int], _ movement: Movement) -> [Operator]? {
    let (axes, shape) = (movement.view.axes, movement.view.shape)
    if movement.view.keepsOrder { return [.reshape(Reshape(shape: shape))] }
    let start = StridedView(of: source)
    for permutation in permutationsKeepingBatch(rank: source.count) {
      guard let moved = start.transposed(by: permutation), moved.axes == axes else { continue }
      let transpose = Operator.transpose(Transpose(permutation: permutation))
      return moved.shape == shape ? [transpose] : [transpose, .reshape(Reshape(shape: shape))]
    }
    for permutation in permutationsKeepingBatch(rank: shape.count) {
      let transpose = Transpose(permutation: permutation)
      let between = transpose.inverse.permutation.map { shape[$0] }
      guard start.reshaped(to: between).transposed(by: permutation)?.axes == axes else { continue }
      return [.reshape(Reshape(shape: between)), .transpose(transpose)]
    }
    return nil
  }

  /// Lets readers of the node's result read `source`, which is equal, and removes the node. An output of the graph keeps its name:
  /// then the producer of `source` computes it.
  private mutating func bypass(_ index: Int, by source: ValueID) -> Bool {
    nodes[index].operation = .reshape(Reshape(shape: type(of: source).shape))
    nodes[index].inputs = [source]
    return bypass(index)
  }
}

/// All orders of `rank` axes that leave axis 0 first: the usual ones of images, then all in lexicographic order. With axes of size 1
/// several do the same, and the usual ones meet their inverses. None for more axes than can be tried.
private func permutationsKeepingBatch(rank: Int) -> [[Int]] {
  guard rank <= 7 else { return [] }
  let usual = [Transpose.toChannelsFirst, .toChannelsLast].map(\.permutation).filter { $0.count == rank }
  var partial: [[Int]] = [[0]]
  for _ in 1..<max(1, rank) {
    partial = partial.flatMap { start in (1..<rank).filter { !start.contains($0) }.map { start + [$0] } }
  }
  return usual + partial
}
