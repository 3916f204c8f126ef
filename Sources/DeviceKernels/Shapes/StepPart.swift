/// One of the parts that a step is cut into, so that several threads compute it at once. Parts are independent: each writes its own
/// stretch of the output, and bytes do not depend on how many there are.
public struct StepPart: Equatable, Sendable {
  /// From 0 to `parts − 1`.
  public var index: Int
  public var parts: Int

  @inlinable public init(index: Int, parts: Int) {
    self.index = index
    self.parts = parts
  }

  /// The only part.
  @inlinable public static var whole: StepPart { StepPart(index: 0, parts: 1) }

  /// This part's stretch of an axis. Stretches begin at multiples of `unit` and differ by at most one unit; none is empty as long as
  /// there are no more parts than units.
  @inlinable public func stretch(of extent: Int, unit: Int) -> Stretch {
    let units = (extent &+ unit &- 1) / unit
    let first = units &* index / parts &* unit
    return Stretch(first: first, count: min(extent, units &* (index &+ 1) / parts &* unit) &- first)
  }
}

/// Consecutive rows, columns or elements of an output.
public struct Stretch: Equatable, Sendable {
  public var first: Int
  public var count: Int

  @inlinable public init(first: Int, count: Int) {
    self.first = first
    self.count = count
  }
}

// The shape of a part: what the kernel is called with to compute a stretch of the whole step's output. The caller moves the pointers.
// Window kernels keep their input and move the window's start, so that the padding of a part may be negative.

extension ConvolutionShape {
  /// Output rows `rows`, written from `rows.first · W' · outputStride` on.
  @inlinable public func rows(_ rows: Stretch) -> ConvolutionShape {
    var part = self
    part.outputHeight = rows.count
    part.padTop = padTop &- rows.first &* strideY
    return part
  }

  /// Output columns `columns` of a single row, written from `columns.first · outputStride` on. AVX-512 kernels do not take such parts:
  /// they stage a row with its padding.
  @inlinable public func columns(_ columns: Stretch) -> ConvolutionShape {
    var part = self
    part.outputWidth = columns.count
    part.padLeft = padLeft &- columns.first &* strideX
    return part
  }
}

extension PoolingShape {
  /// Output rows `rows`, written from `rows.first · W' · C` on.
  @inlinable public func rows(_ rows: Stretch) -> PoolingShape {
    var part = self
    part.outputHeight = rows.count
    part.padTop = padTop &- rows.first &* strideY
    return part
  }

  /// Output columns `columns` of a single row, written from `columns.first · C` on.
  @inlinable public func columns(_ columns: Stretch) -> PoolingShape {
    var part = self
    part.outputWidth = columns.count
    part.padLeft = padLeft &- columns.first &* strideX
    return part
  }
}

extension MatmulShape {
  /// Rows `rows`, read from `rows.first · K` and written from `rows.first · outputStride` on.
  @inlinable public func rows(_ rows: Stretch) -> MatmulShape {
    var part = self
    part.rows = rows.count
    return part
  }

  /// Columns `columns` of every row, written from `columns.first` on; weights begin `columns.first · paddedDepth` bytes later, biases and
  /// multipliers `columns.first` elements. `columns.first` must be a multiple of the tile's channels.
  @inlinable public func columns(_ columns: Stretch) -> MatmulShape {
    var part = self
    part.columns = columns.count
    return part
  }
}

extension AddShape {
  /// Elements `elements`, read and written from `elements.first` on.
  @inlinable public func elements(_ elements: Stretch) -> AddShape {
    var part = self
    part.count = elements.count
    return part
  }
}
