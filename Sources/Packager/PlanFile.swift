import Diagnostics
import Foundation
import ModelGraph

extension Plan {
  /// Reads `plan.json`.
  /// - Throws: `file-not-found`, `corrupt-plan` with what is wrong where.
  package static func load(path: String) throws(Failure) -> Plan {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.fileNotFound, "\(path) does not exist or cannot be read", at: Location(file: path))
    }
    do {
      return try JSONDecoder().decode(Plan.self, from: data)
    } catch let error as DecodingError {
      throw Failure(
        .corruptPlan, "\(path) is no plan: \(error.reason)", at: Location(file: path), hint: "make a new plan: run without --plan")
    } catch {
      throw Failure(.corruptPlan, "\(path) is no plan", at: Location(file: path), hint: "make a new plan: run without --plan")
    }
  }

  /// The file's content: keys sorted, so that equal plans are equal files.
  func fileContent() throws(Failure) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do { return try encoder.encode(self) + Data("\n".utf8) } catch {
      throw Failure(.internalError, "the plan cannot be written as JSON: \(error)")
    }
  }
}

extension DecodingError {
  /// One sentence with the path of keys.
  var reason: String {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context), .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    @unknown default: return "it cannot be decoded"
    }
  }
}
