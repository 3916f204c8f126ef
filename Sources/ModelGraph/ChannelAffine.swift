/// An operator that multiplies each channel (the last axis) by one number and adds another: batch normalization, and sums and products
/// with a constant a channel. In double precision, so that folding rounds each weight once.
struct ChannelAffine {
  var scale: [Double]
  var shift: [Double]
  /// Applied last: the bounds of the operator that this one describes.
  var activation: ActivationBounds = .none

  var isShifting: Bool { shift.contains { $0 != 0 } }
}

extension Graph {
  /// The node as such an operator, and the operand that is not constant; nil if it is none.
  func channelAffine(_ node: Node) -> (affine: ChannelAffine, operand: ValueID)? {
    switch node.operation {
    case .batchNormalization(let operation):
      let parameters = node.inputs.dropFirst().compactMap { constant($0)?.floats }
      guard parameters.count == 4 else { return nil }
      let (gamma, beta, mean, variance) = (parameters[0], parameters[1], parameters[2], parameters[3])
      let scale = gamma.indices.map { Double(gamma[$0]) / (Double(variance[$0]) + Double(operation.epsilon)).squareRoot() }
      let shift = gamma.indices.map { Double(beta[$0]) - Double(mean[$0]) * scale[$0] }
      return (ChannelAffine(scale: scale, shift: shift), node.inputs[0])
    case .elementwiseBinary(let operation): return channelAffine(operation, node)
    case .convolution, .gemm, .pooling, .elementwiseUnary, .softmax, .concatenation, .padding, .reshape, .transpose: return nil
    }
  }

  private func channelAffine(_ operation: ElementwiseBinary, _ node: Node) -> (affine: ChannelAffine, operand: ValueID)? {
    let type = type(of: node.output)
    guard type.rank >= 2, let channels = type.shape.last else { return nil }
    let constantIsFirst = constant(node.inputs[0]) != nil
    let (constantID, operand) = constantIsFirst ? (node.inputs[0], node.inputs[1]) : (node.inputs[1], node.inputs[0])
    // A constant that differs between positions is no operator on channels; a smaller variable operand would be spread.
    guard constant(operand) == nil, self.type(of: operand).shape == type.shape, let constant = constant(constantID),
      constant.shape.dropLast().allSatisfy({ $0 == 1 }), let values = constant.spread(over: channels)
    else { return nil }
    let (ones, zeros) = (Array(repeating: 1.0, count: channels), Array(repeating: 0.0, count: channels))
    let affine =
      switch operation.kind {
      case .add: ChannelAffine(scale: ones, shift: values, activation: operation.activation)
      case .multiply: ChannelAffine(scale: values, shift: zeros, activation: operation.activation)
      case .subtract where constantIsFirst: ChannelAffine(scale: ones.map { -$0 }, shift: values, activation: operation.activation)
      case .subtract: ChannelAffine(scale: ones, shift: values.map { -$0 }, activation: operation.activation)
      }
    return (affine, operand)
  }
}

extension Tensor {
  /// The values along the last axis, all other axes being 1, as one number a channel.
  fileprivate func spread(over channels: Int) -> [Double]? {
    guard let values = floats else { return nil }
    if values.count == channels { return values.map(Double.init) }
    return values.count == 1 ? Array(repeating: Double(values[0]), count: channels) : nil
  }
}

/// The constant weights and bias of a convolution or dense layer, for folding. Weights are row-major with the output channel first.
struct LayerWeights {
  var shape: [Int]
  var weights: [Float]
  /// Zeros if the layer has none.
  var bias: [Double]
  /// Convolution groups; 1 for a dense layer.
  var groups: Int

  var outputs: Int { shape[0] }
  /// Weights of one output channel.
  var reach: Int { weights.count / max(1, outputs) }

  /// The layer followed by `affine`: `scale·(W·x + b) + shift`.
  func followed(by affine: ChannelAffine) -> LayerWeights {
    var result = self
    for output in 0..<outputs {
      for index in output * reach..<(output + 1) * reach { result.weights[index] = Float(Double(weights[index]) * affine.scale[output]) }
      result.bias[output] = bias[output] * affine.scale[output] + affine.shift[output]
    }
    return result
  }

  /// The layer after `affine`: `W·(scale·x + shift) + b`. Right only if every window lies inside the input or nothing is shifted.
  func preceded(by affine: ChannelAffine) -> LayerWeights {
    var result = self
    let depth = shape[shape.count - 1]
    for output in 0..<outputs {
      let firstChannel = output / (outputs / groups) * depth
      for index in output * reach..<(output + 1) * reach {
        let channel = firstChannel + index % depth
        result.weights[index] = Float(Double(weights[index]) * affine.scale[channel])
        result.bias[output] += Double(weights[index]) * affine.shift[channel]
      }
    }
    return result
  }
}

extension Graph {
  /// The weights of the node if it is a convolution or dense layer with constant ones.
  func layerWeights(_ node: Node) -> LayerWeights? {
    let groups: Int
    switch node.operation {
    case .convolution(let operation): groups = operation.groups
    case .gemm: groups = 1
    case .batchNormalization, .pooling, .elementwiseUnary, .elementwiseBinary, .softmax, .concatenation, .padding, .reshape, .transpose:
      return nil
    }
    guard let weights = constant(node.inputs[1]), let values = weights.floats else { return nil }
    guard node.inputs.count == 3 else {
      return LayerWeights(shape: weights.shape, weights: values, bias: Array(repeating: 0, count: weights.shape[0]), groups: groups)
    }
    guard let bias = constant(node.inputs[2])?.floats else { return nil }
    return LayerWeights(shape: weights.shape, weights: values, bias: bias.map(Double.init), groups: groups)
  }

  /// Gives the layer at `index` new weights and a bias. The old constants may have other readers and stay.
  mutating func setLayerWeights(_ new: LayerWeights, at index: Int) {
    let node = nodes[index]
    let weights = addConstant(self[node.inputs[1]].name, Tensor(new.shape, new.weights))
    let name = node.inputs.count == 3 ? self[node.inputs[2]].name : node.name + ".bias"
    let bias = addConstant(name, Tensor([new.outputs], new.bias.map(Float.init)))
    nodes[index].inputs = [node.inputs[0], weights, bias]
  }

  /// The bounds that a layer applies to its result, for the operators that have them.
  func activation(of operation: Operator) -> ActivationBounds? {
    switch operation {
    case .convolution(let operation): operation.activation
    case .gemm(let operation): operation.activation
    case .elementwiseBinary(let operation): operation.activation
    case .batchNormalization, .pooling, .elementwiseUnary, .softmax, .concatenation, .padding, .reshape, .transpose: nil
    }
  }
}

extension Operator {
  /// The same operator with other bounds; operators without bounds stay as they are.
  func bounded(by activation: ActivationBounds) -> Operator {
    switch self {
    case .convolution(var operation):
      operation.activation = activation
      return .convolution(operation)
    case .gemm(var operation):
      operation.activation = activation
      return .gemm(operation)
    case .elementwiseBinary(var operation):
      operation.activation = activation
      return .elementwiseBinary(operation)
    case .batchNormalization, .pooling, .elementwiseUnary, .softmax, .concatenation, .padding, .reshape, .transpose: return self
    }
  }
}

extension ActivationBounds {
  /// These bounds, then `next`: one pair of bounds does both.
  public func followed(by next: ActivationBounds) -> ActivationBounds {
    ActivationBounds(minimum: next.apply(minimum), maximum: next.apply(maximum))
  }
}
