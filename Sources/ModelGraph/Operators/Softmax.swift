import Diagnostics

/// Softmax over the last axis; ONNX Softmax-13.
public struct Softmax: OperatorAttributes {
  public static let name = "Softmax"

  public init() {}

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 1, inputs[0].rank >= 1 else { throw refuse(node, "takes one operand") }
    return inputs[0]
  }
}
