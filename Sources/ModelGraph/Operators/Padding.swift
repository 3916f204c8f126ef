import Diagnostics

/// Surrounds a tensor with a constant; ONNX Pad-13, mode `constant`.
public struct Padding: OperatorAttributes {
  public static let name = "Pad"
  /// Elements before and after, one pair an axis; none negative.
  public var before: [Int]
  public var after: [Int]
  public var value: Float

  public init(before: [Int], after: [Int], value: Float) {
    self.before = before
    self.after = after
    self.value = value
  }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 1, before.count == inputs[0].rank, after.count == inputs[0].rank, (before + after).allSatisfy({ $0 >= 0 }) else {
      throw refuse(node, "pads \(inputs.first?.description ?? "nothing") by \(before) and \(after)")
    }
    return TensorType(inputs[0].elementType, inputs[0].shape.indices.map { before[$0] + inputs[0].shape[$0] + after[$0] })
  }
}
