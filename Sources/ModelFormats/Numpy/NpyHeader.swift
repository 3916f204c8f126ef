import Diagnostics
import ModelGraph

/// Why bytes are not what the format says; the module's border adds file and array and makes it a `Failure`.
struct FormatFault: Error {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// The header of a `.npy` file: magic, version, and a Python dictionary that states element type, order and shape.
/// Source: NumPy Enhancement Proposal 1 and `numpy.lib.format`, versions 1.0 to 3.0.
struct NpyHeader: Hashable {
  var elementType: ElementType
  var shape: [Int]
  /// Elements times element size; known to fit an `Int`.
  var byteCount: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy itself refuses to evaluate headers beyond 10,000 bytes; anything longer is damage.
  static let longestText = 65_536

  /// Where the elements start.
  var dataOffset: Int

  /// How many bytes state the dictionary's length, from the file's first eight: two in version 1, four in versions 2 and 3.
  static func lengthBytes(_ start: [UInt8]) throws(FormatFault) -> Int {
    guard start.count == 8, start.starts(with: magic) else { throw FormatFault("it does not start as a .npy file does") }
    guard (1...3).contains(start[6]) else {
      throw FormatFault("it has .npy version \(start[6]).\(start[7]); 1.0 to 3.0 are known")
    }
    return start[6] == 1 ? 2 : 4
  }

  /// The dictionary's length, from all bytes before it.
  static func textLength(_ prefix: [UInt8]) throws(FormatFault) -> Int {
    let length = prefix[8...].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= longestText else { throw FormatFault("its header claims \(length) bytes") }
    return length
  }

  /// Reads the dictionary, such as `{'descr': '<f4', 'fortran_order': False, 'shape': (8, 12), }`.
  init(text: [UInt8], start: Int) throws(FormatFault) {
    var parser = PythonLiteralParser(text)
    let fields = try parser.dictionary()
    guard case .string(let descriptor) = fields["descr"] else {
      throw FormatFault("its header names no plain element type (records are not read)")
    }
    guard case .boolean(let isFortran) = fields["fortran_order"] else { throw FormatFault("its header lacks `fortran_order`") }
    guard case .tuple(let shape) = fields["shape"] else { throw FormatFault("its header lacks a shape") }
    guard let elementType = Self.elementTypes[descriptor] else {
      throw FormatFault("it holds elements of type `\(descriptor)`; read are \(Self.elementTypes.keys.sorted().joined(separator: " "))")
    }
    // A one-dimensional array, or one with a single long axis, has the same bytes in both orders.
    guard !isFortran || shape.filter({ $0 != 1 }).count <= 1 else {
      throw FormatFault("it is stored in Fortran order; save `numpy.ascontiguousarray(array)` instead")
    }
    guard let byteCount = CheckedInt.elements(of: shape + [elementType.bytes]).value else {
      throw FormatFault("its shape \(shape) is not possible")
    }
    self.elementType = elementType
    self.shape = shape
    self.byteCount = byteCount
    dataOffset = start + text.count
  }

  /// The header of an array, padded so that the data start at a multiple of 64 bytes; version 1.0.
  static func encode(_ elementType: ElementType, shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(descriptor(of: elementType))', 'fortran_order': False, 'shape': (\(sizes)), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    precondition(text.utf8.count < 65_536, "an array has few axes")
    return magic + [1, 0, UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
  }

  private static func descriptor(of elementType: ElementType) -> String {
    switch elementType {
    case .float32: "<f4"
    case .float64: "<f8"
    case .int8: "|i1"
    case .uint8: "|u1"
    case .int16: "<i2"
    case .uint16: "<u2"
    case .int32: "<i4"
    case .int64: "<i8"
    case .bool: "|b1"
    }
  }

  private static let elementTypes = Dictionary(uniqueKeysWithValues: ElementType.allCases.map { (descriptor(of: $0), $0) })
}

/// Reads the few Python literals that .npy headers are made of.
private struct PythonLiteralParser {
  enum Literal {
    case string(String)
    case boolean(Bool)
    case tuple([Int])
    case other
  }

  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) { self.text = text }

  mutating func dictionary() throws(FormatFault) -> [String: Literal] {
    var fields: [String: Literal] = [:]
    try expect("{")
    while !accept("}") {
      guard case .string(let key) = try literal() else { throw fault }
      try expect(":")
      fields[key] = try literal()
      if !accept(",") {
        try expect("}")
        break
      }
    }
    return fields
  }

  private mutating func literal() throws(FormatFault) -> Literal {
    skipBlanks()
    guard position < text.count else { throw fault }
    switch text[position] {
    case UInt8(ascii: "'"), UInt8(ascii: "\""):
      let quote = text[position]
      guard let end = text[(position + 1)...].firstIndex(of: quote) else { throw fault }
      defer { position = end + 1 }
      return .string(String(decoding: text[(position + 1)..<end], as: UTF8.self))
    case UInt8(ascii: "("): return .tuple(try tuple())
    case UInt8(ascii: "T"), UInt8(ascii: "F"):
      if accept("True") { return .boolean(true) }
      if accept("False") { return .boolean(false) }
      throw fault
    case UInt8(ascii: "["):
      guard let end = text[position...].lastIndex(of: UInt8(ascii: "]")) else { throw fault }
      position = end + 1
      return .other
    default: throw fault
    }
  }

  private mutating func tuple() throws(FormatFault) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while !accept(")") {
      skipBlanks()
      let digits = text[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let value = Int(String(decoding: digits, as: UTF8.self)) else { throw fault }
      position += digits.count
      values.append(value)
      if !accept(",") {
        try expect(")")
        break
      }
    }
    return values
  }

  private var fault: FormatFault { FormatFault("its header is not a dictionary of element type, order and shape") }

  private mutating func skipBlanks() {
    while position < text.count, text[position] == UInt8(ascii: " ") || text[position] == UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func accept(_ token: String) -> Bool {
    skipBlanks()
    guard text[position...].starts(with: token.utf8) else { return false }
    position += token.utf8.count
    return true
  }

  private mutating func expect(_ token: String) throws(FormatFault) {
    guard accept(token) else { throw fault }
  }
}
