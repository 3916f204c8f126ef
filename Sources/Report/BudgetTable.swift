import Foundation

/// The table of the answer: axis, limit, predicted, measured, slack, what binds.
struct BudgetTable {
  /// What a superscript stands for.
  enum Note: Hashable {
    /// Neither predicted nor measured.
    case unknown
    /// Predicted only.
    case predicted
    /// Measured several times.
    case percentile
    case accuracy
  }

  private let answer: Answer
  private let style: TerminalStyle

  init(_ answer: Answer, style: TerminalStyle) {
    self.answer = answer
    self.style = style
  }

  static func title(_ axis: Answer.Axis.Name) -> String {
    switch axis {
    case .ram: "RAM"
    case .coldLatency: "cold"
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
    switch axis.axis {
    case .accuracy: return .accuracy
    case .ram, .flash: return axis.decisive == nil ? .unknown : nil
    case .latency, .coldLatency, .energy, .power:
      if axis.measuredP95 != nil { return .percentile }
      if axis.measured != nil { return nil }
      return axis.predicted == nil ? .unknown : .predicted
    }
  }

  static func mark(_ note: Note, among notes: [Note], _ style: TerminalStyle) -> String {
    let index = notes.firstIndex(of: note) ?? 0
    return style.unicode ? ["¹", "²", "³", "⁴"][index] : "(\(index + 1))"
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
      title: Self.title(axis.axis), limit: show(axis.limit), predicted: predicted(axis) ?? show(axis.predicted),
      measured: show(axis.measured) + note,
      slack: axis.slack.map { Formatting.percent($0, decimals: 0) } ?? Formatting.absent, binds: axis.binds ?? Formatting.absent,
      fits: axis.fits)
  }

  /// A figure of an axis by itself.
  static func figure(_ value: Double, _ unit: Answer.Axis.Unit) -> String {
    switch unit {
    case .bytes: Formatting.bytes(Int(value))
    case .milliseconds, .millijoules, .milliwatts: scaled(value, ScaledUnit.fitting(value, unit), unit)
    // A loss is shown as the change of the rate, so it has a minus sign.
    case .fraction: "\(Formatting.signed(-value * 100, decimals: 1)) pt"
    case .relative: "\(Formatting.signed(value * 100, decimals: 1)) %"
    }
  }

  private static func scaled(_ value: Double, _ scaled: ScaledUnit?, _ unit: Answer.Axis.Unit) -> String {
    let scaled = scaled ?? ScaledUnit(symbol: unit.rawValue, factor: 1)
    return "\(Formatting.threeDigits(value / scaled.factor)) \(scaled.symbol)"
  }

  /// A prediction from one value to another: `8.2–11.4 ms`. Nil for exact ones.
  private func predicted(_ axis: Answer.Axis) -> String? {
    guard let unit = ScaledUnit.fitting(axis), let low = axis.predictedLow, let high = axis.predicted, low < high else { return nil }
    return "\(Formatting.range(low / unit.factor, high / unit.factor)) \(unit.symbol)"
  }

  /// One unit for all figures of an axis, the one that suits the figure that decides; sizes far larger than it, as a generous limit may be,
  /// keep a unit of their own.
  private func formatter(_ axis: Answer.Axis) -> (Double) -> String {
    switch axis.unit {
    case .bytes:
      let decisive = axis.decisive ?? axis.limit ?? 0
      let unit = SizeUnit.fitting(decisive)
      return { $0 > 100 * decisive ? Formatting.bytes(Int($0)) : "\(unit.number($0)) \(unit.symbol)" }
    case .milliseconds, .millijoules, .milliwatts: return { Self.scaled($0, ScaledUnit.fitting(axis), axis.unit) }
    case .fraction, .relative: return { Self.figure($0, axis.unit) }
    }
  }
}

/// A unit of time, energy or power on the screens: `factor` of the axis' own unit.
struct ScaledUnit: Hashable {
  var symbol: String
  var factor: Double

  /// The unit in which the axis' deciding figure (without one its limit) is from 1 to 1000; nil for other dimensions.
  static func fitting(_ axis: Answer.Axis) -> ScaledUnit? {
    fitting(axis.decisive ?? axis.limit ?? 1, axis.unit)
  }

  static func fitting(_ value: Double, _ unit: Answer.Axis.Unit) -> ScaledUnit? {
    let prefixes: (small: String, own: String, large: String)
    switch unit {
    case .milliseconds: prefixes = ("us", "ms", "s")
    case .millijoules: prefixes = ("uJ", "mJ", "J")
    case .milliwatts: prefixes = ("uW", "mW", "W")
    case .bytes, .fraction, .relative: return nil
    }
    if value < 0.9995 { return ScaledUnit(symbol: prefixes.small, factor: 1e-3) }
    return value < 999.5 ? ScaledUnit(symbol: prefixes.own, factor: 1) : ScaledUnit(symbol: prefixes.large, factor: 1e3)
  }
}
