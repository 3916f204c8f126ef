import Diagnostics

extension Pass {
  /// Lets the operator that computes a value also bound it.
  ///     Clip[0, 6](Conv(x))                becomes   Conv(x) bounded by [0, 6]; likewise Gemm, Add, Sub, Mul, and another Clip
  ///     Clip(MaxPool(Conv(x)))             becomes   MaxPool(Conv(x) bounded): the maximum of bounded values is the bounded maximum
  /// Only where nobody else reads the unbounded value. Other clips stay.
  public static let fuseActivations = Pass(
    "fuse-activations", after: [.normalizeLayout, .foldBatchNormalization, .channelAffineToDepthwise],
    because: "a bounded layer takes up no more factors and sums", run: rewrite)
}

private func rewrite(_ graph: inout Graph) throws(Failure) -> Int {
  var changes = 0
  var index = 0
  while index < graph.nodes.count {
    if graph.fuseClip(at: index) { changes += 1 } else { index += 1 }
  }
  return changes
}

extension Graph {
  fileprivate mutating func fuseClip(at index: Int) -> Bool {
    guard case .elementwiseUnary(let unary) = nodes[index].operation, case .clip(let bounds) = unary.kind else { return false }
    guard var earlier = producerIndexOfSoleOperand(nodes[index].inputs[0]) else { return false }
    // What only selects elements changes places with the clip.
    while nodes[earlier].operation.onlySelects {
      guard let next = producerIndexOfSoleOperand(nodes[earlier].inputs[0]) else { return false }
      earlier = next
    }
    guard let fused = nodes[earlier].operation.fused(with: bounds) else { return false }
    nodes[earlier].operation = fused
    guard let direct = producerIndex(of: nodes[index].inputs[0]) else { return false }
    merge(index, into: direct)
    return true
  }
}

extension Operator {
  /// Every element of the result is an element of the operand, chosen in a way that bounds do not change.
  fileprivate var onlySelects: Bool {
    switch self {
    case .pooling(let operation): operation.kind == .maximum
    case .reshape, .transpose: true
    case .convolution, .gemm, .batchNormalization, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding: false
    }
  }

  /// The operator with its result bounded; nil for those that cannot.
  fileprivate func fused(with bounds: ActivationBounds) -> Operator? {
    switch self {
    case .convolution(let operation): bounded(by: operation.activation.followed(by: bounds))
    case .gemm(let operation): bounded(by: operation.activation.followed(by: bounds))
    case .elementwiseBinary(let operation): bounded(by: operation.activation.followed(by: bounds))
    case .elementwiseUnary(let operation):
      if case .clip(let first) = operation.kind {
        .elementwiseUnary(ElementwiseUnary(kind: .clip(first.followed(by: bounds))))
      } else {
        nil
      }
    case .batchNormalization, .pooling, .softmax, .concatenation, .padding, .reshape, .transpose: nil
    }
  }
}
