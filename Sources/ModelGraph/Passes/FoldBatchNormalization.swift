import Diagnostics

extension Pass {
  /// Folds inference-time batch normalization into the convolution or dense layer before it.
  ///     Conv(x, w, b) → BatchNorm(γ, β, μ, σ²)   becomes   Conv(x, w·γ/√(σ²+ε), (b−μ)·γ/√(σ²+ε)+β)
  /// Leaves the pair alone when the layer's result has another reader or is bounded already.
  public static let foldBatchNormalization = Pass(
    "fold-batch-normalization", after: [.normalizeLayout],
    because: "only in channels-last layout the normalization stands directly behind its convolution", run: foldNormalizations)

  /// Folds sums and products with one constant a channel into the layer before them.
  ///     Gemm(x, w) → Add(c) → Mul(d)   becomes   Gemm(x, w·d, c·d)
  public static let foldChannelConstants = Pass(
    "fold-channel-constants", after: [.normalizeLayout], because: "constants must lie along the last axis", run: foldSumsAndProducts)
}

private func foldNormalizations(_ graph: inout Graph) throws(Failure) -> Int {
  graph.foldBackwards { if case .batchNormalization = $0 { true } else { false } }
}

private func foldSumsAndProducts(_ graph: inout Graph) throws(Failure) -> Int {
  graph.foldBackwards { if case .elementwiseBinary = $0 { true } else { false } }
}

extension Graph {
  /// Folds operators on channels that `matches` accepts into the layers before them, in order, so that a row of them folds too.
  fileprivate mutating func foldBackwards(where matches: (Operator) -> Bool) -> Int {
    var changes = 0
    var index = 0
    while index < nodes.count {
      defer { index += 1 }
      guard matches(nodes[index].operation), let (affine, operand) = channelAffine(nodes[index]),
        let earlier = producerIndexOfSoleOperand(operand), activation(of: nodes[earlier].operation) == ActivationBounds.none,
        let weights = layerWeights(nodes[earlier])
      else { continue }
      setLayerWeights(weights.followed(by: affine), at: earlier)
      nodes[earlier].operation = nodes[earlier].operation.bounded(by: affine.activation)
      merge(index, into: earlier)
      index -= 1
      changes += 1
    }
    return changes
  }
}
