import Foundation

/// The table of the answer: axis, limit, predicted, measured, slack, what binds.
struct BudgetTable {
  /// What a superscript stands for.
  enum Note: Hashable { case notMeasured, accuracy }

  private let answer: Answer
  private let style: TerminalStyle

  init(_ answer: Answer, style: TerminalStyle) {
    self.answer = answer
    self.style = style
  }

  static func title(_ axis: Answer.Axis.Name) -> String {
    switch axis {
    case .ram: "RAM"
    case .flash, .latency, .energy, .power, .accuracy: axis.rawValue
    }
  }

  /// The notes in the order of their first use.
  static func notes(_ answer: Answer) -> [Note] {
    var notes: [Note] = []
    for axis in answer.budget {
      if let note = note(axis), !notes.contains(note) { notes.append(note) }
    }
    return notes
  }

  private static func note(_ axis: Answer.Axis) -> Note? {
    if axis.axis == .accuracy { return .accuracy }
    return axis.decisive == nil ? .notMeasured : nil
  }

  static func mark(_ note: Note, among notes: [Note], _ style: TerminalStyle) -> String {
    let index = notes.firstIndex(of: note) ?? 0
    return style.unicode ? ["¹", "²"][index] : ["(1)", "(2)"][index]
  }

  func lines() -> [String] {
    let rows = answer.budget.map(row)
    let limitWidth = max(9, (rows.map(\.limit.count).max() ?? 0) + 2)
    let predictedWidth = max(13, (rows.map(\.predicted.count).max() ?? 0) + 2)
    let measuredWidth = max(12, (rows.map(\.measured.count).max() ?? 0) + 2)
    let bindsWidth = TextLayout.width - 11 - limitWidth - predictedWidth - measuredWidth - 8
    let head =
      " axis      " + TextLayout.left("limit", limitWidth) + TextLayout.left("predicted", predictedWidth)
      + TextLayout.left("measured", measuredWidth) + " slack  what binds"
    let rule = " " + String(repeating: style.unicode ? "─" : "-", count: TextLayout.width - 2)
    return [head, rule]
      + rows.map { row in
        let slack = TextLayout.right(row.slack, 6)
        return " " + TextLayout.left(row.title, 10) + TextLayout.left(row.limit, limitWidth)
          + TextLayout.left(row.predicted, predictedWidth) + cell(row, measuredWidth)
          + (row.fits ? slack : style.paint(slack, .red)) + "  " + TextLayout.shortened(row.binds, to: bindsWidth)
      }
  }

  private struct Row {
    var title: String
    var limit: String
    var predicted: String
    var measured: String
    var slack: String
    var binds: String
    var fits: Bool
  }

  /// The measured figure; a cross at the end of the cell if the limit is exceeded.
  private func cell(_ row: Row, _ width: Int) -> String {
    guard !row.fits else { return TextLayout.left(row.measured, width) }
    return TextLayout.left(row.measured, width - 2) + style.paint(style.unicode ? "✗" : "X", .red) + " "
  }

  private func row(_ axis: Answer.Axis) -> Row {
    let format = formatter(axis)
    let show = { (value: Double?) in value.map(format) ?? Formatting.absent }
    let note = Self.note(axis).map { " " + Self.mark($0, among: Self.notes(answer), style) } ?? ""
    return Row(
      title: Self.title(axis.axis), limit: show(axis.limit), predicted: show(axis.predicted), measured: show(axis.measured) + note,
      slack: axis.slack.map { Formatting.percent($0, decimals: 0) } ?? Formatting.absent, binds: axis.binds ?? Formatting.absent,
      fits: axis.fits)
  }

  /// A figure of an axis by itself.
  static func figure(_ value: Double, _ unit: Answer.Axis.Unit) -> String {
    switch unit {
    case .bytes: Formatting.bytes(Int(value))
    case .milliseconds, .millijoules, .milliwatts: "\(Formatting.threeDigits(value)) \(unit.rawValue)"
    // A loss is shown as the change of the rate, so it has a minus sign.
    case .fraction: "\(Formatting.signed(-value * 100, decimals: 1)) pt"
    case .relative: "\(Formatting.signed(value * 100, decimals: 1)) %"
    }
  }

  /// One unit for all figures of an axis, the one that suits the figure that decides; sizes far larger than it, as a generous limit may be,
  /// keep a unit of their own.
  private func formatter(_ axis: Answer.Axis) -> (Double) -> String {
    switch axis.unit {
    case .bytes:
      let decisive = axis.decisive ?? axis.limit ?? 0
      let unit = SizeUnit.fitting(decisive)
      return { $0 > 100 * decisive ? Formatting.bytes(Int($0)) : "\(unit.number($0)) \(unit.symbol)" }
    case .milliseconds, .millijoules, .milliwatts, .fraction, .relative: return { Self.figure($0, axis.unit) }
    }
  }
}
