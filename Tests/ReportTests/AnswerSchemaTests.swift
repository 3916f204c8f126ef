import Diagnostics
import Foundation
import Testing

@testable import Report

struct AnswerSchemaTests {
  private static let schema: JSONValue = {
    // …/Tests/ReportTests/AnswerSchemaTests.swift
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let text = (try? String(contentsOf: root.appendingPathComponent("docs/report.schema.json"), encoding: .utf8)) ?? ""
    return (try? JSONValue(text)) ?? .null
  }()

  @Test func theSchemaUsesOnlyWhatTheValidatorUnderstands() {
    #expect(Self.schema["required"] != nil)
    #expect(SchemaValidator.unknownKeywords(Self.schema) == [])
  }

  @Test func everyAnswerIsValid() throws {
    for answer in [Examples.fits, Examples.answer(ramLimit: nil), Examples.answer(ramLimit: 1, smoke: nil)] {
      #expect(SchemaValidator.faults(try JSONValue(try JSONText.encode(answer)), Self.schema) == [])
    }
  }

  @Test func absentFiguresAreNullAndKeysAreSorted() throws {
    let text = try JSONText.encode(Examples.answer(ramLimit: nil, smoke: nil))
    #expect(text.contains(#""smoke" : null"#) && text.contains(#""limit" : null"#) && text.contains(#""sqnr_db" : null"#))
    let keys = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }.map { $0.split(separator: "\"")[1] }
    #expect(keys == keys.sorted() && keys.count == 15)
    var slashed = Examples.fits
    slashed.files[0].path = "golden/input0.npy"
    #expect(try JSONText.encode(slashed).contains("golden/input0.npy"))
  }

  @Test func whatIsWrittenIsReadBackEqual() throws {
    for answer in [Examples.fits, Examples.answer(ramLimit: nil, smoke: nil)] {
      #expect(try JSONText.decode(Answer.self, from: try JSONText.encode(answer), file: "report.json") == answer)
    }
  }

  @Test(arguments: ["", "{}", "[1]", "{\"schema\": 1}"]) func whatIsNoReportIsRefused(_ text: String) throws {
    do throws(Failure) {
      _ = try JSONText.decode(Answer.self, from: text, file: "report.json")
      Issue.record("\(text) was read")
    } catch { #expect(error.diagnostics.map(\.code) == [.notABuild]) }
  }

  @Test func aFigureThatIsNoNumberIsOurOwnError() throws {
    var answer = Examples.fits
    answer.accuracy.after = .nan
    do throws(Failure) {
      _ = try JSONText.encode(answer)
      Issue.record("NaN was written")
    } catch { #expect(error.diagnostics.map(\.code) == [.internalError]) }
  }

  /// Each change makes the text invalid in one place.
  @Test(arguments: [
    (#""answer" : "fits""#, #""answer" : "perhaps""#), (#""schema" : "1.0""#, #""schema" : "2.0""#),
    (#""samples" : 1000"#, #""samples" : "many""#), (#""samples" : 1000"#, #""samples" : 1000.5"#),
    (#""byte_equal" : true"#, #""byte_equal" : 1"#), (#""lower_bound" : 276480"#, #""upper_bound" : 276480"#),
    (#""recipe" :"#, #""receipt" :"#),
    (#""kind" : "program""#, #""kind" : "virus""#), (#""before" : 0.864"#, #""before" : []"#),
    (#""clock" : 1000000000"#, #""clock" : 1000000000, "color" : "red""#),
  ])
  func aBrokenAnswerIsRejected(_ old: String, _ new: String) throws {
    let text = try JSONText.encode(Examples.fits)
    let range = try #require(text.range(of: old), "the example has no \(old)")
    let broken = text.replacingCharacters(in: range, with: new)
    #expect(!SchemaValidator.faults(try JSONValue(broken), Self.schema).isEmpty)
  }
}

/// JSON as a tree, numbers as doubles; booleans stay apart from numbers.
indirect enum JSONValue: Decodable, Equatable {
  case null, boolean(Bool), number(Double), string(String), array([JSONValue]), object([String: JSONValue])

  init(_ text: String) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }

  init(from decoder: Decoder) throws {
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

  subscript(key: String) -> JSONValue? {
    if case .object(let fields) = self { return fields[key] }
    return nil
  }

  var elements: [JSONValue] {
    if case .array(let elements) = self { return elements }
    return []
  }

  var typeNames: [String] {
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
enum SchemaValidator {
  private static let keywords: Set = [
    "$schema", "title", "description", "type", "required", "properties", "items", "enum", "additionalProperties",
  ]

  static func unknownKeywords(_ schema: JSONValue) -> [String] {
    guard case .object(let fields) = schema else { return [] }
    var unknown = fields.keys.filter { !keywords.contains($0) }
    if case .object(let properties)? = fields["properties"] { unknown += properties.values.flatMap(unknownKeywords) }
    if let items = fields["items"] { unknown += unknownKeywords(items) }
    return unknown
  }

  /// One line a fault, with its path.
  static func faults(_ value: JSONValue, _ schema: JSONValue, path: String = "$") -> [String] {
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
