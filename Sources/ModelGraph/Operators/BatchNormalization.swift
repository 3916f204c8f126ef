import Diagnostics

/// Inference-time batch normalization over the last axis; ONNX BatchNormalization-15.
///
/// Operands: input `[N, …, C]`, then scale γ, bias β, mean μ, variance σ², each `[C]`. `y = γ·(x − μ)/√(σ² + ε) + β`.
public struct BatchNormalization: OperatorAttributes {
  public static let name = "BatchNormalization"
  public var epsilon: Float

  public init(epsilon: Float) { self.epsilon = epsilon }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 5, let channels = inputs[0].shape.last, inputs[0].rank >= 2 else {
      throw refuse(node, "takes an input and four vectors")
    }
    for parameter in inputs.dropFirst() where parameter.shape != [channels] {
      throw refuse(node, "has a parameter \(parameter.description) for \(channels) channels")
    }
    return inputs[0]
  }

  public func multiplyAccumulates(inputs: [TensorType], output: TensorType) -> Int { output.count }
}
