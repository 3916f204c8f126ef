import Diagnostics
import Foundation
import ModelGraph

/// Turns the tensors of a model file into float32 or int64 tensors.
struct TensorDecoder {
  /// The model's file: external data lie beside it.
  let path: String

  /// float32, float64, float16 and bfloat16 become float32 (rounded once); integers and booleans become int64.
  /// - Parameter element: how messages call the tensor, such as `initializer fc2.weight`.
  /// - Throws: `corrupt-model`, `unsupported-attribute` for strings, complex numbers and packed types, `file-not-found` for external data.
  func decode(_ proto: ONNXTensorProto, element: String) throws(Failure) -> Tensor {
    let fault = TensorFault(path: path, element: element)
    var shape: [Int] = []
    for size in proto.dims { shape.append(Int(size)) }
    guard let count = constantCount(shape) else { throw fault.corrupt("has an impossible shape \(shape)") }
    guard let format = ElementFormat(proto.dataType) else { throw fault.unsupported("holds elements of type \(proto.dataType)") }
    if let raw = try rawBytes(of: proto, fault) {
      guard (CheckedInt(count) * CheckedInt(format.bytes)).value == raw.count else {
        throw fault.corrupt("holds \(raw.count) bytes for \(count) elements of \(format.bytes) bytes")
      }
      return format.isFloat ? Tensor(shape, format.floats(raw)) : Tensor(shape, integers: format.integers(raw))
    }
    let values = format.isFloat ? TypedValues.floats(floats(of: proto, format)) : .integers(integers(of: proto, format))
    guard values.count == count else { throw fault.corrupt("holds \(values.count) of \(count) elements") }
    return switch values {
    case .floats(let floats): Tensor(shape, floats)
    case .integers(let integers): Tensor(shape, integers: integers)
    }
  }

  private enum TypedValues {
    case floats([Float])
    case integers([Int64])
    var count: Int {
      switch self {
      case .floats(let values): values.count
      case .integers(let values): values.count
      }
    }
  }

  private func floats(of proto: ONNXTensorProto, _ format: ElementFormat) -> [Float] {
    switch format {
    case .float32: proto.floatData
    case .float64: proto.doubleData.map { Float($0) }
    case .float16: proto.int32Data.map { floatFromHalf(UInt16(truncatingIfNeeded: $0)) }
    case .bfloat16: proto.int32Data.map { Float(bitPattern: UInt32(UInt16(truncatingIfNeeded: $0)) << 16) }
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: []
    }
  }

  private func integers(of proto: ONNXTensorProto, _ format: ElementFormat) -> [Int64] {
    switch format {
    case .int64: proto.int64Data
    case .uint32, .uint64: proto.uint64Data.map { Int64(truncatingIfNeeded: $0) }
    case .int8, .uint8, .int16, .uint16, .int32: proto.int32Data.map(Int64.init)
    case .float32, .float64, .float16, .bfloat16: []
    }
  }

  /// The bytes inside the model or in the file that it names; nil if the typed fields are used.
  private func rawBytes(of proto: ONNXTensorProto, _ fault: TensorFault) throws(Failure) -> [UInt8]? {
    guard proto.dataLocation == .external else { return proto.hasRawData ? [UInt8](proto.rawData) : nil }
    var fields: [String: String] = [:]
    for entry in proto.externalData { fields[entry.key] = entry.value }
    guard let location = fields["location"], !location.isEmpty else { throw fault.corrupt("names no file for its external data") }
    guard !location.hasPrefix("/"), !location.split(separator: "/").contains("..") else {
      throw fault.corrupt("lies in \(location), outside the model's folder")
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let file = try InputFile(path: folder + location)
    guard let offset = Int(fields["offset"] ?? "0"), offset >= 0, let length = Int(fields["length"] ?? String(file.size - offset)) else {
      throw fault.corrupt("has an unreadable offset or length of external data")
    }
    guard let bytes = try file.bytes(at: offset, count: length) else {
      throw fault.corrupt("lies at bytes \(offset) + \(length) of \(location), which has \(file.size)")
    }
    return bytes
  }
}

/// Elements of a tensor that is known at import; nil if its shape is impossible. Tensors without elements must have small other sizes,
/// so that nobody loops over a size that no data back.
func constantCount(_ shape: [Int]) -> Int? {
  guard let count = CheckedInt.elements(of: shape).value, let extent = CheckedInt.elements(of: shape.map { max($0, 1) }).value else {
    return nil
  }
  return extent <= (count == 0 ? 1 << 20 : GraphImporter.mostConstantElements) ? count : nil
}

/// Faults of one tensor in a model file.
private struct TensorFault {
  var path: String
  var element: String

  func corrupt(_ reason: String) -> Failure {
    Failure(.corruptModel, "\(element) \(reason)", at: Location(file: path, element: element))
  }

  func unsupported(_ reason: String) -> Failure {
    Failure(.unsupportedAttribute, "\(element) \(reason)", at: Location(file: path, element: element))
  }
}

/// How elements lie in `raw_data`: little-endian.
private enum ElementFormat {
  case float32, float64, float16, bfloat16
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64

  init?(_ type: ONNXTensorProto.DataType) {
    switch type {
    case .float: self = .float32
    case .double: self = .float64
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .int8: self = .int8
    case .uint8, .bool: self = .uint8
    case .int16: self = .int16
    case .uint16: self = .uint16
    case .int32: self = .int32
    case .uint32: self = .uint32
    case .int64: self = .int64
    case .uint64: self = .uint64
    case .undefined, .string, .complex64, .complex128, .UNRECOGNIZED: return nil
    }
  }

  var isFloat: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: false
    }
  }

  var bytes: Int {
    switch self {
    case .int8, .uint8: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  func floats(_ raw: [UInt8]) -> [Float] {
    switch self {
    case .float32: words(raw, UInt32.self) { Float(bitPattern: $0) }
    case .float64: words(raw, UInt64.self) { Float(Double(bitPattern: $0)) }
    case .float16: words(raw, UInt16.self) { floatFromHalf($0) }
    case .bfloat16: words(raw, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: []
    }
  }

  func integers(_ raw: [UInt8]) -> [Int64] {
    switch self {
    case .int8: words(raw, UInt8.self) { Int64(Int8(bitPattern: $0)) }
    case .uint8: words(raw, UInt8.self) { Int64($0) }
    case .int16: words(raw, UInt16.self) { Int64(Int16(bitPattern: $0)) }
    case .uint16: words(raw, UInt16.self) { Int64($0) }
    case .int32: words(raw, UInt32.self) { Int64(Int32(bitPattern: $0)) }
    case .uint32: words(raw, UInt32.self) { Int64($0) }
    case .int64, .uint64: words(raw, UInt64.self) { Int64(bitPattern: $0) }
    case .float32, .float64, .float16, .bfloat16: []
    }
  }
}

private func words<Word: FixedWidthInteger, Element>(_ raw: [UInt8], _ type: Word.Type, _ convert: (Word) -> Element) -> [Element] {
  raw.withUnsafeBytes { bytes in
    let size = MemoryLayout<Word>.size
    return (0..<bytes.count / size).map { convert(Word(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Word.self))) }
  }
}

/// An IEEE 754 half-precision number as float32; exact.
func floatFromHalf(_ bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 31
  let fraction = UInt32(bits & 0x3ff)
  switch exponent {
  case 0:
    // Zero or subnormal: fraction · 2^−24.
    let magnitude = Float(fraction) * Float(sign: .plus, exponent: -24, significand: 1)
    return sign == 0 ? magnitude : -magnitude
  case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
