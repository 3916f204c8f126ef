/// Text in columns of a terminal. Every character counts one column: screens use no wide ones.
enum TextLayout {
  /// Width of all screens.
  static let width = 80

  static func left(_ text: String, _ width: Int) -> String { text + spaces(width - text.count) }
  static func right(_ text: String, _ width: Int) -> String { spaces(width - text.count) + text }
  static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }

  static func withoutTrailingSpaces(_ line: String) -> String { String(line.reversed().drop { $0 == " " }.reversed()) }

  /// Cuts the middle out, since names differ at both ends: `/stage3/blo…/conv_2`.
  static func shortened(_ text: String, to width: Int) -> String {
    guard text.count > width else { return text }
    guard width > 1 else { return String(text.prefix(max(0, width))) }
    let tail = (width - 1) / 2
    return text.prefix(width - 1 - tail) + "…" + text.suffix(tail)
  }

  /// Breaks text at spaces; lines after the first are indented. A word that is longer than a line stays whole.
  static func wrapped(_ text: String, first: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = spaces(indent)
        isEmpty = true
      }
      line += isEmpty ? String(word) : " \(word)"
      isEmpty = false
    }
    return lines + [line]
  }
}
