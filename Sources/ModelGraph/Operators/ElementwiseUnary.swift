import Diagnostics

/// A function of one number, applied to each element; ONNX Relu, Clip, LeakyRelu, Sigmoid, Tanh, HardSigmoid, HardSwish.
public struct ElementwiseUnary: OperatorAttributes {
  public static let name = "ElementwiseUnary"
  public enum Kind: Hashable, Sendable {
    /// Bounds: Relu and Clip.
    case clip(ActivationBounds)
    case leakyRelu(slope: Float)
    case sigmoid
    case hyperbolicTangent
    case hardSigmoid(slope: Float, offset: Float)
    case hardSwish
  }
  public var kind: Kind

  public init(kind: Kind) { self.kind = kind }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 1 else { throw refuse(node, "takes one operand") }
    return inputs[0]
  }
}
