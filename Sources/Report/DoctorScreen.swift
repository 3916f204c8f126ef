import Diagnostics

/// What `edgepack doctor` found.
public struct DoctorScreen: Sendable {
  /// One thing that edgepack uses.
  public struct Check: Hashable, Sendable, Encodable {
    public var name: String
    /// Version or place; null if it is missing.
    @ExplicitNull public var found: String?
    /// What it is for: `proves arm64 targets`.
    public var purpose: String
    /// Whether what was asked for cannot do without it.
    public var isNeeded: Bool
    /// The Debian package that holds it.
    @ExplicitNull public var package: String?
    /// The one command that brings it.
    @ExplicitNull public var command: String?

    public init(name: String, found: String?, purpose: String, isNeeded: Bool, package: String? = nil, command: String? = nil) {
      self.name = name
      self.found = found
      self.purpose = purpose
      self.isNeeded = isNeeded
      self.package = package
      self.command = command ?? package.map { "sudo apt install \($0)" }
    }
  }

  /// The target that was asked about; nil for all.
  public var target: String?
  public var checks: [Check]

  public init(target: String?, checks: [Check]) {
    self.target = target
    self.checks = checks
  }

  /// What is missing and needed.
  public var missing: [Check] { checks.filter { $0.found == nil && $0.isNeeded } }

  /// One command for all missing packages; nil if none is missing.
  public var installCommand: String? {
    var packages: [String] = []
    for package in checks.filter({ $0.found == nil }).compactMap(\.package) where !packages.contains(package) { packages.append(package) }
    return packages.isEmpty ? nil : "sudo apt install \(packages.joined(separator: " "))"
  }

  /// - Parameter verbose: also where everything was found.
  public func text(verbose: Bool = false, style: TerminalStyle = .plain) -> String {
    let present = checks.filter { $0.found != nil }
    var lines = verbose ? places(present, style) : grid(present, style)
    let absent = checks.filter { $0.found == nil }
    let nameWidth = absent.map(\.name.count).max() ?? 0
    let purposeWidth = absent.map(\.purpose.count).max() ?? 0
    for check in absent {
      let mark = check.isNeeded ? style.paint("✗", .red) : style.paint("–", .yellow)
      let head = " \(mark) \(TextLayout.left(check.name, nameWidth))  \(TextLayout.left(check.purpose, purposeWidth))"
      let width = 3 + nameWidth + 2 + purposeWidth
      guard let command = check.command else {
        lines.append(head)
        continue
      }
      if width + 2 + command.count <= TextLayout.width {
        lines.append("\(head)  \(command)")
      } else {
        lines += [TextLayout.withoutTrailingSpaces(head), TextLayout.spaces(5 + nameWidth) + command]
      }
    }
    lines += conclusion(absent)
    return lines.map(style.legible).joined(separator: "\n")
  }

  private func places(_ checks: [Check], _ style: TerminalStyle) -> [String] {
    let width = checks.map(\.name.count).max() ?? 0
    return checks.map { " \(style.paint("✓", .green)) \(TextLayout.left($0.name, width))  \($0.found ?? "")  (\($0.purpose))" }
  }

  /// Several to a line, as many as fit.
  private func grid(_ checks: [Check], _ style: TerminalStyle) -> [String] {
    let texts = checks.map { check -> String in
      // A path tells less than the name.
      guard let found = check.found, !found.hasPrefix("/") else { return check.name }
      return found.lowercased().hasPrefix(check.name.lowercased()) ? found : "\(check.name) \(found)"
    }
    var lines: [String] = []
    var line = ""
    var column = 0
    for text in texts {
      // Columns of 26 characters; a longer text takes two of them.
      let cells = (text.count + 3 + 25) / 26
      if column > 0, column + cells > 3 {
        lines.append(TextLayout.withoutTrailingSpaces(line))
        (line, column) = ("", 0)
      }
      line += " \(style.paint("✓", .green)) " + TextLayout.left(text, cells * 26 - 3)
      column += cells
    }
    return column > 0 ? lines + [TextLayout.withoutTrailingSpaces(line)] : lines
  }

  private func conclusion(_ absent: [Check]) -> [String] {
    let subject = target ?? "all targets"
    guard !absent.isEmpty else { return ["", "nothing is missing for \(subject)"] }
    var lines = [""]
    if missing.isEmpty {
      lines.append("nothing is missing that \(subject) cannot do without")
    } else {
      lines += TextLayout.wrapped(missing.map(\.name).joined(separator: ", "), first: "missing for \(subject): ", indent: 2)
    }
    // With a single package the line above says it already.
    if let command = installCommand, Set(absent.compactMap(\.package)).count > 1 { lines.append("all of them: \(command)") }
    return lines
  }

  public func json() throws(Failure) -> String {
    try JSONText.encode(Document(target: target, ready: missing.isEmpty, checks: checks, install: installCommand))
  }

  private struct Document: Encodable {
    var schema = Answer.schemaVersion
    @ExplicitNull var target: String?
    var ready: Bool
    var checks: [Check]
    @ExplicitNull var install: String?
  }
}
