import Foundation

/// Where edgepack keeps what it can make or fetch again: compiled kernels, the kernels of emulated machines.
public enum CacheFolder {
  /// `$XDG_CACHE_HOME/edgepack`, by default `~/.cache/edgepack`. A relative `XDG_CACHE_HOME` does not count (XDG Base Directory
  /// Specification 0.8).
  public static func url(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
    let base =
      environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
      ?? URL(fileURLWithPath: environment["HOME"] ?? NSHomeDirectory()).appendingPathComponent(".cache")
    return base.appendingPathComponent("edgepack")
  }
}
