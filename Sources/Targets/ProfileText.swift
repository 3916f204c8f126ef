import Diagnostics
import Yams

/// The text of a profile while it is read: knows its lines for excerpts, and collects what is wrong with it.
final class ProfileText {
  let file: String
  private let lines: [String.UnicodeScalarView]
  private var diagnostics: [Diagnostic] = []

  init(_ text: String, file: String) {
    self.file = file
    lines = Self.split(text)
  }

  /// Splits where libYAML does (CR LF, CR, LF, NEL, LS, PS), so that its line numbers index the result.
  private static func split(_ text: String) -> [String.UnicodeScalarView] {
    var lines: [String.UnicodeScalarView] = [.init()]
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where previous == "\r": break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append(.init())
      default: lines[lines.count - 1].append(scalar)
      }
      previous = scalar
    }
    return lines
  }

  /// - Parameters:
  ///   - mark: 1-based; nil if the parser could not say.
  ///   - offset: characters behind the mark at which the fault starts.
  ///   - length: characters that the caret underlines; cut at the end of the line.
  func location(_ mark: Mark?, offset: Int = 0, length: Int = 1, label: String? = nil) -> Location {
    guard let mark, lines.indices.contains(mark.line - 1) else { return Location(file: file) }
    let line = lines[mark.line - 1]
    let column = min(max(mark.column - 1, 0) + offset, line.count)
    return Location(
      file: file, line: mark.line, column: column + 1, excerpt: String(line), length: max(1, min(length, line.count - column)),
      label: label)
  }

  func add(
    _ code: DiagnosticCode, _ message: String, at location: Location, hint: String? = nil, severity: Diagnostic.Severity = .error
  ) {
    diagnostics.append(Diagnostic(code, message, at: location, hint: hint, severity: severity))
  }

  /// Everything found so far in the order of the text.
  /// - Throws: all of it if any of it is an error.
  func finish() throws(Failure) -> [Diagnostic] {
    var collector = FaultCollector()
    let inOrder = diagnostics.enumerated().sorted { a, b in
      let placeA = (a.element.location?.line ?? 0, a.element.location?.column ?? 0, a.offset)
      let placeB = (b.element.location?.line ?? 0, b.element.location?.column ?? 0, b.offset)
      return placeA < placeB
    }
    for (_, diagnostic) in inOrder { collector.add(diagnostic) }
    try collector.throwIfAny()
    return collector.diagnostics
  }
}

extension Node {
  /// The scalar's text as it stands in the file, nil for mappings and sequences.
  var scalarText: String? {
    if case .scalar(let scalar) = self { return scalar.string }
    return nil
  }

  /// Characters between the mark and the first character of the value: 1 for a quote.
  var openingLength: Int {
    guard case .scalar(let scalar) = self else { return 0 }
    return scalar.style == .singleQuoted || scalar.style == .doubleQuoted ? 1 : 0
  }

  /// What the node is, for messages.
  var kindName: String {
    switch self {
    case .scalar(let scalar): scalar.string.isEmpty ? "empty" : "a single value"
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}
