/// The order in which a kernel reads weights: blocks of `channels` output channels; within a block, groups of `depth` consecutive
/// inputs; within a group, channel by channel. So weight (o, k) of a `[O, K]` matrix lies at
/// `((o / channels · groups + p / depth) · channels + o % channels) · depth + p % depth`, `groups = paddedDepth / depth`, where p is k, or
/// with runs `k / run · ceil(run / depth) · depth + k % run`. Missing channels and inputs of a block and a group are 0.
public struct WeightTile: Equatable, Sendable {
  public var channels: Int
  public var depth: Int
  /// Inputs after which a new group begins: the row of a window, for kernels that read it where it lies. 0 where only the last group is
  /// padded.
  public var run: Int

  @inlinable public init(channels: Int, depth: Int, run: Int = 0) {
    self.channels = channels
    self.depth = depth
    self.run = run
  }

  /// Plain rows: `[O, K]`.
  @inlinable public static var rows: WeightTile { WeightTile(channels: 1, depth: 1) }

  /// Inputs of one channel including the padding of groups.
  @inlinable public func paddedDepth(_ depthCount: Int) -> Int {
    run == 0 ? wholeGroups(depthCount) : depthCount / run * wholeGroups(run)
  }
  /// Output channels including the padding of the last block.
  @inlinable public func paddedChannels(_ count: Int) -> Int { (count + channels - 1) / channels * channels }

  /// A number of inputs rounded up to whole groups.
  @inlinable func wholeGroups(_ count: Int) -> Int { (count + depth - 1) / depth * depth }

  /// Where the first weight of an output channel lies. Its next group follows `channels · depth` bytes later.
  /// - Parameter depthCount: inputs of one channel, without padding.
  @inlinable public func channelOffset(_ channel: Int, depthCount: Int) -> Int {
    channel / channels * channels * paddedDepth(depthCount) + channel % channels * depth
  }

  /// Where weight (channel, input) lies.
  /// - Parameter depthCount: inputs of one channel, without padding.
  @inlinable public func offset(channel: Int, input: Int, depthCount: Int) -> Int {
    let position = run == 0 ? input : input / run * wholeGroups(run) + input % run
    return channelOffset(channel, depthCount: depthCount) + position / depth * channels * depth + position % depth
  }

  /// Bytes of a depthwise convolution's weights. Tiles of depth 1 are one row of channels a tap, `[Kh · Kw][C]`. Deeper ones hold `depth`
  /// rows of taps side by side, in blocks of channels: `[rows of taps / depth][Kw][channels][depth]`.
  @inlinable public func depthwiseBytes(channels count: Int, kernelHeight: Int, kernelWidth: Int) -> Int {
    depth == 1 ? kernelHeight * kernelWidth * count : paddedChannels(count) * wholeGroups(kernelHeight) * kernelWidth
  }

  /// Where the weight of one tap and channel of a depthwise convolution lies.
  @inlinable public func depthwiseOffset(
    channel: Int, tapRow: Int, tapColumn: Int, channels count: Int, kernelHeight: Int, kernelWidth: Int
  ) -> Int {
    if depth == 1 { return (tapRow * kernelWidth + tapColumn) * count + channel }
    let input = (tapRow / depth * kernelWidth + tapColumn) * depth + tapRow % depth
    return offset(channel: channel, input: input, depthCount: wholeGroups(kernelHeight) * kernelWidth)
  }
}
