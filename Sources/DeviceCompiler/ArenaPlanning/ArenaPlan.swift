/// Where each buffer lies.
public struct ArenaPlan: Sendable, Hashable {
  /// The arena's size: the highest end of any buffer.
  public var bytes: Int
  /// No placement of these buffers under these overlap rules can be smaller.
  public var lowerBound: Int
  /// Offset of each buffer, in the order of the request.
  public var offsets: [Int]
  /// Steps whose kernel must run last row first, because their output overlaps their input from above.
  public var descendingSteps: Set<Int>

  public init(bytes: Int, lowerBound: Int, offsets: [Int], descendingSteps: Set<Int>) {
    self.bytes = bytes
    self.lowerBound = lowerBound
    self.offsets = offsets
    self.descendingSteps = descendingSteps
  }
}

/// What the planner is asked: buffers with lifetimes, and which outputs may lie diagonally over their dying inputs.
public struct ArenaRequest: Sendable, Hashable {
  public var buffers: [ArenaBuffer]
  public var overlaps: [DiagonalOverlap]
  /// Offsets are multiples of this, in bytes.
  public var alignment: Int

  public init(buffers: [ArenaBuffer], overlaps: [DiagonalOverlap], alignment: Int) {
    self.buffers = buffers
    self.overlaps = overlaps
    self.alignment = alignment
  }
}

/// Step `step` reads `input` for the last time and writes `output`; the two may share bytes if
/// - rows run first to last and `offset(output) ≤ offset(input) − ascending`, or
/// - rows run last to first and `offset(output) + bytes(output) ≥ offset(input) + bytes(input) + descending`.
/// Distances may be negative (a kernel that needs less than one input row per output row). `OverlapDistance` in DeviceKernels derives
/// them from a layer's geometry. A distance of the output's size or more says that the kernel cannot run in that order.
public struct DiagonalOverlap: Sendable, Hashable {
  public var step: Int
  public var input: Int
  public var output: Int
  public var ascending: Int
  public var descending: Int

  public init(step: Int, input: Int, output: Int, ascending: Int, descending: Int) {
    self.step = step
    self.input = input
    self.output = output
    self.ascending = ascending
    self.descending = descending
  }
}
