import Diagnostics

/// One layer as `edgepack inspect` shows it.
public struct LayerRow: Codable, Hashable, Sendable {
  public var name: String
  public var `operator`: String
  /// With the batch axis.
  public var outputShape: [Int]
  public var macs: Int
  public var parameters: Int
  /// Bytes of the output in int8.
  public var activationBytes: Int

  public init(name: String, operator: String, outputShape: [Int], macs: Int, parameters: Int, activationBytes: Int) {
    self.name = name
    self.operator = `operator`
    self.outputShape = outputShape
    self.macs = macs
    self.parameters = parameters
    self.activationBytes = activationBytes
  }
}

/// Layers of a model with what they cost: the 15 largest by multiply-accumulates in the order of the network, the rest as one line,
/// and a total.
public struct InspectScreen: Sendable {
  static let shownLayers = 15
  public var model: String
  public var rows: [LayerRow]
  public var showsAll: Bool
  public var style: TerminalStyle

  public init(model: String, rows: [LayerRow], showsAll: Bool = false, style: TerminalStyle = .plain) {
    self.model = model
    self.rows = rows
    self.showsAll = showsAll
    self.style = style
  }

  /// The first line: all that `-q` prints.
  public var headline: String {
    let macs = rows.reduce(0) { $0 + $1.macs }
    let parameters = rows.reduce(0) { $0 + $1.parameters }
    let largest = rows.map(\.activationBytes).max() ?? 0
    return "\(model): \(rows.count) \(rows.count == 1 ? "layer" : "layers"), \(Formatting.count(macs)) MAC, "
      + "\(Formatting.count(parameters)) parameters, largest output \(Formatting.grouped(largest)) B"
  }

  public func text() -> String {
    let macs = rows.reduce(0) { $0 + $1.macs }
    let parameters = rows.reduce(0) { $0 + $1.parameters }
    let shown = visible()
    let table = Columns(nameWidth: min(20, max(5, shown.map { rows[$0].name.count }.max() ?? 0)))
    var lines = [
      headline, "",
      table.line("layer", "operator", "output", "MACs", "params", "output B"), table.rule,
    ]
    lines += shown.map { index in
      let row = rows[index]
      return table.line(
        row.name, row.operator, row.outputShape.map(String.init).joined(separator: "×"), Formatting.count(row.macs),
        Formatting.count(row.parameters), Formatting.grouped(row.activationBytes))
    }
    let hidden = Set(rows.indices).subtracting(shown)
    if !hidden.isEmpty {
      let rest = hidden.reduce(0) { $0 + rows[$1].macs }
      let share = macs > 0 ? ", \(Formatting.percent(Double(rest) / Double(macs), decimals: 1)) of the MACs" : ""
      lines.append(" and \(hidden.count) smaller\(share); --all")
    }
    lines.append(table.line("total", "", "", Formatting.count(macs), Formatting.count(parameters), ""))
    return lines.map(style.legible).joined(separator: "\n")
  }

  /// The table's columns; with the widest name it is 80 columns wide.
  private struct Columns {
    var nameWidth: Int

    var rule: String { " " + String(repeating: "─", count: nameWidth + 2 + 14 + 14 + 9 + 9 + 11) }

    func line(_ name: String, _ kind: String, _ shape: String, _ macs: String, _ parameters: String, _ bytes: String) -> String {
      let text =
        " " + TextLayout.left(TextLayout.shortened(name, to: nameWidth), nameWidth + 2)
        + TextLayout.left(TextLayout.shortened(kind, to: 13), 14) + TextLayout.left(TextLayout.shortened(shape, to: 13), 14)
        + TextLayout.right(macs, 9) + TextLayout.right(parameters, 9) + TextLayout.right(bytes, 11)
      return String(text.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// `{"layers": […], "model": …, "schema": "1.0"}`; all layers.
  public func json() throws(Failure) -> String { try JSONText.encode(Document(model: model, layers: rows)) }

  private struct Document: Encodable {
    var schema = Answer.schemaVersion
    var model: String
    var layers: [LayerRow]
  }

  private func visible() -> [Int] {
    guard !showsAll, rows.count > Self.shownLayers else { return Array(rows.indices) }
    let bySize = rows.indices.sorted {
      (rows[$0].macs, rows[$0].parameters, rows[$0].activationBytes, $1) > (
        rows[$1].macs, rows[$1].parameters, rows[$1].activationBytes, $0
      )
    }
    return bySize.prefix(Self.shownLayers).sorted()
  }
}
