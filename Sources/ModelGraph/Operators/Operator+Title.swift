extension Operator {
  /// What reports and messages call it: the ONNX operator that it is, or that it stands for.
  public var title: String {
    switch self {
    case .elementwiseUnary(let operation): operation.kind.title
    case .elementwiseBinary(let operation): operation.kind.title
    case .pooling(let operation): operation.kind.title
    case .convolution, .gemm, .batchNormalization, .softmax, .concatenation, .padding, .reshape, .transpose: name
    }
  }
}

extension ElementwiseUnary.Kind {
  fileprivate var title: String {
    switch self {
    case .clip(let bounds): bounds == .relu ? "Relu" : "Clip"
    case .leakyRelu: "LeakyRelu"
    case .sigmoid: "Sigmoid"
    case .hyperbolicTangent: "Tanh"
    case .hardSigmoid: "HardSigmoid"
    case .hardSwish: "HardSwish"
    }
  }
}

extension ElementwiseBinary.Kind {
  fileprivate var title: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    }
  }
}

extension Pooling.Kind {
  fileprivate var title: String {
    switch self {
    case .maximum: "MaxPool"
    case .average: "AveragePool"
    }
  }
}
