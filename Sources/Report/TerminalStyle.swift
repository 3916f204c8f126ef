/// How a stream may be written to: colour and characters. Colour only repeats what a word or a mark already says.
public struct TerminalStyle: Hashable, Sendable {
  public enum ColorMode: String, Hashable, Sendable, CaseIterable { case auto, always, never }

  public var color: Bool
  /// False: ASCII marks instead of ✓ ▸ █.
  public var unicode: Bool

  public init(color: Bool, unicode: Bool) {
    self.color = color
    self.unicode = unicode
  }

  /// Plain text that every terminal shows.
  public static let plain = TerminalStyle(color: false, unicode: true)

  /// - Parameter environment: `NO_COLOR` (not empty) and `TERM=dumb` forbid colour unless it is asked for by `always`; `LC_ALL`,
  ///   `LC_CTYPE`, `LANG` (the first that is set) say whether the stream takes UTF-8.
  public init(_ mode: ColorMode, isTerminal: Bool, environment: [String: String]) {
    let isDumb = environment["TERM"] == "dumb"
    switch mode {
    case .always: color = true
    case .never: color = false
    case .auto: color = isTerminal && !isDumb && (environment["NO_COLOR"] ?? "").isEmpty
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let name = locale.lowercased()
    unicode = !isDumb && (name.contains("utf-8") || name.contains("utf8"))
  }

  /// What a screen says in ASCII where the stream takes nothing else. Texts of the user stay as they are written.
  func legible(_ text: String) -> String {
    guard !unicode else { return text }
    let replacements: [Character: String] = [
      "→": "->", "−": "-", "–": "-", "×": "x", "…": "~", "·": ",", "─": "-", "✓": "ok", "✗": "X", "▸": ">",
    ]
    return text.reduce(into: "") { $0 += replacements[$1] ?? String($1) }
  }

  enum Paint: String {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case cyan = "36"
    case bold = "1"
  }

  func paint(_ text: String, _ paint: Paint) -> String { color ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text }
}
