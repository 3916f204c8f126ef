import Diagnostics

/// Two builds side by side: `edgepack compare A/ B/`.
public struct Comparison: Sendable {
  /// A build as the user named it.
  public struct Side: Sendable {
    public var folder: String
    public var answer: Answer

    public init(folder: String, answer: Answer) {
      self.folder = folder
      self.answer = answer
    }
  }

  public var before: Side
  public var after: Side

  public init(before: Side, after: Side) {
    self.before = before
    self.after = after
  }

  public func text(style: TerminalStyle = .plain) -> String {
    let lines =
      [side("A", before), side("B", after), ""] + budget().lines() + section("layers that differ", layers())
      + section("files that differ", files())
    return lines.map(style.legible).joined(separator: "\n")
  }

  /// For a pull request.
  public func markdown() -> String {
    var lines = ["**A** " + side("", before).trimmingSpaces(), "", "**B** " + side("", after).trimmingSpaces(), ""]
    lines += budget().markdown()
    for (title, table) in [("Layers that differ", layers()), ("Files that differ", files())] where !table.rows.isEmpty {
      lines += ["", "**\(title)**", ""] + table.markdown()
    }
    return lines.joined(separator: "\n")
  }

  private func side(_ name: String, _ side: Side) -> String {
    let answer = side.answer
    let verdict = answer.answer == .fits ? "FITS" : "DOES NOT FIT"
    return " \(name)  \(side.folder): \(verdict), \(answer.model.file) on \(answer.target.name), program \(answer.program.prefix(8))"
  }

  private func section(_ title: String, _ table: TextTable) -> [String] {
    table.rows.isEmpty ? ["", " no \(title)"] : ["", " \(title)"] + table.lines()
  }
}

// The tables, the same for people and for Markdown.
extension Comparison {
  private func budget() -> TextTable {
    var table = TextTable([.left("axis"), .right("A"), .right("B"), .right("change"), .left("limit of B")])
    for axis in axes() {
      let show = { (value: Double?) in value.map { BudgetTable.figure($0, axis.unit) } ?? Formatting.absent }
      let limit = axis.limit.map { BudgetTable.figure($0, axis.unit) + (axis.fits ? "" : " ✗") } ?? Formatting.absent
      table.add(BudgetTable.title(axis.axis), show(axis.before), show(axis.after), axis.change, limit)
    }
    return table
  }

  /// Layers of either build whose size or noise is another one, the largest difference first.
  private func layers() -> TextTable {
    var table = TextTable([.left("layer"), .right("weights A"), .right("B"), .right("noise A"), .right("B"), .right("bits")])
    let differing = layerChanges()
    for layer in differing.prefix(Explanation.shownParts) {
      let noise = { (value: Double?) in value.map { Formatting.fixed($0, decimals: 1) + " dB" } ?? Formatting.absent }
      let bytes = { (layer: Answer.Layer?) in layer.map { Formatting.bytes($0.weightBytes) } ?? Formatting.absent }
      let bits = [layer.before?.bits, layer.after?.bits].map { $0.map(String.init) ?? Formatting.absent }
      table.add(
        layer.name, bytes(layer.before), bytes(layer.after), noise(layer.before?.sqnrDb), noise(layer.after?.sqnrDb),
        bits[0] == bits[1] ? bits[0] : "\(bits[0]) → \(bits[1])")
    }
    if differing.count > Explanation.shownParts { table.add("and \(differing.count - Explanation.shownParts) more", "", "", "", "", "") }
    return table
  }

  private func files() -> TextTable {
    var table = TextTable([.left("file"), .right("A"), .right("B"), .right("change")])
    for file in fileChanges() {
      let show = { (bytes: Int?) in bytes.map { Formatting.bytes($0) } ?? Formatting.absent }
      table.add(
        file.path, show(file.before), show(file.after), Self.change(file.before.map(Double.init), file.after.map(Double.init), .bytes))
    }
    return table
  }
}

// What differs.
extension Comparison {
  private struct AxisChange: Encodable {
    var axis: Answer.Axis.Name
    var unit: Answer.Axis.Unit
    @ExplicitNull var before: Double?
    @ExplicitNull var after: Double?
    @ExplicitNull var limit: Double?
    var fits: Bool

    var change: String { Comparison.change(before, after, unit) }
  }

  private struct LayerChange: Encodable {
    var name: String
    @ExplicitNull var before: Answer.Layer?
    @ExplicitNull var after: Answer.Layer?
  }

  private struct FileChange: Encodable {
    var path: String
    @ExplicitNull var before: Int?
    @ExplicitNull var after: Int?
  }

  private struct Document: Encodable {
    var schema = Answer.schemaVersion
    var before: String
    var after: String
    var axes: [AxisChange]
    var layers: [LayerChange]
    var files: [FileChange]
  }

  public func json() throws(Failure) -> String {
    try JSONText.encode(
      Document(before: before.folder, after: after.folder, axes: axes(), layers: layerChanges(), files: fileChanges()))
  }

  /// Axes of either build; a unit that changed, as of accuracy with another metric, leaves nothing to compare with.
  private func axes() -> [AxisChange] {
    Answer.Axis.Name.allCases.compactMap { name in
      let old = before.answer.budget.first { $0.axis == name }
      guard let new = after.answer.budget.first(where: { $0.axis == name }) ?? old else { return nil }
      return AxisChange(
        axis: name, unit: new.unit, before: old?.unit == new.unit ? old?.decisive : nil, after: new.decisive, limit: new.limit,
        fits: new.fits)
    }
  }

  private func layerChanges() -> [LayerChange] {
    let names = before.answer.layers.map(\.name) + after.answer.layers.map(\.name)
    var seen: Set<String> = []
    let changes = names.filter { seen.insert($0).inserted }.map { name in
      LayerChange(
        name: name, before: before.answer.layers.first { $0.name == name }, after: after.answer.layers.first { $0.name == name })
    }
    let difference = { (change: LayerChange) in abs((change.after?.weightBytes ?? 0) - (change.before?.weightBytes ?? 0)) }
    return changes.filter { !Self.looksAlike($0.before, $0.after) }.enumerated().sorted {
      (difference($0.element), $1.offset) > (difference($1.element), $0.offset)
    }.map(\.element)
  }

  /// Whether a reader would see no difference.
  private static func looksAlike(_ a: Answer.Layer?, _ b: Answer.Layer?) -> Bool {
    guard let a, let b else { return false }
    let noise = abs((a.sqnrDb ?? 0) - (b.sqnrDb ?? 0))
    return a.weightBytes == b.weightBytes && a.bits == b.bits && a.shape == b.shape && a.macs == b.macs && noise < 0.05
  }

  private func fileChanges() -> [FileChange] {
    let paths = Set(before.answer.files.map(\.path)).union(after.answer.files.map(\.path)).sorted()
    return paths.compactMap { path in
      let (old, new) = (before.answer.files.first { $0.path == path }?.bytes, after.answer.files.first { $0.path == path }?.bytes)
      return old == new ? nil : FileChange(path: path, before: old, after: new)
    }
  }

  /// `−14.0 KiB (−12 %)`, `same`.
  private static func change(_ before: Double?, _ after: Double?, _ unit: Answer.Axis.Unit) -> String {
    guard let before, let after else { return Formatting.absent }
    if before == after { return "same" }
    let difference = after - before
    switch unit {
    case .bytes, .milliseconds, .millijoules, .milliwatts:
      let sign = difference < 0 ? Formatting.minus : "+"
      let share = before > 0 ? " (\(Formatting.signed(difference / before * 100, decimals: 0)) %)" : ""
      return sign + BudgetTable.figure(abs(difference), unit) + share
    case .fraction: return "\(Formatting.signed(-difference * 100, decimals: 1)) pt"
    case .relative: return "\(Formatting.signed(difference * 100, decimals: 1)) %"
    }
  }
}
