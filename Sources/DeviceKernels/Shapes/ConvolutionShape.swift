/// Everything constant of one convolution. Tensors are `[H, W, C]` int8, batch 1.
public struct ConvolutionShape: Sendable {
  public var inputHeight: Int
  public var inputWidth: Int
  public var inputChannels: Int
  public var outputHeight: Int
  public var outputWidth: Int
  public var outputChannels: Int
  /// Bytes from the outputs of one pixel to those of the next; more than `outputChannels` where several steps fill one output. The bytes
  /// between are not touched. Depthwise convolutions know no gaps.
  public var outputStride: Int
  /// 1 for a plain convolution. Depthwise convolutions (groups = channels in = channels out) have a kernel of their own.
  public var groups: Int
  public var kernelHeight: Int
  public var kernelWidth: Int
  public var strideY: Int
  public var strideX: Int
  public var dilationY: Int
  public var dilationX: Int
  /// Negative where the shape is a part that begins further inside the input (`StepPart`); the same for `padLeft`.
  public var padTop: Int
  public var padLeft: Int
  /// What padding reads: the input's zero point, since the biases have it folded in.
  public var inputZeroPoint: Int32
  public var output: OutputRange
  /// Computes output rows last to first, for an output that lies above its dying input (docs/arena.md).
  public var descending: Bool

  /// - Parameter outputStride: `outputChannels` if not given.
  @inlinable public init(
    inputHeight: Int, inputWidth: Int, inputChannels: Int, outputHeight: Int, outputWidth: Int, outputChannels: Int, groups: Int,
    kernelHeight: Int, kernelWidth: Int, strideY: Int, strideX: Int, dilationY: Int, dilationX: Int, padTop: Int, padLeft: Int,
    inputZeroPoint: Int32, output: OutputRange, descending: Bool, outputStride: Int? = nil
  ) {
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.outputHeight = outputHeight
    self.outputWidth = outputWidth
    self.outputChannels = outputChannels
    self.outputStride = outputStride ?? outputChannels
    self.groups = groups
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.dilationY = dilationY
    self.dilationX = dilationX
    self.padTop = padTop
    self.padLeft = padLeft
    self.inputZeroPoint = inputZeroPoint
    self.output = output
    self.descending = descending
  }

  /// Inputs of one output: `Kh · Kw · C / groups`.
  @inlinable public var patchDepth: Int { kernelHeight * kernelWidth * (inputChannels / groups) }
}
