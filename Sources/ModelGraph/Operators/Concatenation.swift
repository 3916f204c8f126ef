import Diagnostics

/// Joins tensors along one axis (not the batch); ONNX Concat-13.
public struct Concatenation: OperatorAttributes {
  public static let name = "Concat"
  /// Counted from 0, outermost first.
  public var axis: Int

  public init(axis: Int) { self.axis = axis }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard let first = inputs.first, first.shape.indices.contains(axis) else {
      throw refuse(node, "joins along axis \(axis), which its operands lack")
    }
    var shape = first.shape
    for input in inputs.dropFirst() {
      guard input.rank == first.rank, first.shape.indices.allSatisfy({ $0 == axis || input.shape[$0] == first.shape[$0] }) else {
        throw refuse(node, "joins \(first.description) and \(input.description) along axis \(axis)")
      }
      guard let size = (CheckedInt(shape[axis]) + CheckedInt(input.shape[axis])).value else { throw refuse(node, "joins too much") }
      shape[axis] = size
    }
    return TensorType(first.elementType, shape)
  }
}
