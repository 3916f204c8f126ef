import ModelGraph

/// An array as a file stores it: little-endian, row-major, not yet converted to floats.
public struct StoredArray: Hashable, Sendable {
  public var elementType: ElementType
  public var shape: [Int]
  /// `shape` times the element size; little-endian.
  public var bytes: [UInt8]

  /// - Precondition: `bytes` holds exactly the elements that `shape` says.
  public init(elementType: ElementType, shape: [Int], bytes: [UInt8]) {
    precondition(
      shape.reduce(elementType.bytes, *) == bytes.count, "a stored array holds as many bytes as its type and shape say")
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  public var count: Int { shape.reduce(1, *) }

  /// `float32[8, 1, 49, 10]`.
  public var description: String { TensorType(elementType, shape).description }

  /// The array of a float32 tensor or an int64 one.
  public init(_ tensor: Tensor) {
    switch tensor.storage {
    case .float32(let values): self.init(shape: tensor.shape, floats: values)
    case .int64(let values): self.init(elementType: .int64, shape: tensor.shape, integers: values)
    }
  }

  public init(shape: [Int], floats: [Float]) {
    self.init(elementType: .float32, shape: shape, bytes: littleEndianBytes(floats.map(\.bitPattern)))
  }

  /// Integers (or booleans, 0 and 1) of any width; values are truncated to the element type.
  /// - Precondition: `elementType` is no float.
  public init<Integer: BinaryInteger>(elementType: ElementType, shape: [Int], integers: [Integer]) {
    let bytes: [UInt8] =
      switch elementType {
      case .int8, .uint8, .bool: integers.map { UInt8(truncatingIfNeeded: $0) }
      case .int16, .uint16: littleEndianBytes(integers.map { UInt16(truncatingIfNeeded: $0) })
      case .int32: littleEndianBytes(integers.map { UInt32(truncatingIfNeeded: $0) })
      case .int64: littleEndianBytes(integers.map { UInt64(truncatingIfNeeded: $0) })
      case .float32, .float64: preconditionFailure("integers are not stored as floats")
      }
    self.init(elementType: elementType, shape: shape, bytes: bytes)
  }

  /// The elements `range` as doubles: exact for every element type except int64 beyond 2^53.
  @inline(__always)
  func withDoubles(_ range: Range<Int>, _ body: (Int, Double) -> Void) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "elements lie inside the array")
    bytes.withUnsafeBytes { raw in
      switch elementType {
      case .int8: for i in range { body(i, Double(raw.loadUnaligned(fromByteOffset: i, as: Int8.self))) }
      case .uint8, .bool: for i in range { body(i, Double(raw[i])) }
      case .int16: for i in range { body(i, Double(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self)))) }
      case .uint16: for i in range { body(i, Double(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)))) }
      case .int32: for i in range { body(i, Double(Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: Int32.self)))) }
      case .int64: for i in range { body(i, Double(Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * i, as: Int64.self)))) }
      case .float32:
        for i in range {
          body(i, Double(Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))))
        }
      case .float64:
        for i in range {
          body(i, Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self))))
        }
      }
    }
  }

  /// All elements as integers; nil for float arrays.
  public var integers: [Int]? {
    switch elementType {
    case .float32, .float64: return nil
    case .int64:
      return bytes.withUnsafeBytes { raw in
        (0..<count).map { Int(Int64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self))) }
      }
    case .int8, .uint8, .int16, .uint16, .int32, .bool:
      var values: [Int] = []
      values.reserveCapacity(count)
      withDoubles(0..<count) { _, value in values.append(Int(value)) }
      return values
    }
  }
}

private func littleEndianBytes<Word: FixedWidthInteger>(_ words: [Word]) -> [UInt8] {
  words.map(\.littleEndian).withUnsafeBytes { [UInt8]($0) }
}
