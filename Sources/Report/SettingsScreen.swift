import Diagnostics

/// What `--show-config` prints: every setting, its value, and who says so.
public struct SettingsScreen: Sendable {
  public struct Row: Hashable, Sendable, Encodable {
    public var key: String
    /// As it was written; null if nothing counts.
    @ExplicitNull public var value: String?
    @ExplicitNull public var origin: String?

    public init(key: String, value: String?, origin: String?) {
      self.key = key
      self.value = value
      self.origin = origin
    }
  }

  /// The variant that the settings are of.
  public var variant: String?
  public var rows: [Row]

  public init(variant: String?, rows: [Row]) {
    self.variant = variant
    self.rows = rows
  }

  public func text(style: TerminalStyle = .plain) -> String {
    let keyWidth = (rows.map(\.key.count).max() ?? 0) + 2
    let originWidth = rows.map { $0.origin?.count ?? 0 }.max() ?? 0
    let room = max(12, TextLayout.width - 1 - keyWidth - 2 - originWidth)
    let valueWidth = min(room, rows.map { $0.value?.count ?? 1 }.max() ?? 1)
    let lines = rows.map { row in
      let value = TextLayout.left(TextLayout.shortened(row.value ?? Formatting.absent, to: valueWidth), valueWidth)
      return TextLayout.withoutTrailingSpaces(" \(TextLayout.left(row.key, keyWidth))\(value)  \(row.origin ?? "")")
    }
    return (variant.map { ["variant \($0)"] + lines } ?? lines).map(style.legible).joined(separator: "\n")
  }

  /// All of them, which differ by variant where the file has variants.
  public static func json(_ screens: [SettingsScreen]) throws(Failure) -> String {
    try JSONText.encode(
      Document(configurations: screens.map { Document.Configuration(variant: $0.variant, settings: $0.rows) }))
  }

  private struct Document: Encodable {
    struct Configuration: Encodable {
      @ExplicitNull var variant: String?
      var settings: [Row]
    }
    var schema = Answer.schemaVersion
    var configurations: [Configuration]
  }
}
