import Diagnostics
import Foundation

/// The JSON that edgepack prints and writes: keys in snake_case and sorted, so that equal answers are equal bytes.
public enum JSONText {
  /// - Parameter pretty: indented for files; one line for streams of objects.
  /// - Throws: `internal-error` for figures that JSON cannot say (NaN, infinity).
  public static func encode<Value: Encodable>(_ value: Value, pretty: Bool = true) throws(Failure) -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
      throw Failure(.internalError, "a figure of the report is no number: \(error)")
    }
  }

  /// Reads what `encode` wrote.
  /// - Throws: `not-a-build` naming `file`.
  public static func decode<Value: Decodable>(_ type: Value.Type, from text: String, file: String) throws(Failure) -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do { return try decoder.decode(type, from: Data(text.utf8)) } catch {
      throw Failure(.notABuild, "\(file) is no report of edgepack", at: Location(file: file), hint: "pack the model again")
    }
  }
}
