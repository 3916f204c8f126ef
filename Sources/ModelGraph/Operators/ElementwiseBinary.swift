import Diagnostics

/// Sum, difference or product of two tensors of one shape; ONNX Add-14, Sub-14, Mul-14. The result is bounded by `activation`.
///
/// The second operand may also be a constant that broadcasts along leading axes or is a single element.
public struct ElementwiseBinary: OperatorAttributes {
  public static let name = "ElementwiseBinary"
  public enum Kind: Hashable, Sendable { case add, subtract, multiply }
  public var kind: Kind
  public var activation: ActivationBounds

  public init(kind: Kind, activation: ActivationBounds = .none) {
    self.kind = kind
    self.activation = activation
  }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 2 else { throw refuse(node, "takes two operands") }
    let (a, b) = (inputs[0].shape, inputs[1].shape)
    let isSuffix = b.count <= a.count && zip(a.suffix(b.count), b).allSatisfy { $0 == $1 || $1 == 1 }
    guard isSuffix else { throw refuse(node, "combines \(inputs[0].description) with \(inputs[1].description)") }
    return inputs[0]
  }
}
