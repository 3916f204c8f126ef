import Diagnostics
import Yams

/// A profile with what its author should know about it.
public struct ReadProfile: Hashable, Sendable {
  public var profile: TargetProfile
  public var warnings: [Diagnostic]

  public init(profile: TargetProfile, warnings: [Diagnostic]) {
    self.profile = profile
    self.warnings = warnings
  }
}

/// Reads target profiles (docs/adding-a-target.md). All faults of a file are reported at once, in the order of the text.
public enum ProfileReader {
  /// - Throws: `file-not-found`, `file-unreadable`, and what `parse` throws.
  public static func read(file path: String) throws(Failure) -> ReadProfile {
    try parse(try YAMLText.read(file: path, kind: .profile), file: path)
  }

  /// - Parameter file: the name for messages.
  /// - Throws: `profile-syntax` (not YAML), `profile-field` (unknown, missing or repeated key), `profile-value` (anything else).
  public static func parse(_ yaml: String, file: String) throws(Failure) -> ReadProfile {
    let yaml = YAMLText.withoutByteOrderMark(yaml)
    let text = ProfileText(yaml, file: file)
    guard let root = try YAMLText.compose(yaml, text, kind: .profile) else {
      throw Failure(
        .profileSyntax, "\(file) is empty", at: Location(file: file), hint: "`name`, `summary`, `cpu`, `os` and `memory` are needed")
    }
    let profile = ProfileSection(root, path: "", text: text).flatMap { readProfile($0) }
    let warnings = try text.finish()
    // A field that could not be read has been reported, so the line above has thrown.
    guard let profile else { preconditionFailure("a profile failed without a fault") }
    return ReadProfile(profile: profile, warnings: warnings)
  }
}

// The sections of a profile in the order of the schema. Each reads all its fields before it gives up, so that all faults show.
extension ProfileReader {
  private static func readProfile(_ file: ProfileSection) -> TargetProfile? {
    var file = file
    let name = file.string("name", required: true)
    let summary = file.string("summary", required: true)
    let cpu = file.section("cpu", required: true).flatMap { readProcessor($0) }
    let system = file.choice("os", TargetProfile.OperatingSystem.self, required: true)
    let memory = file.section("memory", required: true).flatMap { readMemory($0, system) }
    let cost = file.section("cost").map { readCost($0) }
    let power = file.section("power").flatMap { readPower($0) }
    let budget = file.section("budget").map { readBudget($0) } ?? Budget()
    let emulator = file.section("emulator").flatMap { readEmulator($0) }
    file.ignore("accelerator")
    let optimize = file.choice("optimize", TargetProfile.Optimization.self) ?? .size
    file.finish()
    guard let name, let summary, let cpu, let system, let memory else { return nil }
    return TargetProfile(
      name: name, summary: summary, cpu: cpu, operatingSystem: system, memory: memory, cost: cost, power: power,
      budget: budget, emulator: emulator, optimize: optimize)
  }

  private static func readProcessor(_ section: ProfileSection) -> TargetProfile.Processor? {
    var section = section
    let architecture = section.choice("isa", TargetProfile.Processor.Architecture.self, required: true)
    let core = section.string("core", required: true)
    let features = section.choices("features", TargetProfile.Processor.Feature.self)
    let hasCores = section.keys.contains("cores")
    let hasThreads = section.keys.contains("threads")
    let cores = section.count("cores", in: 1...1024)
    let threads = section.count("threads", in: 1...(cores ?? 1))
    let clock = section.quantity("clock", .frequency)
    let cache = section.section("cache").map { readCache($0) }
    let source = section.string("source")
    if clock != nil || cache != nil { section.warnWithoutSource(source) }
    section.finish()
    guard let architecture, let core, let features, cores != nil || !hasCores, threads != nil || !hasThreads else { return nil }
    return TargetProfile.Processor(
      architecture: architecture, core: core, features: features, cores: cores ?? 1, threads: threads ?? 1, clock: clock, cache: cache,
      source: source)
  }

  private static func readCache(_ section: ProfileSection) -> TargetProfile.Cache {
    var section = section
    let cache = TargetProfile.Cache(
      line: section.count("line", in: 1...4096), l1d: section.bytes("l1d"), l2: section.bytes("l2"),
      l3: section.bytes("l3"))
    section.finish()
    return cache
  }

  private static func readMemory(_ section: ProfileSection, _ system: TargetProfile.OperatingSystem?) -> TargetProfile.Memory? {
    var section = section
    let ram = section.bytes("ram", required: true)
    let page = section.bytes("page", required: system == .linux)
    if let page, page.nonzeroBitCount != 1, let node = section.node("page") {
      section.wrongValue("page", node, "must be a power of two", label: "such as 4 KiB or 16 KiB")
    }
    let bandwidth = section.quantity("bandwidth", .bandwidth)
    let flash = section.bytes("flash")
    let storageBandwidth = section.quantity("storage_bandwidth", .bandwidth)
    let source = section.string("source")
    section.warnWithoutSource(source)
    section.finish()
    guard let ram, system != .linux || page != nil else { return nil }
    return TargetProfile.Memory(
      ram: ram, flash: flash, page: page, bandwidth: bandwidth, storageBandwidth: storageBandwidth, source: source)
  }

  private static func readPower(_ section: ProfileSection) -> TargetProfile.Power? {
    var section = section
    let idle = section.quantity("idle", .power, required: true)
    let active = section.interval("active", .power)
    let duty = section.quantity("duty", .frequency)
    var terms: [String: Interval] = [:]
    if var energy = section.section("energy") {
      for term in EnergyTerm.allCases { terms[term.rawValue] = energy.interval(term.rawValue, .energy) }
      energy.finish()
    }
    let source = section.string("source")
    section.warnWithoutSource(source)
    section.finish()
    return idle.map { TargetProfile.Power(idle: $0, active: active, duty: duty, energy: terms, source: source) }
  }

  private static func readBudget(_ section: ProfileSection) -> Budget {
    var section = section
    var budget = Budget()
    budget.ram = section.bytes("ram")
    budget.flash = section.bytes("flash")
    budget.latency = section.quantity("latency", .time)
    budget.coldLatency = section.quantity("cold_latency", .time)
    budget.energy = section.quantity("energy", .energy)
    budget.power = section.quantity("power", .power)
    if var drop = section.section("accuracy_drop") {
      budget.accuracyDrop = drop.quantity("rate", .percentagePoints).map { $0 / 100 }
      budget.errorGrowth = drop.quantity("error", .percent).map { $0 / 100 }
      drop.finish()
    }
    section.finish()
    return budget
  }

  private static func readEmulator(_ section: ProfileSection) -> TargetProfile.Emulator? {
    var section = section
    let kind = section.choice("kind", TargetProfile.Emulator.Kind.self, required: true)
    let isWholeMachine = kind == .qemuSystem
    let machine = section.string("machine", required: isWholeMachine)
    let cpu = section.string("cpu", required: isWholeMachine)
    let memory = section.bytes("memory", required: isWholeMachine)
    section.finish()
    return kind.map { TargetProfile.Emulator(kind: $0, machine: machine, cpu: cpu, memory: memory) }
  }
}
