import Diagnostics

/// Two-dimensional convolution, grouped and dilated; ONNX Conv-11.
///
/// Operands: input `[N, H, W, C]`, weights `[O, Kh, Kw, C / groups]`, bias `[O]` (optional).
/// Result `[N, H', W', O]`, bounded by `activation`.
/// One-dimensional convolutions are two-dimensional ones of height 1.
public struct Convolution: OperatorAttributes {
  public static let name = "Conv"
  public var window: Window2D
  public var groups: Int
  public var activation: ActivationBounds

  public init(window: Window2D, groups: Int = 1, activation: ActivationBounds = .none) {
    self.window = window
    self.groups = groups
    self.activation = activation
  }

  public func outputType(for inputs: [TensorType], node: String) throws(Failure) -> TensorType {
    guard inputs.count == 2 || inputs.count == 3 else { throw refuse(node, "takes input, weights and an optional bias") }
    let (input, weights) = (inputs[0], inputs[1])
    guard input.rank == 4, weights.rank == 4 else {
      throw refuse(node, "takes [N, H, W, C] and [O, Kh, Kw, C], got \(input.description) and \(weights.description)")
    }
    guard groups > 0, input.shape[3] % groups == 0, weights.shape[0] % groups == 0, weights.shape[3] == input.shape[3] / groups else {
      throw refuse(node, "has weights \(weights.description) for \(input.shape[3]) channels in \(groups) groups")
    }
    guard weights.shape[1] == window.kernelHeight, weights.shape[2] == window.kernelWidth else {
      throw refuse(node, "has weights \(weights.description) for a \(window.kernelHeight)x\(window.kernelWidth) window")
    }
    if inputs.count == 3, inputs[2].shape != [weights.shape[0]] {
      throw refuse(node, "has a bias \(inputs[2].description) for \(weights.shape[0]) channels")
    }
    guard let size = window.outputSize(height: input.shape[1], width: input.shape[2]) else {
      throw refuse(node, "has a window larger than its padded input \(input.description)")
    }
    return TensorType(.float32, [input.shape[0], size.height, size.width, weights.shape[0]])
  }

  public func multiplyAccumulates(inputs: [TensorType], output: TensorType) -> Int {
    output.count * inputs[1].count / max(1, inputs[1].shape[0])
  }
}
