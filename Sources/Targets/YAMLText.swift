import Diagnostics
import Foundation
import Yams

/// What a YAML file is for, which decides what its faults are called.
enum YAMLKind {
  case profile, configuration

  /// As messages call such a file.
  var title: String {
    switch self {
    case .profile: "target profile"
    case .configuration: "configuration file"
    }
  }

  var syntaxCode: DiagnosticCode {
    switch self {
    case .profile: .profileSyntax
    case .configuration: .configurationSyntax
    }
  }

  var fieldCode: DiagnosticCode {
    switch self {
    case .profile: .profileField
    case .configuration: .configurationField
    }
  }
}

/// Reads the YAML files that people write by hand.
enum YAMLText {
  /// No such file needs more; what is longer is some other file.
  static let largestFile = 65_536

  /// The text of a file.
  /// - Throws: `file-not-found`, `file-unreadable`; the kind's code for syntax if it is too long or not UTF-8.
  static func read(file path: String, kind: YAMLKind) throws(Failure) -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      throw Failure(.fileNotFound, "there is no file \(path)")
    }
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      data = try handle.read(upToCount: largestFile + 1) ?? Data()
    } catch {
      throw Failure(.fileUnreadable, "\(path) cannot be read", hint: "a \(kind.title) is a readable text file")
    }
    guard data.count <= largestFile else {
      throw Failure(kind.syntaxCode, "\(path) is larger than 64 KiB, so it is no \(kind.title)", at: Location(file: path))
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw Failure(kind.syntaxCode, "\(path) is not UTF-8 text", at: Location(file: path))
    }
    return text
  }

  /// libYAML skips a byte order mark without counting it, so it must not count here either.
  static func withoutByteOrderMark(_ yaml: String) -> String {
    yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
  }

  /// The file's node; nil for an empty file.
  /// - Throws: what is no YAML, or a key that is written twice.
  static func compose(_ yaml: String, _ text: ProfileText, kind: YAMLKind) throws(Failure) -> Node? {
    do { return try Yams.compose(yaml: yaml) } catch {
      throw syntaxFailure(error, text, kind)
    }
  }

  private static func syntaxFailure(_ error: any Error, _ text: ProfileText, _ kind: YAMLKind) -> Failure {
    guard let error = error as? YamlError else { return Failure(kind.syntaxCode, "\(error)", at: Location(file: text.file)) }
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let reason = [context?.text, problem].compactMap { $0 }.joined(separator: ": ")
      return Failure(
        kind.syntaxCode, reason, at: text.location(mark), hint: "YAML indents with spaces; a value with `: ` or `#` inside needs quotes")
    case .duplicatedKeysInMapping(let keys, let context):
      return Failure(
        kind.fieldCode, "\(keys.map { "`\($0)`" }.joined(separator: ", ")) is written twice in one mapping",
        at: text.location(context.mark, length: keys.first?.count ?? 1), hint: "keep one of them")
    case .reader(let problem, _, let value, _):
      let character = value > 0 ? " (U+\(String(value, radix: 16, uppercase: true)))" : ""
      return Failure(kind.syntaxCode, "\(problem)\(character)", at: Location(file: text.file))
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
      return Failure(kind.syntaxCode, error.description, at: Location(file: text.file))
    }
  }
}
