import Diagnostics

/// A sliding window over the two spatial axes of `[N, H, W, C]`, shared by convolution and pooling.
public struct Window2D: Hashable, Sendable, Codable {
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  public var padTop: Int
  public var padLeft: Int
  public var padBottom: Int
  public var padRight: Int
  /// Rounds the output size up, so that the last window may hang over the padded edge (pooling only; ONNX `ceil_mode`).
  public var roundsUp: Bool

  public init(
    kernel: (Int, Int), stride: (Int, Int) = (1, 1), dilation: (Int, Int) = (1, 1),
    pads: (top: Int, left: Int, bottom: Int, right: Int) = (0, 0, 0, 0), roundsUp: Bool = false
  ) {
    (kernelHeight, kernelWidth) = kernel
    (strideY, strideX) = stride
    (dilationY, dilationX) = dilation
    (padTop, padLeft, padBottom, padRight) = pads
    self.roundsUp = roundsUp
  }

  public var isPadded: Bool { padTop != 0 || padLeft != 0 || padBottom != 0 || padRight != 0 }

  /// `H' = (H + top + bottom − ((Kh − 1)·dilation + 1)) / stride + 1`; nil if the window does not fit once.
  public func outputSize(height: Int, width: Int) -> (height: Int, width: Int)? {
    guard
      let outputHeight = size(height, padTop, padBottom, kernelHeight, strideY, dilationY),
      let outputWidth = size(width, padLeft, padRight, kernelWidth, strideX, dilationX)
    else { return nil }
    return (outputHeight, outputWidth)
  }

  private func size(_ length: Int, _ before: Int, _ after: Int, _ kernel: Int, _ stride: Int, _ dilation: Int) -> Int? {
    let padded = CheckedInt(length) + CheckedInt(before) + CheckedInt(after)
    let reach = CheckedInt(kernel - 1) * CheckedInt(dilation) + 1
    guard stride > 0, dilation > 0, kernel > 0, let room = (padded - reach).within(0...Int.max - 1) else { return nil }
    guard roundsUp else { return room / stride + 1 }
    let fitting = room / stride + (room % stride == 0 ? 0 : 1) + 1
    // A window that would start behind the input and its leading padding is dropped (ONNX AveragePool-19, MaxPool-12).
    guard let start = (CheckedInt(fitting - 1) * CheckedInt(stride)).value else { return nil }
    return start >= length + before ? fitting - 1 : fitting
  }
}
