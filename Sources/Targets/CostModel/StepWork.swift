/// The kinds of kernels that take time of their own. A profile has one row of costs for each that it knows.
public enum WorkKind: String, Hashable, Sendable, Codable, CaseIterable {
  case convolution
  /// Depthwise convolutions with windows of 3 × 3, which kernels keep in registers, and with any other.
  case depthwise3x3 = "depthwise_3x3"
  case depthwise
  /// A matrix product of many rows: pointwise convolutions, dense layers of sequences.
  case matmul
  /// A matrix product of one row: each weight is read for one multiplication.
  case dense
  /// A layer that stays float, of any window.
  case float = "float32"
  case add
  case maximumPool = "maximum_pool"
  case averagePool = "average_pool"
  case softmax, lookup, copy

  /// What the time of such a step depends on, besides that there is a step at all.
  public var units: [WorkUnit] {
    switch self {
    case .convolution: [.mac, .output, .patchByte, .idleMac, .block, .patchRow]
    case .depthwise3x3, .depthwise: [.mac, .output, .idleMac, .edge, .block, .patchByte]
    case .matmul: [.mac, .output, .idleMac, .block, .patchByte]
    case .dense, .float: [.mac, .output]
    case .add, .lookup: [.element]
    case .maximumPool, .averagePool: [.element, .output, .block]
    case .softmax, .copy: [.element, .block]
    }
  }
}

/// What the work of a step is counted in.
public enum WorkUnit: String, Hashable, Sendable, Codable, CaseIterable {
  /// A kernel call.
  case step
  /// A multiply-accumulate, those on the padding of the kernel's weight tile included.
  case mac
  /// A multiply-accumulate on pixels or rows that do not exist: kernels take them by fours.
  case idleMac = "idle_mac"
  /// An output element, tile padding included.
  case output
  /// An output element whose window hangs over the input's edge.
  case edge
  /// Rows, pixels or runs that a kernel handles together.
  case block
  /// A run of bytes that a kernel copies before it multiplies, and a byte of it.
  case patchRow = "patch_row"
  case patchByte = "patch_byte"
  /// An element read.
  case element
}

/// What one step of a program does, in the terms that its time and energy depend on. A neutral form: it knows neither kernels nor layers'
/// attributes, so the cost model needs none of them.
public struct StepWork: Hashable, Sendable {
  /// The layer's name.
  public var name: String
  public var kind: WorkKind
  /// How often each unit occurs; absent ones do not. `step` is 1.
  public var counts: [WorkUnit: Double]
  /// Multiply-accumulates of the layer itself, without padding.
  public var multiplyAccumulates: Int
  /// Bytes of weights that the step reads, packed, and of activations that it reads and writes.
  public var weightBytes: Int
  public var activationBytes: Int

  public init(
    name: String, kind: WorkKind, counts: [WorkUnit: Double], multiplyAccumulates: Int = 0, weightBytes: Int = 0, activationBytes: Int = 0
  ) {
    self.name = name
    self.kind = kind
    self.counts = counts.merging([.step: 1]) { $1 }
    self.multiplyAccumulates = multiplyAccumulates
    self.weightBytes = weightBytes
    self.activationBytes = activationBytes
  }

  public func count(_ unit: WorkUnit) -> Double { counts[unit] ?? 0 }
}

/// What one run of a program does.
public struct Workload: Hashable, Sendable {
  public var steps: [StepWork]
  /// Bytes that a run touches: the arena and all weights. It decides which cache they come from.
  public var footprint: Int
  /// Bytes that are read from storage before the first answer.
  public var storedBytes: Int

  public init(steps: [StepWork], footprint: Int, storedBytes: Int) {
    self.steps = steps
    self.footprint = footprint
    self.storedBytes = storedBytes
  }
}
