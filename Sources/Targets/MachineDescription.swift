import Diagnostics

extension NativeProfile.Machine {
  /// Describes a Linux machine by the files in which it describes itself.
  /// - Parameter text: the content of a file of that machine, nil if it has none.
  /// - Throws: `profile-value` for a machine that is neither arm64 nor x86-64, and what `text` throws.
  public static func described(
    by text: (String) async throws(Failure) -> String?
  ) async throws(Failure) -> NativeProfile.Machine {
    let processor = try await text("/proc/cpuinfo") ?? ""
    let architecture: TargetProfile.Processor.Architecture
    if NativeProfile.words(ofLine: "Features", in: processor).contains("asimd") {
      architecture = .arm64
    } else if !NativeProfile.words(ofLine: "flags", in: processor).isEmpty {
      architecture = .x86_64
    } else {
      throw Failure(.profileValue, "the machine's /proc/cpuinfo describes no processor that programs are made for")
    }
    let online = try await text("/sys/devices/system/cpu/online") ?? ""
    let memory = try await text("/proc/meminfo") ?? ""
    let frequency = try await text("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")
    let page = NativeProfile.words(ofLine: "KernelPageSize", in: try await text("/proc/self/smaps") ?? "").first.flatMap { Int($0) }
    return NativeProfile.Machine(
      architecture: architecture, processorText: processor, memoryText: memory, cores: coreCount(online),
      page: (page ?? 4) * 1024, physicalMemory: 0, cache: try await caches(text),
      clock: frequency.flatMap { Double($0.trimmingLineEnd()) }.map { $0 * 1e3 })
  }

  /// `0-3,5` are five cores; at least one.
  static func coreCount(_ list: String) -> Int {
    let ranges = list.trimmingLineEnd().split(separator: ",").map { $0.split(separator: "-").compactMap { Int($0) } }
    return max(1, ranges.reduce(0) { $0 + ($1.count == 2 ? max(0, $1[1] - $1[0] + 1) : $1.count) })
  }

  /// The data caches of the first core; nil if the machine does not tell.
  private static func caches(_ text: (String) async throws(Failure) -> String?) async throws(Failure) -> TargetProfile.Cache? {
    var cache = TargetProfile.Cache()
    for index in 0..<8 {
      let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
      guard let level = try await text(folder + "level")?.trimmingLineEnd(), let type = try await text(folder + "type")?.trimmingLineEnd()
      else { break }
      guard type != "Instruction", let size = try await text(folder + "size").flatMap({ bytes($0.trimmingLineEnd()) }) else { continue }
      switch level {
      case "1": cache.l1d = size
      case "2": cache.l2 = size
      case "3": cache.l3 = size
      default: continue
      }
      if cache.line == nil { cache.line = try await text(folder + "coherency_line_size").flatMap { Int($0.trimmingLineEnd()) } }
    }
    return cache == TargetProfile.Cache() ? nil : cache
  }

  /// `48K`, `2048K`, `32M`.
  private static func bytes(_ text: String) -> Int? {
    let factor = text.hasSuffix("K") ? 1024 : text.hasSuffix("M") ? 1_048_576 : 1
    guard let number = Int(text.prefix { $0.isNumber }), number > 0, number < 1 << 30 else { return nil }
    return number * factor
  }
}

extension String {
  fileprivate func trimmingLineEnd() -> String { String(prefix { $0 != "\n" && $0 != "\r" }).trimmingSpaces() }
}
