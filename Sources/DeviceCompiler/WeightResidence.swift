import DeviceFormats

/// Which weights are in memory while a program runs that may not hold them all (docs/memory.md): the first ones stay once they are read,
/// the others pass through a window that slides along with the steps.
public struct WeightResidence: Sendable, Hashable {
  /// Segments that are never given back, from the first one on.
  public var pinnedSegments: Int
  /// What the segments behind them may take together, in bytes; 0: nothing is ever given back.
  public var windowBytes: Int
  /// Most that is in memory at once, in bytes, header and table included.
  public var bytes: Int

  /// Pages that the kernel maps around a fault beyond the segment asked for, in bytes.
  private static let faultAround = 65_536
  /// Read ahead at a time where a layer is divided anyway: enough for storage to stay busy.
  private static let streamedBlock = 1_048_576

  /// - Parameter limit: what the file may take of memory, in bytes; nil: all of it. A window is never smaller than the largest weight
  ///   block with its segments, so `bytes` may exceed the limit.
  public init(_ layout: PackedWeightsLayout, limit: Int?) {
    let runs = layout.runs
    let all = layout.headBytes + runs.reduce(0) { $0 + $1.bytes }
    guard let limit, all > limit else {
      self.init(pinnedSegments: 0, windowBytes: 0, bytes: all)
      return
    }
    let room = limit - layout.headBytes - Self.faultAround
    let largest = runs.map(\.bytes).max() ?? 0
    // One block in use and the next one on its way.
    let pair = zip(runs, runs.dropFirst()).map { $0.bytes + $1.bytes }.max() ?? largest
    let window = pair <= room ? pair : max(room, largest)
    var pinned: (segments: Int, bytes: Int) = (0, 0)
    for run in runs {
      guard pinned.bytes + run.bytes + window <= room else { break }
      pinned = (run.segments.upperBound, pinned.bytes + run.bytes)
    }
    self.init(
      pinnedSegments: pinned.segments, windowBytes: window,
      bytes: min(all, layout.headBytes + Self.faultAround + pinned.bytes + window))
  }

  private init(pinnedSegments: Int, windowBytes: Int, bytes: Int) {
    self.pinnedSegments = pinnedSegments
    self.windowBytes = windowBytes
    self.bytes = bytes
  }

  /// The largest weight block that need not be divided, so that the next one is read while it is in use. In bytes.
  static func largestBlock(_ limit: Int) -> Int { max(limit / 2 - 2 * faultAround, limit / 4) }

  /// What the steps of a divided layer read, in bytes.
  static func rowBlock(_ limit: Int) -> Int { min(largestBlock(limit), streamedBlock) }

  /// Segments are so small that several fit into the window.
  static func segmentBytes(_ limit: Int?) -> Int {
    limit.map { max(PackedWeights.minimumPageSize, min(PackedWeights.segmentBytes, $0 / 8)) } ?? PackedWeights.segmentBytes
  }
}
