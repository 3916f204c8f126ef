/// A table for a screen of 80 columns, or in Markdown. The widest column of text gives way where a row would be too long.
struct TextTable {
  enum Alignment { case left, right }
  struct Column {
    var title: String
    var alignment: Alignment

    static func left(_ title: String) -> Column { Column(title: title, alignment: .left) }
    static func right(_ title: String) -> Column { Column(title: title, alignment: .right) }
  }

  var columns: [Column]
  /// As many cells a row as there are columns.
  var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  mutating func add(_ cells: String...) { rows.append(cells) }

  /// A space, then cells two spaces apart; a rule below the titles.
  func lines() -> [String] {
    let all = [columns.map(\.title)] + rows
    var widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let spare = TextLayout.width - 1 - widths.reduce(0, +) - 2 * (columns.count - 1)
    let texts = columns.indices.filter { columns[$0].alignment == .left }
    if spare < 0, let widest = texts.max(by: { widths[$0] < widths[$1] }) { widths[widest] = max(8, widths[widest] + spare) }
    let lines = all.map { cells in
      let padded = columns.indices.map { column in
        let text = TextLayout.shortened(cells[column], to: widths[column])
        switch columns[column].alignment {
        case .left: return TextLayout.left(text, widths[column])
        case .right: return TextLayout.right(text, widths[column])
        }
      }
      return TextLayout.withoutTrailingSpaces(" " + padded.joined(separator: "  "))
    }
    let rule = " " + String(repeating: "─", count: widths.reduce(0, +) + 2 * (columns.count - 1))
    return columns.allSatisfy(\.title.isEmpty) ? Array(lines.dropFirst()) : [lines[0], rule] + lines.dropFirst()
  }

  func markdown() -> [String] {
    let row = { (cells: [String]) in "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |" }
    let rule = columns.map { column in
      switch column.alignment {
      case .left: "---"
      case .right: "---:"
      }
    }
    return [row(columns.map(\.title)), row(rule)] + rows.map(row)
  }
}
