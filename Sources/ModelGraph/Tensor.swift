/// A dense, row-major array on the host with its shape. Float32 data are kept as such; integer constants (shapes, axes) as Int64.
public struct Tensor: Hashable, Sendable {
  public enum Storage: Hashable, Sendable {
    case float32([Float])
    case int64([Int64])
  }

  public var shape: [Int]
  public var storage: Storage

  public init(_ shape: [Int], _ values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "a tensor holds as many values as its shape says")
    self.shape = shape
    self.storage = .float32(values)
  }

  public init(_ shape: [Int], integers values: [Int64]) {
    precondition(values.count == shape.reduce(1, *), "a tensor holds as many values as its shape says")
    self.shape = shape
    self.storage = .int64(values)
  }

  public var type: TensorType {
    switch storage {
    case .float32: TensorType(.float32, shape)
    case .int64: TensorType(.int64, shape)
    }
  }

  public var count: Int { shape.reduce(1, *) }

  /// The values of a float32 tensor, nil for integers.
  public var floats: [Float]? { if case .float32(let values) = storage { values } else { nil } }
  /// The values of an integer tensor, nil for floats.
  public var integers: [Int64]? { if case .int64(let values) = storage { values } else { nil } }
}
