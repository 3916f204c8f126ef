import Diagnostics

/// The summary of a run over the variants of a configuration file: one line a variant.
public struct VariantsScreen: Sendable {
  public struct Row: Sendable {
    public var name: String
    public var folder: String
    public var answer: Answer

    public init(name: String, folder: String, answer: Answer) {
      self.name = name
      self.folder = folder
      self.answer = answer
    }
  }

  public var rows: [Row]

  public init(_ rows: [Row]) { self.rows = rows }

  /// Whether every variant fits.
  public var fits: Bool { rows.allSatisfy { $0.answer.answer == .fits } }

  /// All that `-q` prints.
  public var headline: String {
    let fitting = rows.filter { $0.answer.answer == .fits }.count
    return "\(fitting) of \(rows.count) variants fit"
  }

  public func text(style: TerminalStyle = .plain) -> String {
    let axes = Answer.Axis.Name.allCases.filter { name in
      rows.contains { $0.answer.budget.contains { $0.axis == name && $0.decisive != nil } }
    }
    let lines = table(axes, showsFolders: true).lines()
    // Each variant's folder is named like it; where figures take the whole width, that must do.
    let fits = lines.allSatisfy { $0.count <= TextLayout.width }
    return ([headline, ""] + (fits ? lines : table(axes, showsFolders: false).lines())).map(style.legible).joined(separator: "\n")
  }

  private func table(_ axes: [Answer.Axis.Name], showsFolders: Bool) -> TextTable {
    var table = TextTable(
      [.left("variant"), .left("answer")] + axes.map { .right(BudgetTable.title($0)) } + (showsFolders ? [.left("in")] : []))
    for row in rows {
      let cells = axes.map { name -> String in
        guard let axis = row.answer.budget.first(where: { $0.axis == name }), let figure = axis.decisive else { return Formatting.absent }
        return BudgetTable.figure(figure, axis.unit) + (axis.fits ? "" : " ✗")
      }
      table.rows.append([row.name, row.answer.answer == .fits ? "FITS" : "DOES NOT FIT"] + cells + (showsFolders ? [row.folder] : []))
    }
    return table
  }

  public func json() throws(Failure) -> String {
    try JSONText.encode(Document(variants: rows.map { Document.Variant(name: $0.name, folder: $0.folder, report: $0.answer) }))
  }

  private struct Document: Encodable {
    struct Variant: Encodable {
      var name: String
      var folder: String
      var report: Answer
    }
    var schema = Answer.schemaVersion
    var variants: [Variant]
  }
}
