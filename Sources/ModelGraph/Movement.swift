/// What a chain of transpositions and reshapes does: it only moves elements.
struct Movement {
  /// Where the chain starts.
  var source: ValueID
  /// How many nodes it has.
  var length: Int
  /// Some of them are transpositions.
  var transposes: Bool
  /// What the result is of the source.
  var view: StridedView
}

extension Graph {
  /// The longest chain of transpositions and reshapes that ends in `id` and that strides can describe; nil if none does. Constants start
  /// no chain.
  func movement(endingIn id: ValueID) -> Movement? {
    var chain: [Node] = []
    var source = id
    while let node = producer(of: source), node.operation.isMovement {
      chain.append(node)
      source = node.inputs[0]
    }
    guard !chain.isEmpty, constant(source) == nil else { return nil }
    var movement = Movement(source: source, length: 0, transposes: false, view: StridedView(of: type(of: source).shape))
    for node in chain.reversed() {
      // Behind a reshape that cuts across transposed axes, a new chain begins.
      if !movement.append(node.operation, shape: type(of: node.output).shape) {
        let start = node.inputs[0]
        movement = Movement(source: start, length: 0, transposes: false, view: StridedView(of: type(of: start).shape))
        _ = movement.append(node.operation, shape: type(of: node.output).shape)
      }
    }
    return movement
  }

  /// True for a graph input and what transpositions and reshapes make of it. Movement there costs nothing: the packed program folds it
  /// into reading its input. So it stays, and movement behind element-wise operators is brought there.
  func isAtInput(_ id: ValueID) -> Bool {
    var source = id
    while !inputs.contains(source) {
      guard let node = producer(of: source), node.operation.isMovement else { return false }
      source = node.inputs[0]
    }
    return true
  }
}

extension Graph {
  /// True for a graph input and what reshapes alone make of it.
  func isReshapedInput(_ id: ValueID) -> Bool {
    var source = id
    while !inputs.contains(source) {
      guard let node = producer(of: source), case .reshape = node.operation else { return false }
      source = node.inputs[0]
    }
    return true
  }
}

extension Movement {
  /// Goes one operator further; false, and nothing changes, if no strides can describe that.
  fileprivate mutating func append(_ operation: Operator, shape: [Int]) -> Bool {
    if case .transpose(let transpose) = operation {
      guard let next = view.transposed(by: transpose.permutation) else { return false }
      view = next
      transposes = true
    } else {
      view = view.reshaped(to: shape)
    }
    length += 1
    return true
  }
}

extension Operator {
  /// Moves elements, computes nothing.
  var isMovement: Bool {
    switch self {
    case .reshape, .transpose: true
    case .convolution, .gemm, .batchNormalization, .pooling: false
    case .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding: false
    }
  }
}

extension Transpose {
  /// The permutation that undoes this one.
  var inverse: Transpose {
    var result = permutation
    for (axis, source) in permutation.enumerated() { result[source] = axis }
    return Transpose(permutation: result)
  }

  /// Brings axis 1 to the end and keeps the others in order, as `toChannelsLast` does for any rank.
  var bringsChannelsLast: Bool {
    permutation.count > 2 && permutation == [0] + Array(2..<permutation.count) + [1]
  }

  /// For a tensor of this shape only axes of size 1 change places, so that no element moves.
  func movesOnlyUnitAxes(of shape: [Int]) -> Bool {
    let moved = permutation.filter { shape[$0] != 1 }
    return moved == moved.sorted()
  }
}

/// Shapes between which a broadcasting constant can be carried over.
/// - Returns: `constant`, which broadcasts to `old`, so that it broadcasts to `new` in the same way; nil if it cannot.
func carry(_ constant: Tensor, from old: [Int], to new: [Int]) -> Tensor? {
  if constant.count == 1 { return constant.reshaped(to: [1]) }
  if constant.count == old.reduce(1, *) { return constant.reshaped(to: new) }
  guard constant.shape.count <= old.count, old.filter({ $0 != 1 }) == new.filter({ $0 != 1 }) else { return nil }
  let padded = Array(repeating: 1, count: old.count - constant.shape.count) + constant.shape
  var kept = old.indices.filter { old[$0] != 1 }.map { padded[$0] }[...]
  return constant.reshaped(to: new.map { $0 == 1 ? 1 : kept.popFirst() ?? 1 })
}
