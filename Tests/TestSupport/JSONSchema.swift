import Foundation

/// JSON as a tree, numbers as doubles; booleans stay apart from numbers.
public indirect enum JSONValue: Decodable, Equatable, Sendable {
  case null, boolean(Bool), number(Double), string(String), array([JSONValue]), object([String: JSONValue])

  public init(_ text: String) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }

  public init(from decoder: Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public subscript(key: String) -> JSONValue? {
    if case .object(let fields) = self { return fields[key] }
    return nil
  }

  public var elements: [JSONValue] {
    if case .array(let elements) = self { return elements }
    return []
  }

  fileprivate var typeNames: [String] {
    switch self {
    case .null: ["null"]
    case .boolean: ["boolean"]
    case .number(let value): value == value.rounded() ? ["number", "integer"] : ["number"]
    case .string: ["string"]
    case .array: ["array"]
    case .object: ["object"]
    }
  }
}

/// The part of JSON Schema 2020-12 that docs/report.schema.json uses.
public enum SchemaValidator {
  private static let keywords: Set = [
    "$schema", "title", "description", "type", "required", "properties", "items", "enum", "additionalProperties",
  ]

  /// docs/report.schema.json; null if it cannot be read.
  public static let reportSchema: JSONValue = {
    // …/Tests/TestSupport/JSONSchema.swift
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let text = (try? String(contentsOf: root.appendingPathComponent("docs/report.schema.json"), encoding: .utf8)) ?? ""
    return (try? JSONValue(text)) ?? .null
  }()

  /// Keywords of the schema that this validator does not know.
  public static func unknownKeywords(_ schema: JSONValue) -> [String] {
    guard case .object(let fields) = schema else { return [] }
    var unknown = fields.keys.filter { !keywords.contains($0) }
    if case .object(let properties)? = fields["properties"] { unknown += properties.values.flatMap(unknownKeywords) }
    if let items = fields["items"] { unknown += unknownKeywords(items) }
    return unknown
  }

  /// One line a fault, with its path.
  public static func faults(_ value: JSONValue, _ schema: JSONValue, path: String = "$") -> [String] {
    var faults: [String] = []
    if let type = schema["type"] {
      let allowed = type.elements.isEmpty ? [type] : type.elements
      if !value.typeNames.contains(where: { allowed.contains(.string($0)) }) { return ["\(path): wrong type"] }
    }
    if let choices = schema["enum"], !choices.elements.contains(value) { faults.append("\(path): none of the choices") }
    if case .object(let fields) = value {
      for case .string(let key) in schema["required"]?.elements ?? [] where fields[key] == nil { faults.append("\(path).\(key): missing") }
      for (key, field) in fields {
        if let property = schema["properties"]?[key] {
          faults += Self.faults(field, property, path: "\(path).\(key)")
        } else if schema["additionalProperties"] == .boolean(false) {
          faults.append("\(path).\(key): unknown")
        }
      }
    }
    if let items = schema["items"] {
      for (index, element) in value.elements.enumerated() { faults += Self.faults(element, items, path: "\(path)[\(index)]") }
    }
    return faults
  }
}
