/// One fault or remark, in the user's words. A value: it is collected, compared and printed elsewhere (`Report/DiagnosticRenderer`).
public struct Diagnostic: Hashable, Sendable, Codable {
  public enum Severity: String, Hashable, Sendable, Codable { case error, warning }

  /// A stable, kebab-case name; documented in docs/errors.md and provoked by a test.
  public var code: DiagnosticCode
  public var severity: Severity
  /// What is wrong and why: one sentence, lower case, no full stop.
  public var message: String
  /// Further lines of the same fault, such as one line per unsupported node. Printed indented below the message.
  public var details: [String]
  public var location: Location?
  /// What to do, as a command where possible.
  public var hint: String?

  public init(
    _ code: DiagnosticCode, _ message: String, details: [String] = [], at location: Location? = nil, hint: String? = nil,
    severity: Severity = .error
  ) {
    self.code = code
    self.severity = severity
    self.message = Self.bounded(message)
    self.details = details.count <= Self.mostDetails ? details.map(Self.bounded) : Self.beginning(of: details)
    self.location = location
    self.hint = hint.map(Self.bounded)
  }

  /// Names and values of a damaged file may have any length; nobody reads more than this.
  private static let longestText = 1000
  private static let mostDetails = 100

  private static func bounded(_ text: String) -> String {
    // Counting UTF-8 bytes costs nothing; the text is walked only where it may be too long.
    guard text.utf8.count > longestText, text.unicodeScalars.count > longestText else { return text }
    let scalars = text.unicodeScalars
    return String(scalars.prefix(longestText * 3 / 4)) + " … " + String(scalars.suffix(longestText / 4))
  }

  private static func beginning(of details: [String]) -> [String] {
    details.prefix(mostDetails).map(bounded) + ["and \(details.count - mostDetails) more"]
  }
}

/// Where a fault lies. Fields that are unknown stay nil.
public struct Location: Hashable, Sendable, Codable {
  /// The file as the user named it.
  public var file: String
  /// 1-based line and column in a text file.
  public var line: Int?
  public var column: Int?
  /// The text of that line, for the excerpt, and how many characters the caret underlines.
  public var excerpt: String?
  public var length: Int?
  /// What the line with the caret says behind it: `expected B/s, KB/s, MB/s or GB/s`.
  public var label: String?
  /// What inside the file is meant: `node /conv1`, `initializer fc2.weight`, `array x`, `bytes 10–20`.
  public var element: String?

  public init(
    file: String, line: Int? = nil, column: Int? = nil, excerpt: String? = nil, length: Int? = nil, label: String? = nil,
    element: String? = nil
  ) {
    self.file = file
    self.line = line
    self.column = column
    self.excerpt = excerpt
    self.length = length
    self.label = label
    self.element = element.map { $0.utf8.count <= 400 ? $0 : String($0.unicodeScalars.prefix(300)) + " …" }
  }
}
