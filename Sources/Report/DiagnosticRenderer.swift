import Diagnostics

/// Diagnostics as text (place, quoted line with caret, details, hint) and as JSON.
public struct DiagnosticRenderer: Sendable {
  public var style: TerminalStyle

  public init(style: TerminalStyle = .plain) { self.style = style }

  /// All faults, an empty line between two.
  public func text(_ diagnostics: [Diagnostic]) -> String { diagnostics.map(text).joined(separator: "\n\n") }

  public func text(_ diagnostic: Diagnostic) -> String {
    var lines = ["\(word(diagnostic.severity)) \(style.paint(clean(diagnostic.message), .bold)) [\(diagnostic.code.rawValue)]"]
    if let location = diagnostic.location { lines += place(location) }
    lines += diagnostic.details.map { "  \(clean($0))" }
    if let hint = diagnostic.hint {
      for (index, line) in hint.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        lines.append((index == 0 ? style.paint("hint:", .cyan) : "     ") + " \(clean(String(line)))")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// `{"diagnostics": […], "schema": "1.0"}`: what `--json` prints when a command fails.
  public static func json(_ diagnostics: [Diagnostic]) throws(Failure) -> String {
    try JSONText.encode(DiagnosticsDocument(diagnostics: diagnostics))
  }

  private func word(_ severity: Diagnostic.Severity) -> String {
    switch severity {
    case .error: style.paint("error:", .red)
    case .warning: style.paint("warning:", .yellow)
    }
  }

  private func place(_ location: Location) -> [String] {
    var head = location.file
    if let line = location.line { head += ":\(line)" + (location.column.map { ":\($0)" } ?? "") }
    if let element = location.element { head += head.isEmpty ? element : ", \(element)" }
    head = clean(head)
    guard let line = location.line, let excerpt = location.excerpt else { return ["  --> \(head)"] }
    return ["  --> \(head)"] + quote(excerpt, line: line, location)
  }

  /// The line and a caret under the fault. A line that is too long for the screen is cut around the fault.
  private func quote(_ excerpt: String, line: Int, _ location: Location) -> [String] {
    // Scalars, because columns count them.
    let scalars = Array(excerpt.unicodeScalars)
    let number = TextLayout.right(String(line), 4)
    let room = TextLayout.width - number.count - 3
    let column = min(max(0, (location.column ?? 1) - 1), scalars.count)
    let start = scalars.count <= room ? 0 : max(0, min(column - 16, scalars.count - room))
    let shown = scalars[start..<min(scalars.count, start + room)]
    let quoted = clean(String(String.UnicodeScalarView(shown)))
    guard location.column != nil else { return ["\(number) | \(quoted)"] }
    // Tabs are repeated, so that the caret stands below its character whatever a tab's width.
    let padding = String(String.UnicodeScalarView(scalars[start..<column].map { $0 == "\t" ? "\t" : " " }))
    let length = max(1, min(location.length ?? 1, start + room - column))
    let caret = style.paint(String(repeating: "^", count: length), .red)
    let label = location.label.map { " \(clean($0))" } ?? ""
    return ["\(number) | \(quoted)", "\(TextLayout.spaces(number.count)) | \(padding)\(caret)\(label)"]
  }

  /// File contents may not move the cursor or change colours: control characters other than tab become `�`.
  private func clean(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      result.append(scalar.properties.generalCategory == .control && scalar != "\t" ? "\u{FFFD}" : scalar)
    }
    return String(result)
  }
}

private struct DiagnosticsDocument: Encodable {
  var schema = Answer.schemaVersion
  var diagnostics: [Diagnostic]
}
