import Diagnostics

/// Maximum or average over a sliding window; ONNX MaxPool-12, AveragePool-19, GlobalAveragePool-1, GlobalMaxPool-1.
///
/// Operand `[N, H, W, C]`, result `[N, H', W', C]`. Padding never enters a maximum; an average counts it if `countsPadding`
/// (positions behind the padding, which `roundsUp` can reach, are never counted).
public struct Pooling: OperatorAttributes {
  public static let name = "Pooling"
  public enum Kind: Hashable, Sendable { case maximum, average(countsPadding: Bool) }
  public var kind: Kind
  public var window: Window2D

  public init(kind: Kind, window: Window2D) {
    self.kind = kind
    self.window = window
  }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 1, inputs[0].rank == 4 else { throw refuse(node, "takes one [N, H, W, C]") }
    let shape = inputs[0].shape
    guard let size = window.outputSize(height: shape[1], width: shape[2]) else {
      throw refuse(node, "has a window larger than its padded input \(inputs[0].description)")
    }
    return TensorType(.float32, [shape[0], size.height, size.width, shape[3]])
  }
}
