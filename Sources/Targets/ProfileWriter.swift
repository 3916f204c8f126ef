import Diagnostics
import Foundation

/// Writes a profile as the YAML that `ProfileReader` reads back.
public enum ProfileWriter {
  /// - Parameter comment: lines for the head of the file.
  public static func yaml(_ profile: TargetProfile, comment: [String] = []) -> String {
    var lines = comment.map { "# \($0)" }
    lines += ["name: \(quoted(profile.name))", "summary: \(quoted(profile.summary))"]
    lines += processor(profile.cpu)
    lines.append("os: \(profile.operatingSystem.rawValue)")
    lines += memory(profile.memory)
    lines += profile.cost.map(cost) ?? []
    lines += profile.power.map(power) ?? []
    lines += budget(profile.budget)
    lines += profile.emulator.map(emulator) ?? []
    lines.append("optimize: \(profile.optimize.rawValue)")
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Sections

  private static func processor(_ cpu: TargetProfile.Processor) -> [String] {
    var lines = ["cpu:", "  isa: \(cpu.architecture.rawValue)", "  core: \(quoted(cpu.core))"]
    let features = TargetProfile.Processor.Feature.allCases.filter(cpu.features.contains).map(\.rawValue)
    lines.append("  features: [\(features.joined(separator: ", "))]")
    lines.append("  cores: \(cpu.cores)")
    if cpu.threads != 1 { lines.append("  threads: \(cpu.threads)") }
    if let clock = cpu.clock { lines.append("  clock: \(quantity(clock, .frequency))") }
    if let cache = cpu.cache {
      let sizes = [("l1d", cache.l1d), ("l2", cache.l2), ("l3", cache.l3)].compactMap { key, bytes in
        bytes.map { "\(key): \(quantity(Double($0), .memory))" }
      }
      lines.append("  cache: { \(((cache.line.map { ["line: \($0)"] } ?? []) + sizes).joined(separator: ", ")) }")
    }
    return lines + source(cpu.source)
  }

  private static func memory(_ memory: TargetProfile.Memory) -> [String] {
    var lines = ["memory:", "  ram: \(quantity(Double(memory.ram), .memory))"]
    if let flash = memory.flash { lines.append("  flash: \(quantity(Double(flash), .memory))") }
    if let page = memory.page { lines.append("  page: \(quantity(Double(page), .memory))") }
    if let bandwidth = memory.bandwidth { lines.append("  bandwidth: \(quantity(bandwidth, .bandwidth))") }
    if let bandwidth = memory.storageBandwidth { lines.append("  storage_bandwidth: \(quantity(bandwidth, .bandwidth))") }
    return lines + source(memory.source)
  }

  private static func cost(_ cost: CostTable) -> [String] {
    var lines = ["cost:"]
    if cost.run != .zero { lines.append("  run: \(interval(cost.run, .time))") }
    if cost.noise > 0 { lines.append("  noise: \(quantity(cost.noise * 100, .percent))") }
    for row in cost.rows { lines += costRow(row, row.kind?.rawValue ?? "other") }
    if let other = cost.other { lines += costRow(other, "other") }
    if !cost.bandwidths.isEmpty {
      let levels = cost.bandwidths.map { "\($0.level.rawValue): \(interval($0.bytesPerSecond, .bandwidth))" }
      lines.append("  bandwidth: { \(levels.joined(separator: ", ")) }")
    }
    return lines + source(cost.source)
  }

  private static func costRow(_ row: CostTable.Row, _ name: String) -> [String] {
    var fields = row.terms.map { "\($0.unit.rawValue): \(interval($0.cost, .time))" }
    if row.spread > 0 { fields.append("spread: \(quantity(row.spread * 100, .percent))") }
    if let source = row.source { fields.append("source: \(quoted(source))") }
    return ["  \(name): { \(fields.joined(separator: ", ")) }"]
  }

  private static func power(_ power: TargetProfile.Power) -> [String] {
    var lines = ["power:", "  idle: \(quantity(power.idle, .power))"]
    if let active = power.active { lines.append("  active: \(interval(active, .power))") }
    if let duty = power.duty { lines.append("  duty: \(quantity(duty, .frequency))") }
    if !power.energy.isEmpty {
      let terms = EnergyTerm.allCases.compactMap { term in
        power.energy[term.rawValue].map { "\(term.rawValue): \(interval($0, .energy))" }
      }
      lines.append("  energy: { \(terms.joined(separator: ", ")) }")
    }
    return lines + source(power.source)
  }

  private static func budget(_ budget: Budget) -> [String] {
    var lines: [String] = []
    if let ram = budget.ram { lines.append("  ram: \(quantity(Double(ram), .memory))") }
    if let flash = budget.flash { lines.append("  flash: \(quantity(Double(flash), .memory))") }
    if let latency = budget.latency { lines.append("  latency: \(quantity(latency, .time))") }
    if let latency = budget.coldLatency { lines.append("  cold_latency: \(quantity(latency, .time))") }
    if let energy = budget.energy { lines.append("  energy: \(quantity(energy, .energy))") }
    if let power = budget.power { lines.append("  power: \(quantity(power, .power))") }
    let drops = [
      budget.accuracyDrop.map { "rate: \(quantity($0 * 100, .percentagePoints))" },
      budget.errorGrowth.map { "error: \(quantity($0 * 100, .percent))" },
    ].compactMap { $0 }
    if !drops.isEmpty { lines.append("  accuracy_drop: { \(drops.joined(separator: ", ")) }") }
    return lines.isEmpty ? [] : ["budget:"] + lines
  }

  private static func emulator(_ emulator: TargetProfile.Emulator) -> [String] {
    var fields = ["kind: \(emulator.kind.rawValue)"]
    if let machine = emulator.machine { fields.append("machine: \(quoted(machine))") }
    if let cpu = emulator.cpu { fields.append("cpu: \(quoted(cpu))") }
    if let memory = emulator.memory { fields.append("memory: \(quantity(Double(memory), .memory))") }
    return ["emulator: { \(fields.joined(separator: ", ")) }"]
  }

  private static func source(_ source: String?) -> [String] { source.map { ["  source: \(quoted($0))"] } ?? [] }

  // MARK: Values

  /// A text as YAML reads it back, whatever is in it.
  private static func quoted(_ text: String) -> String {
    let isPlain =
      text.first?.isLetter == true && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) }
      && !["true", "false", "null", "yes", "no", "on", "off"].contains(text.lowercased())
    if isPlain { return text }
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: " "
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }

  static func interval(_ interval: Interval, _ dimension: Diagnostics.Dimension) -> String {
    interval.low == interval.high
      ? quantity(interval.low, dimension) : "\(quantity(interval.low, dimension)) to \(quantity(interval.high, dimension))"
  }

  /// In the largest unit in which the number is at least 1. Sizes are exact, in powers of 1024; all else has four digits.
  static func quantity(_ value: Double, _ dimension: Diagnostics.Dimension) -> String {
    guard value > 0 else { return "0 \(dimension.units[0].symbol)" }
    let units = dimension == .memory ? dimension.units.filter { $0.symbol == "B" || $0.symbol.hasSuffix("iB") } : dimension.units
    let sorted = units.sorted { $0.factor < $1.factor }.filter { $0.symbol != "min" }
    let fitting = sorted.filter { dimension == .memory ? value.truncatingRemainder(dividingBy: $0.factor) == 0 : value >= $0.factor }
    let unit = fitting.last ?? sorted[0]
    return "\(digits(value / unit.factor)) \(unit.symbol)"
  }

  /// Four significant digits, without trailing zeros; whole numbers are whole.
  private static func digits(_ value: Double) -> String {
    if value == value.rounded(), value < 1e15 { return String(Int(value)) }
    let decimals = max(0, 3 - Int(log10(value).rounded(.down)))
    var text = String(format: "%.\(decimals)f", value)
    guard text.contains(".") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}
