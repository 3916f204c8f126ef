import CIntrinsics

/// What one element of a file is.
enum StoredElement {
  case float32, float64, int8, uint8, int16, uint16, int32, int64, bool

  var bytes: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .int16, .uint16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// As numpy writes it in a header, quotes included.
  var npyName: StaticString {
    switch self {
    case .float32: "'<f4'"
    case .float64: "'<f8'"
    case .int8: "'|i1'"
    case .uint8: "'|u1'"
    case .int16: "'<i2'"
    case .uint16: "'<u2'"
    case .int32: "'<i4'"
    case .int64: "'<i8'"
    case .bool: "'|b1'"
    }
  }

  /// The element at `bytes` as float32, rounded once where it does not fit. Not for 8-bit types, which go through the table.
  func value(_ bytes: UnsafeRawPointer) -> Float {
    switch self {
    case .float32: Float(bitPattern: bytes.loadUnaligned(as: UInt32.self))
    case .int16: edgepack_float_from_int32(Int32(bytes.loadUnaligned(as: Int16.self)))
    case .uint16: edgepack_float_from_int32(Int32(bytes.loadUnaligned(as: UInt16.self)))
    case .int32: edgepack_float_from_int32(bytes.loadUnaligned(as: Int32.self))
    case .int8: edgepack_float_from_int32(Int32(bytes.load(as: Int8.self)))
    case .uint8, .bool: edgepack_float_from_int32(Int32(bytes.load(as: UInt8.self)))
    #if _pointerBitWidth(_64)
    case .float64: Float(Double(bitPattern: bytes.loadUnaligned(as: UInt64.self)))
    case .int64: Float(bytes.loadUnaligned(as: Int64.self))
    #else
    // Not supported there.
    case .float64, .int64: 0
    #endif
    }
  }

  /// Whether this processor converts such elements. 64-bit ones would be library calls on a 32-bit core.
  var isSupported: Bool {
    #if _pointerBitWidth(_64)
    true
    #else
    bytes < 8
    #endif
  }

  /// The int8 value of the element at `bytes` (docs/program-interface.md, input conversion).
  @inline(__always)
  func quantized(_ bytes: UnsafeRawPointer, by conversion: InputConversion) -> Int8 {
    if self.bytes == 1 { return Network.inputTable[Int(bytes.load(as: UInt8.self))] }
    return conversion.quantize(value(bytes))
  }
}
