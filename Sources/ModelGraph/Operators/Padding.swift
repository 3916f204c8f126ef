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
    let sizes = inputs[0].shape.indices.compactMap {
      (CheckedInt(before[$0]) + CheckedInt(inputs[0].shape[$0]) + CheckedInt(after[$0])).value
    }
    guard sizes.count == inputs[0].rank else { throw refuse(node, "pads \(inputs[0].description) too far") }
    return TensorType(inputs[0].elementType, sizes)
  }
}
