import Diagnostics

/// Two layers with weights between which a factor a channel can move without changing what the network computes.
public struct EqualizablePair: Hashable, Sendable {
  /// Indices into `Graph.nodes`.
  public var producer: Int
  public var consumer: Int
}

extension Graph {
  /// Layers whose channels reach one other layer only, through nothing but functions with `f(a·x) = a·f(x)` for a > 0: no bound, a bound
  /// at 0, and pools (Nagel et al. 2021, §4.1). In order of execution.
  public var equalizablePairs: [EqualizablePair] {
    nodes.indices.compactMap { index in
      let producer = nodes[index]
      guard layerWeights(producer) != nil, let activation = activation(of: producer.operation), activation.isHomogeneous,
        let consumer = homogeneousReader(of: producer.output), layerWeights(nodes[consumer]) != nil
      else { return nil }
      return EqualizablePair(producer: index, consumer: consumer)
    }
  }

  /// The layer that reads a value, perhaps through pools, if nothing else does.
  private func homogeneousReader(of value: ValueID) -> Int? {
    guard readerCount(of: value) == 1, !isOutput(value), let reader = nodes.firstIndex(where: { $0.inputs.first == value }) else {
      return nil
    }
    switch nodes[reader].operation {
    case .convolution, .gemm: return reader
    case .pooling: return homogeneousReader(of: nodes[reader].output)
    case .batchNormalization, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding, .reshape, .transpose: return nil
    }
  }

  /// The same network with factors moved between layers: output channel c of each named layer is divided by 2^e and the layer behind it
  /// multiplies it again. Powers of two move without rounding, so float answers stay what they were.
  /// - Parameter exponents: by layer name, one an output channel.
  /// - Throws: `plan-mismatch` where a name or a count is not this graph's, `corrupt-plan` where an exponent is absurd.
  public func equalized(by exponents: [String: [Int]]) throws(Failure) -> Graph {
    guard !exponents.isEmpty else { return self }
    var result = self
    var known: Set<String> = []
    for pair in equalizablePairs {
      guard let moved = exponents[nodes[pair.producer].name] else { continue }
      known.insert(nodes[pair.producer].name)
      try result.move(moved, pair)
    }
    if let unknown = Set(exponents.keys).subtracting(known).min() {
      throw Failure(
        .planMismatch, "the plan equalizes \(unknown), which has no layer behind it to take the factors",
        hint: "make a new plan: run without --plan")
    }
    return result
  }

  private mutating func move(_ exponents: [Int], _ pair: EqualizablePair) throws(Failure) {
    let name = nodes[pair.producer].name
    guard exponents.allSatisfy({ abs($0) <= 40 }) else {
      throw Failure(.corruptPlan, "the plan's equalization of \(name) is out of range")
    }
    guard let producer = layerWeights(nodes[pair.producer]), let consumer = layerWeights(nodes[pair.consumer]),
      producer.outputs == exponents.count, consumer.inputs == exponents.count
    else {
      throw Failure(
        .planMismatch, "the plan's equalization of \(name) has \(exponents.count) channels", hint: "make a new plan: run without --plan")
    }
    let factors = exponents.map { Double(sign: .plus, exponent: $0, significand: 1) }
    let none = Array(repeating: 0.0, count: factors.count)
    setLayerWeights(producer.followed(by: ChannelAffine(scale: factors.map { 1 / $0 }, shift: none)), at: pair.producer)
    setLayerWeights(consumer.preceded(by: ChannelAffine(scale: factors, shift: none)), at: pair.consumer)
  }
}

extension LayerWeights {
  /// Input channels.
  fileprivate var inputs: Int { (shape.last ?? 0) * groups }
}

extension ActivationBounds {
  /// Whether bounding and multiplying by a positive number may change places.
  fileprivate var isHomogeneous: Bool { (minimum == 0 || minimum == -.infinity) && (maximum == 0 || maximum == .infinity) }
}
