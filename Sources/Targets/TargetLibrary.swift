import Diagnostics
import Foundation

/// Where target profiles are looked up. Of two profiles with one name, that of the earlier folder counts.
public struct TargetLibrary: Hashable, Sendable {
  /// Folders of `NAME.yaml` files.
  public var folders: [String]

  public init(folders: [String]) { self.folders = folders }

  /// The folders of EDGEPACK_TARGETS (separated by colons), then the profiles that come with edgepack.
  /// - Throws: `incomplete-installation` if those are missing.
  public static func standard(
    environment: [String: String] = ProcessInfo.processInfo.environment, resources: InstalledResources = .current
  ) throws(Failure) -> TargetLibrary {
    let own = (environment["EDGEPACK_TARGETS"] ?? "").split(separator: ":").map(String.init)
    return TargetLibrary(folders: own + [try resources.path(of: .targets)])
  }

  /// All names, sorted.
  public var names: [String] {
    let files = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
    return Set(files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }).sorted()
  }

  /// Finds the profile that `--target` means: `native` (this machine), a file (has a `/` or ends in `.yaml` or `.yml`), or a name.
  /// - Throws: `unknown-target` with near names, or what is wrong with the profile.
  public func profile(_ target: String) throws(Failure) -> ReadProfile {
    if target == NativeProfile.name { return ReadProfile(profile: NativeProfile.current(), warnings: []) }
    if target.contains("/") || target.hasSuffix(".yaml") || target.hasSuffix(".yml") { return try ProfileReader.read(file: target) }
    for folder in folders {
      let path = "\(folder)/\(target).yaml"
      if FileManager.default.fileExists(atPath: path) { return try ProfileReader.read(file: path) }
    }
    let known = names + [NativeProfile.name]
    let guess = nearestMatch(to: target, among: known) ?? known.first { $0.hasPrefix(target) || target.hasPrefix($0) }
    let ownFile = "give a path to your own profile, such as `--target ./\(target.isEmpty ? "board" : target).yaml`"
    throw Failure(
      .unknownTarget, "there is no target `\(target)`", details: ["known: " + known.joined(separator: ", ")],
      hint: guess.map { "did you mean `--target \($0)`?" } ?? ownFile)
  }
}
