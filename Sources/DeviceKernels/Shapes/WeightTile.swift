/// The order in which a kernel reads weights: blocks of `channels` output channels; within a block, groups of `depth` consecutive
/// inputs; within a group, channel by channel. So weight (o, k) of a `[O, K]` matrix lies at
/// `((o / channels · groups + k / depth) · channels + o % channels) · depth + k % depth`, `groups = ceil(K / depth)`.
/// Missing channels and inputs of the last block and group are 0.
public struct WeightTile: Equatable, Sendable {
  public var channels: Int
  public var depth: Int

  @inlinable public init(channels: Int, depth: Int) {
    self.channels = channels
    self.depth = depth
  }

  /// Plain rows: `[O, K]`.
  @inlinable public static var rows: WeightTile { WeightTile(channels: 1, depth: 1) }

  /// Inputs of one channel including the padding of the last group.
  @inlinable public func paddedDepth(_ depthCount: Int) -> Int { (depthCount + depth - 1) / depth * depth }
  /// Output channels including the padding of the last block.
  @inlinable public func paddedChannels(_ count: Int) -> Int { (count + channels - 1) / channels * channels }

  /// Where the first weight of an output channel lies. Its next group follows `channels · depth` bytes later.
  /// - Parameter depthCount: inputs of one channel, without padding.
  @inlinable public func channelOffset(_ channel: Int, depthCount: Int) -> Int {
    channel / channels * channels * paddedDepth(depthCount) + channel % channels * depth
  }

  /// Where weight (channel, input) lies.
  /// - Parameter depthCount: inputs of one channel, without padding.
  @inlinable public func offset(channel: Int, input: Int, depthCount: Int) -> Int {
    channelOffset(channel, depthCount: depthCount) + input / depth * channels * depth + input % depth
  }
}
