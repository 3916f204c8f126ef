/// A device and its budget, as a `targets/*.yaml` file says it (docs/adding-a-target.md). Sizes in bytes, times in ms, energy in mJ,
/// power in mW, frequencies in Hz, bandwidths in bytes a second.
public struct TargetProfile: Hashable, Sendable, Codable {
  public var name: String
  public var summary: String
  public var cpu: Processor
  public var operatingSystem: OperatingSystem
  public var memory: Memory
  /// What work costs in time; nil where nobody has said.
  public var cost: CostTable?
  public var power: Power?
  public var budget: Budget
  public var emulator: Emulator?
  public var optimize: Optimization

  public struct Processor: Hashable, Sendable, Codable {
    public enum Architecture: String, Hashable, Sendable, Codable, CaseIterable {
      case arm64
      // The name that everybody knows it by.
      // swift-format-ignore: AlwaysUseLowerCamelCase
      case x86_64
      case armv7em, riscv32
    }
    /// Instruction set extensions that kernels may use.
    public enum Feature: String, Hashable, Sendable, Codable, CaseIterable { case neon, dotprod, i8mm, avx2, avx512, vnni, dsp, fpu }
    public var architecture: Architecture
    public var core: String
    public var features: Set<Feature>
    public var cores: Int
    /// The most threads that a program uses, 1 to `cores`. More than one costs memory (docs/arena.md).
    public var threads: Int
    public var clock: Double?
    public var cache: Cache?
    /// Where the figures of this section come from.
    public var source: String?

    public init(
      architecture: Architecture, core: String, features: Set<Feature>, cores: Int, threads: Int = 1, clock: Double?,
      cache: Cache? = nil, source: String? = nil
    ) {
      self.architecture = architecture
      self.core = core
      self.features = features
      self.cores = cores
      self.threads = threads
      self.clock = clock
      self.cache = cache
      self.source = source
    }
  }

  /// Data caches: line length and sizes, in bytes.
  public struct Cache: Hashable, Sendable, Codable {
    public var line: Int?
    public var l1d: Int?
    public var l2: Int?
    public var l3: Int?

    public init(line: Int? = nil, l1d: Int? = nil, l2: Int? = nil, l3: Int? = nil) {
      self.line = line
      self.l1d = l1d
      self.l2 = l2
      self.l3 = l3
    }
  }

  public enum OperatingSystem: String, Hashable, Sendable, Codable, CaseIterable { case linux, none }

  public struct Memory: Hashable, Sendable, Codable {
    public var ram: Int
    /// Size of the storage that holds the program; nil where it does not bound anything.
    public var flash: Int?
    /// Page size of the operating system; nil without one.
    public var page: Int?
    public var bandwidth: Double?
    public var storageBandwidth: Double?
    /// Where the figures of this section come from.
    public var source: String?

    public init(
      ram: Int, flash: Int?, page: Int?, bandwidth: Double? = nil, storageBandwidth: Double? = nil, source: String? = nil
    ) {
      self.ram = ram
      self.flash = flash
      self.page = page
      self.bandwidth = bandwidth
      self.storageBandwidth = storageBandwidth
      self.source = source
    }
  }

  public struct Power: Hashable, Sendable, Codable {
    public var idle: Double
    /// The whole device's power while it computes.
    public var active: Interval?
    /// Answers a second that the device computes.
    public var duty: Double?
    /// Energy of one operation or byte above idle, by the name of an `EnergyTerm`.
    public var energy: [String: Interval]
    public var source: String?

    public init(
      idle: Double, active: Interval? = nil, duty: Double? = nil, energy: [String: Interval] = [:], source: String? = nil
    ) {
      self.idle = idle
      self.active = active
      self.duty = duty
      self.energy = energy
      self.source = source
    }
  }

  public struct Emulator: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
      case native
      case qemuUser = "qemu-user"
      case qemuSystem = "qemu-system"
    }
    public var kind: Kind
    public var machine: String?
    public var cpu: String?
    public var memory: Int?

    public init(kind: Kind, machine: String? = nil, cpu: String? = nil, memory: Int? = nil) {
      self.kind = kind
      self.machine = machine
      self.cpu = cpu
      self.memory = memory
    }
  }

  public enum Optimization: String, Hashable, Sendable, Codable, CaseIterable { case size, speed }

  public init(
    name: String, summary: String, cpu: Processor, operatingSystem: OperatingSystem, memory: Memory, cost: CostTable? = nil, power: Power?,
    budget: Budget, emulator: Emulator?, optimize: Optimization
  ) {
    self.name = name
    self.summary = summary
    self.cpu = cpu
    self.operatingSystem = operatingSystem
    self.memory = memory
    self.cost = cost
    self.power = power
    self.budget = budget
    self.emulator = emulator
    self.optimize = optimize
  }
}

extension TargetProfile.Processor {
  /// As synthesised, but with the features in order: equal profiles give equal bytes.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(architecture, forKey: .architecture)
    try container.encode(core, forKey: .core)
    try container.encode(features.sorted { $0.rawValue < $1.rawValue }, forKey: .features)
    try container.encode(cores, forKey: .cores)
    try container.encode(threads, forKey: .threads)
    try container.encodeIfPresent(clock, forKey: .clock)
    try container.encodeIfPresent(cache, forKey: .cache)
    try container.encodeIfPresent(source, forKey: .source)
  }
}

/// The limits. Nil means: not limited.
public struct Budget: Hashable, Sendable, Codable {
  public var ram: Int?
  public var flash: Int?
  public var latency: Double?
  public var coldLatency: Double?
  public var energy: Double?
  public var power: Double?
  /// Largest allowed loss of a rate (accuracy, AUC) as a fraction: 1 pt is 0.01.
  public var accuracyDrop: Double?
  /// Largest allowed relative growth of an error (RMSE): 2 % is 0.02.
  public var errorGrowth: Double?

  public init(
    ram: Int? = nil, flash: Int? = nil, latency: Double? = nil, coldLatency: Double? = nil, energy: Double? = nil, power: Double? = nil,
    accuracyDrop: Double? = nil, errorGrowth: Double? = nil
  ) {
    self.ram = ram
    self.flash = flash
    self.latency = latency
    self.coldLatency = coldLatency
    self.energy = energy
    self.power = power
    self.accuracyDrop = accuracyDrop
    self.errorGrowth = errorGrowth
  }
}
