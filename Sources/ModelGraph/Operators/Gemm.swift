import Diagnostics

/// A dense layer: `y = x · Wᵀ + b`; ONNX Gemm-13 with `transB` and MatMul-13 with constant weights.
///
/// Operands: input `[N, …, K]`, weights `[O, K]`, bias `[O]` (optional). Result `[N, …, O]`, bounded by `activation`.
public struct Gemm: OperatorAttributes {
  public static let name = "Gemm"
  public var activation: ActivationBounds

  public init(activation: ActivationBounds = .none) { self.activation = activation }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 2 || inputs.count == 3 else { throw refuse(node, "takes input, weights and an optional bias") }
    let (input, weights) = (inputs[0], inputs[1])
    guard input.rank >= 2, weights.rank == 2, input.shape.last == weights.shape[1] else {
      throw refuse(node, "takes [N, K] and [O, K], got \(input.description) and \(weights.description)")
    }
    if inputs.count == 3, inputs[2].shape != [weights.shape[0]] {
      throw refuse(node, "has a bias \(inputs[2].description) for \(weights.shape[0]) outputs")
    }
    return TensorType(.float32, input.shape.dropLast() + [weights.shape[0]])
  }

  public func multiplyAccumulates(inputs: [TensorType], output: TensorType) -> Int { output.count * inputs[1].shape[1] }
}
