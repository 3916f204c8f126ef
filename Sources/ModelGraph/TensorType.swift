/// What is known of a tensor before it is computed: element type and shape, outermost axis first.
///
/// Image-like tensors are channels-last (`[N, H, W, C]`) after the pass `normalizeLayout`. Axis 0 of every activation is the batch; a
/// graph is written for batch 1, and executors may run it with more.
public struct TensorType: Hashable, Sendable, Codable {
  public var elementType: ElementType
  public var shape: [Int]

  public init(_ elementType: ElementType = .float32, _ shape: [Int]) {
    self.elementType = elementType
    self.shape = shape
  }

  public var rank: Int { shape.count }
  /// Number of elements; 1 for a scalar. Importers check that the product does not overflow.
  public var count: Int { shape.reduce(1, *) }
  public var bytes: Int { count * elementType.bytes }

  /// `float32[1, 49, 10, 1]`.
  public var description: String { "\(elementType.rawValue)[\(shape.map(String.init).joined(separator: ", "))]" }
}

/// The element types that graphs and data files hold.
public enum ElementType: String, Hashable, Sendable, Codable, CaseIterable {
  case float32, float64, int8, uint8, int16, uint16, int32, int64, bool

  public var bytes: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .int16, .uint16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }
}

/// Affine quantization of an activation tensor: `real = scale · (stored − zeroPoint)`, stored as int8. docs/numeric-contract.md §1.
public struct AffineQuantization: Hashable, Sendable, Codable {
  public var scale: Float
  public var zeroPoint: Int

  public init(scale: Float, zeroPoint: Int) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }
}
