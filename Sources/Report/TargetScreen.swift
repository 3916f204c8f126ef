import Targets

/// A target profile for people: the device, what it costs, the budget, and where the figures come from.
public struct TargetScreen: Sendable {
  public var profile: TargetProfile
  public var style: TerminalStyle

  public init(_ profile: TargetProfile, style: TerminalStyle = .plain) {
    self.profile = profile
    self.style = style
  }

  /// Lines of at most 80 columns where words allow it.
  public func text() -> String {
    var lines = ["\(profile.name): \(profile.summary)", ""]
    lines += section("cpu", processor, profile.cpu.source)
    lines += section("memory", memory, profile.memory.source)
    if let cost = profile.cost { lines += costs(cost) }
    if let power = profile.power { lines += section("power", self.power(power), power.source) }
    let limits = budget
    lines += section("budget", limits.isEmpty ? ["no limits"] : limits, nil)
    lines += section("proof", [proof], nil)
    return lines.map(style.legible).joined(separator: "\n")
  }

  // MARK: Sections

  private func section(_ title: String, _ facts: [String], _ source: String?) -> [String] {
    let first = " " + TextLayout.left(title, 9)
    return TextLayout.wrapped(facts.joined(separator: ", "), first: first, indent: first.count) + sourceLines(source)
  }

  private func sourceLines(_ source: String?) -> [String] {
    source.map { TextLayout.wrapped("source: \($0)", first: TextLayout.spaces(10), indent: 12) } ?? []
  }

  private var processor: [String] {
    let cpu = profile.cpu
    var facts = ["\(cpu.architecture.rawValue) \(cpu.core)", "\(cpu.cores) \(cpu.cores == 1 ? "core" : "cores")"]
    if let clock = cpu.clock { facts.append("\(Formatting.threeDigits(clock / 1e9)) GHz") }
    let features = TargetProfile.Processor.Feature.allCases.filter(cpu.features.contains).map(\.rawValue)
    if !features.isEmpty { facts.append(features.joined(separator: " ")) }
    for (name, size) in [("L1", cpu.cache?.l1d), ("L2", cpu.cache?.l2), ("L3", cpu.cache?.l3)] {
      if let size { facts.append("\(name) \(Formatting.bytes(size))") }
    }
    return facts + [profile.operatingSystem == .linux ? "Linux" : "no operating system"]
  }

  private var memory: [String] {
    let memory = profile.memory
    var facts = ["RAM \(Formatting.bytes(memory.ram))"]
    if let flash = memory.flash { facts.append("flash \(Formatting.bytes(flash))") }
    if let page = memory.page { facts.append("pages of \(Formatting.bytes(page))") }
    if let bandwidth = memory.bandwidth { facts.append("bandwidth \(Self.rate(Interval(bandwidth)))") }
    if let bandwidth = memory.storageBandwidth { facts.append("storage \(Self.rate(Interval(bandwidth)))") }
    return facts
  }

  private func costs(_ cost: CostTable) -> [String] {
    let cells = cost.rows.map { ($0.kind?.rawValue ?? "other", $0) } + (cost.other.map { [("other", $0)] } ?? [])
    var lines = cells.enumerated().flatMap { index, cell in
      let first = " " + TextLayout.left(index == 0 ? "cost" : "", 9) + TextLayout.left(cell.0, 15)
      let terms = cell.1.terms.map { "\($0.unit.rawValue) \(Self.time($0.cost))" }
      let spread = cell.1.spread > 0 ? ["± \(Formatting.percent(cell.1.spread, decimals: 0))"] : []
      return TextLayout.wrapped((terms + spread).joined(separator: ", "), first: first, indent: first.count)
        + sourceLines(cell.1.source)
    }
    if !cost.bandwidths.isEmpty {
      let rates = cost.bandwidths.map { "\($0.level.rawValue.uppercased()) \(Self.rate($0.bytesPerSecond))" }
      let first = TextLayout.spaces(10) + TextLayout.left("bandwidth", 15)
      lines += TextLayout.wrapped(rates.joined(separator: ", "), first: first, indent: first.count)
    }
    return lines + sourceLines(cost.source)
  }

  private func power(_ power: TargetProfile.Power) -> [String] {
    var facts = ["idle \(Formatting.scaled(power.idle, .milliwatts))"]
    if let active = power.active { facts.append("active \(Self.span(active) { Formatting.scaled($0, .milliwatts) })") }
    if let duty = power.duty { facts.append("\(Formatting.scaledFrequency(duty)) duty") }
    for term in EnergyTerm.allCases {
      guard let energy = power.energy[term.rawValue] else { continue }
      facts.append("\(term.rawValue) \(Self.span(energy) { "\(Formatting.threeDigits($0 * 1e9)) pJ" })")
    }
    return facts
  }

  private var budget: [String] {
    let budget = profile.budget
    return [
      budget.ram.map { "RAM \(Formatting.bytes($0))" }, budget.flash.map { "flash \(Formatting.bytes($0))" },
      budget.latency.map { "latency \(Formatting.scaled($0, .milliseconds))" },
      budget.coldLatency.map { "cold latency \(Formatting.scaled($0, .milliseconds))" },
      budget.energy.map { "energy \(Formatting.scaled($0, .millijoules))" },
      budget.power.map { "power \(Formatting.scaled($0, .milliwatts))" },
      budget.accuracyDrop.map { "accuracy drop \(Formatting.threeDigits($0 * 100)) pt" },
      budget.errorGrowth.map { "error growth \(Formatting.threeDigits($0 * 100)) %" },
    ].compactMap { $0 }
  }

  private var proof: String {
    guard let emulator = profile.emulator else { return "where this computer can" }
    switch emulator.kind {
    case .native: return "on this computer itself"
    case .qemuUser: return "in QEMU's user mode" + (emulator.cpu.map { ", \($0)" } ?? "")
    case .qemuSystem: return "in a booted machine: " + [emulator.machine, emulator.cpu].compactMap { $0 }.joined(separator: ", ")
    }
  }

  // MARK: Figures

  private static func span(_ interval: Interval, _ format: (Double) -> String) -> String {
    interval.low == interval.high ? format(interval.low) : "\(format(interval.low)) to \(format(interval.high))"
  }

  /// A time of the cost table: from picoseconds to milliseconds.
  private static func time(_ interval: Interval) -> String {
    let units: [(String, Double)] = [("ms", 1), ("us", 1e-3), ("ns", 1e-6), ("ps", 1e-9)]
    return span(interval) { value in
      let unit = units.first { value >= $0.1 } ?? units[3]
      return "\(Formatting.threeDigits(value / unit.1)) \(unit.0)"
    }
  }

  private static func rate(_ interval: Interval) -> String {
    span(interval) { $0 >= 1e9 ? "\(Formatting.threeDigits($0 / 1e9)) GB/s" : "\(Formatting.threeDigits($0 / 1e6)) MB/s" }
  }
}
