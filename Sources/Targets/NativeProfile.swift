import Diagnostics
import Foundation

/// The profile of the machine that edgepack runs on. It has no limits; the program is proven by running it.
public enum NativeProfile {
  public static let name = "native"

  /// What the profile is made from; a value, so that tests can describe other machines.
  public struct Machine: Hashable, Sendable {
    public var architecture: TargetProfile.Processor.Architecture
    /// `/proc/cpuinfo` and `/proc/meminfo`; empty where they do not exist.
    public var processorText: String
    public var memoryText: String
    public var cores: Int
    /// In bytes.
    public var page: Int
    /// In bytes; counts where `memoryText` does not say.
    public var physicalMemory: Int
    /// Sizes of the data caches, and the highest clock in Hz, as far as the machine tells.
    public var cache: TargetProfile.Cache?
    public var clock: Double?

    public init(
      architecture: TargetProfile.Processor.Architecture, processorText: String, memoryText: String, cores: Int, page: Int,
      physicalMemory: Int, cache: TargetProfile.Cache? = nil, clock: Double? = nil
    ) {
      self.architecture = architecture
      self.processorText = processorText
      self.memoryText = memoryText
      self.cores = cores
      self.page = page
      self.physicalMemory = physicalMemory
      self.cache = cache
      self.clock = clock
    }

    /// This machine.
    public static func current() -> Machine {
      #if arch(arm64)
      let architecture = TargetProfile.Processor.Architecture.arm64
      #else
      let architecture = TargetProfile.Processor.Architecture.x86_64
      #endif
      // Files under /proc have no size, so they are read to their end rather than mapped.
      func text(_ path: String) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? handle.close() }
        return String(decoding: (try? handle.readToEnd()) ?? Data(), as: UTF8.self)
      }
      return Machine(
        architecture: architecture, processorText: text("/proc/cpuinfo"), memoryText: text("/proc/meminfo"),
        cores: ProcessInfo.processInfo.activeProcessorCount, page: Int(sysconf(Int32(_SC_PAGESIZE))),
        physicalMemory: Int(clamping: ProcessInfo.processInfo.physicalMemory))
    }
  }

  public static func current() -> TargetProfile { profile(of: .current()) }

  public static func profile(of machine: Machine) -> TargetProfile {
    let flags = Set(words(ofLine: machine.architecture == .arm64 ? "Features" : "flags", in: machine.processorText))
    let core = machine.architecture == .arm64 ? armCore(machine.processorText) : line("model name", in: machine.processorText)
    return TargetProfile(
      name: name, summary: "this machine",
      cpu: TargetProfile.Processor(
        architecture: machine.architecture, core: core ?? name, features: features(flags), cores: max(machine.cores, 1),
        clock: machine.clock, cache: machine.cache, source: "/proc/cpuinfo"),
      operatingSystem: .linux,
      memory: TargetProfile.Memory(
        ram: ram(machine.memoryText) ?? machine.physicalMemory, flash: nil, page: machine.page, source: "/proc/meminfo"),
      power: nil, budget: Budget(), emulator: TargetProfile.Emulator(kind: .native), optimize: .speed)
  }

  /// Kernels of a level use all its instructions, so a level counts only when all its flags are there (x86-64 psABI: v3, v4).
  private static func features(_ flags: Set<String>) -> Set<TargetProfile.Processor.Feature> {
    let needed: [(feature: TargetProfile.Processor.Feature, flags: Set<String>)] = [
      (.avx2, ["avx2", "fma", "bmi1", "bmi2", "f16c", "movbe"]),
      (.avx512, ["avx2", "fma", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]),
      (.vnni, ["avx512f", "avx512vl", "avx512_vnni"]),
      (.neon, ["asimd"]),
      (.dotprod, ["asimddp"]),
      (.i8mm, ["i8mm"]),
    ]
    return Set(needed.filter { $0.flags.isSubset(of: flags) }.map(\.feature))
  }

  /// The core by its part number (`CPU part` of Arm's own designs, implementer 0x41); nil for others.
  private static func armCore(_ text: String) -> String? {
    guard line("CPU implementer", in: text) == "0x41", let part = line("CPU part", in: text) else { return nil }
    let names = [
      "0xd03": "cortex-a53", "0xd04": "cortex-a35", "0xd05": "cortex-a55", "0xd07": "cortex-a57", "0xd08": "cortex-a72",
      "0xd09": "cortex-a73", "0xd0a": "cortex-a75", "0xd0b": "cortex-a76", "0xd0c": "neoverse-n1", "0xd40": "neoverse-v1",
      "0xd49": "neoverse-n2",
    ]
    return names[part]
  }

  private static func ram(_ text: String) -> Int? {
    guard let kibibytes = words(ofLine: "MemTotal", in: text).first.flatMap({ Int($0) }) else { return nil }
    let (bytes, overflow) = kibibytes.multipliedReportingOverflow(by: 1024)
    return overflow || bytes <= 0 ? nil : bytes
  }

  /// The value of the first `key : value` line.
  private static func line(_ key: String, in text: String) -> String? {
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      if String(line[..<colon]).trimmingSpaces() == key { return String(line[line.index(after: colon)...]).trimmingSpaces() }
    }
    return nil
  }

  static func words(ofLine key: String, in text: String) -> [String] {
    (line(key, in: text) ?? "").split(separator: " ").map(String.init)
  }
}
