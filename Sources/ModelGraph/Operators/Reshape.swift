import Diagnostics

/// The same elements in the same order under another shape; ONNX Reshape, Flatten, Squeeze, Unsqueeze.
public struct Reshape: OperatorAttributes {
  public static let name = "Reshape"
  /// The new shape for batch 1: axis 0 is the batch, so `shape[0]` is 1 and executors replace it.
  public var shape: [Int]

  public init(shape: [Int]) { self.shape = shape }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 1, shape.first == 1, let batch = inputs[0].shape.first else {
      throw refuse(node, "must keep the batch as its first axis")
    }
    let result = TensorType(inputs[0].elementType, [batch] + shape.dropFirst())
    guard CheckedInt.elements(of: result.shape).value == inputs[0].count else {
      throw refuse(node, "reshapes \(inputs[0].description) to \(shape)")
    }
    return result
  }
}
