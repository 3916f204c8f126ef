import Foundation

/// What an artefact was made from. It is left out when the artefact is saved, because the stage before saves it or computes it again, and
/// put back from `UpstreamValues` when the artefact is read; so the fields around it are saved by Codable without further ado.
@propertyWrapper
struct Upstream<Value: Sendable>: Sendable, Codable {
  var wrappedValue: Value

  init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

  init(from decoder: any Decoder) throws {
    guard let values = decoder.userInfo[UpstreamValues.key] as? UpstreamValues, let value = values[Value.self] else {
      throw DecodingError.dataCorrupted(
        DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "\(Value.self) was not given"))
    }
    wrappedValue = value
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(true)
  }
}

/// What is lost when an artefact is saved: nil in one that was read.
@propertyWrapper
struct Unsaved<Value: Sendable>: Sendable, Codable {
  var wrappedValue: Value?

  init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  init(from decoder: any Decoder) throws { wrappedValue = nil }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(true)
  }
}

/// Many floats, saved as their bytes: exact, and a hundred times faster than digits.
@propertyWrapper
struct PackedFloats: Sendable, Codable {
  var wrappedValue: [Float]

  init(wrappedValue: [Float]) { self.wrappedValue = wrappedValue }

  init(from decoder: any Decoder) throws {
    let bytes = try decoder.singleValueContainer().decode(Data.self)
    guard bytes.count.isMultiple(of: 4) else {
      throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "these are no floats"))
    }
    wrappedValue = bytes.withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: 4).map { start in
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    let bytes = wrappedValue.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
    var container = encoder.singleValueContainer()
    try container.encode(bytes)
  }
}

/// The values that `Upstream` properties get back, one a type.
struct UpstreamValues: Sendable {
  static let key = CodingUserInfoKey(rawValue: "edgepack.upstream")!

  private var values: [ObjectIdentifier: any Sendable] = [:]

  init() {}

  func with<Value: Sendable>(_ value: Value) -> UpstreamValues {
    var copy = self
    copy.values[ObjectIdentifier(Value.self)] = value
    return copy
  }

  subscript<Value: Sendable>(type: Value.Type) -> Value? { values[ObjectIdentifier(type)] as? Value }
}
