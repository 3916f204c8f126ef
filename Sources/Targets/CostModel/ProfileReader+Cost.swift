import Diagnostics

extension ProfileReader {
  /// Section `cost`: `run`, `noise`, `bandwidth`, `source`, and a row for each kind of work.
  static func readCost(_ section: ProfileSection) -> CostTable {
    var section = section
    var table = CostTable(rows: [])
    table.run = section.interval("run", .time) ?? .zero
    table.noise = section.quantity("noise", .percent).map { $0 / 100 } ?? 0
    table.bandwidths = section.section("bandwidth").map { readBandwidths($0) } ?? []
    table.source = section.string("source")
    for kind in WorkKind.allCases {
      if let row = section.section(kind.rawValue).map({ readRow($0, kind, table.source) }) { table.rows.append(row) }
    }
    table.other = section.section("other").map { readRow($0, nil, table.source) }
    section.finish()
    return table
  }

  private static func readBandwidths(_ section: ProfileSection) -> [CostTable.Bandwidth] {
    var section = section
    var bandwidths: [CostTable.Bandwidth] = []
    for level in CostTable.MemoryLevel.allCases {
      guard let value = section.interval(level.rawValue, .bandwidth) else { continue }
      if value.low > 0 {
        bandwidths.append(CostTable.Bandwidth(level, value))
      } else if let node = section.node(level.rawValue) {
        section.wrongValue(level.rawValue, node, "must be above 0", label: "expected more than 0 B/s")
      }
    }
    section.finish()
    return bandwidths
  }

  /// - Parameter outer: the source of the whole section.
  private static func readRow(_ section: ProfileSection, _ kind: WorkKind?, _ outer: String?) -> CostTable.Row {
    var section = section
    let units = [.step] + (kind?.units ?? WorkUnit.allCases.filter { $0 != .step })
    let terms = units.compactMap { unit in section.interval(unit.rawValue, .time).map { CostTable.Term(unit, $0) } }
    let spread = section.quantity("spread", .percent).map { $0 / 100 } ?? 0
    let source = section.string("source")
    section.warnWithoutSource(source ?? outer)
    section.finish()
    return CostTable.Row(kind: kind, terms: terms, spread: spread, source: source)
  }
}
