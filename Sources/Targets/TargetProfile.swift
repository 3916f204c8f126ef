/// A device and its budget, as a `targets/*.yaml` file says it (docs/adding-a-target.md). Sizes in bytes, times in ms, energy in mJ,
/// power in mW, frequencies in Hz, bandwidths in bytes a second.
public struct TargetProfile: Hashable, Sendable, Codable {
  public var name: String
  public var summary: String
  public var cpu: Processor
  public var operatingSystem: OperatingSystem
  public var memory: Memory
  public var power: Power?
  public var budget: Budget
  public var emulator: Emulator?
  public var optimize: Optimization

  public struct Processor: Hashable, Sendable, Codable {
    public enum Architecture: String, Hashable, Sendable, Codable, CaseIterable { case arm64, x86_64, armv7em, riscv32 }
    /// Instruction set extensions that kernels may use.
    public enum Feature: String, Hashable, Sendable, Codable, CaseIterable { case neon, dotprod, i8mm, avx2, avx512, vnni, dsp, fpu }
    public var architecture: Architecture
    public var core: String
    public var features: Set<Feature>
    public var cores: Int
    public var clock: Double?
  }

  public enum OperatingSystem: String, Hashable, Sendable, Codable, CaseIterable { case linux, none }

  public struct Memory: Hashable, Sendable, Codable {
    public var ram: Int
    public var flash: Int
    /// Page size of the operating system; nil without one.
    public var page: Int?
    public var bandwidth: Double?
    public var storageBandwidth: Double?
  }

  public struct Power: Hashable, Sendable, Codable {
    public var idle: Double
    public var duty: Double?
    /// Energy of one operation or byte, by term (`int8_mac`, `dram_byte`, …).
    public var energy: [String: Double]
    public var source: String?
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
  }

  public enum Optimization: String, Hashable, Sendable, Codable, CaseIterable { case size, speed }

  public init(
    name: String, summary: String, cpu: Processor, operatingSystem: OperatingSystem, memory: Memory, power: Power?, budget: Budget,
    emulator: Emulator?, optimize: Optimization
  ) {
    self.name = name
    self.summary = summary
    self.cpu = cpu
    self.operatingSystem = operatingSystem
    self.memory = memory
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
    try container.encodeIfPresent(clock, forKey: .clock)
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
