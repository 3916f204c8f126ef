import Diagnostics

/// Reorders axes; ONNX Transpose-13. `result.shape[i] = input.shape[permutation[i]]`. The batch stays first.
public struct Transpose: OperatorAttributes {
  public static let name = "Transpose"
  public var permutation: [Int]

  public init(permutation: [Int]) { self.permutation = permutation }

  /// Channels-first to channels-last for images, and back.
  public static let toChannelsLast = Transpose(permutation: [0, 2, 3, 1])
  public static let toChannelsFirst = Transpose(permutation: [0, 3, 1, 2])

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 1, permutation.sorted() == Array(0..<inputs[0].rank), permutation.first == 0 else {
      throw refuse(node, "reorders \(inputs.first?.description ?? "nothing") by \(permutation), which must keep the batch first")
    }
    return TensorType(inputs[0].elementType, permutation.map { inputs[0].shape[$0] })
  }
}
