import Crypto
import Diagnostics
import Foundation

/// The level of a host's CPU that all kernels are compiled for; x86-64-v3 has AVX2.
public enum HostLevel: Sendable, Hashable {
  case x86Version2, x86Version3, arm64

  fileprivate var target: CompilerTarget {
    switch self {
    case .x86Version2: .x86Linux(hasAvx2: false)
    case .x86Version3: .x86Linux(hasAvx2: true)
    case .arm64: .arm64Linux
    }
  }
}

/// Compiles all kernels, with the device's flags, into a shared object for this machine (`HostTwin` loads it). The object is kept in the
/// user's cache folder under a hash of sources, flags and toolchain, so one version is compiled once.
/// - Returns: the object's path.
/// - Throws: `missing-tool`, `tool-failed`, `folder-unwritable`.
public func emitSharedKernels(_ level: HostLevel) async throws(Failure) -> String {
  let files = FileManager.default
  let cache = URL(fileURLWithPath: cacheFolder()).appendingPathComponent("kernels")
  let work = cache.appendingPathComponent("work-\(UUID().uuidString)")
  defer { try? files.removeItem(at: work) }
  let build = try DeviceBuild(level.target, in: work.path)
  let sources = try DeviceSources.swiftFiles("DeviceKernels", in: build.folder)
  let object = cache.appendingPathComponent("\(try key(build, sources)).so")
  if files.fileExists(atPath: object.path) { return object.path }

  let compiled = try await build.compile(
    swift: sources, module: "Kernels", optimize: .speed, defines: ["EDGEPACK_SHARED_OBJECT"], positionIndependent: true)
  try await build.toolchain.run(.linker, ["-shared", "--gc-sections", "-o", "kernels.so", compiled], in: build.folder.path)
  do {
    // Renaming is atomic: another run that compiles the same puts the same bytes there.
    try? files.removeItem(at: object)
    try files.moveItem(at: work.appendingPathComponent("kernels.so"), to: object)
  } catch {
    guard files.fileExists(atPath: object.path) else {
      throw Failure(.folderUnwritable, "\(cache.path) cannot be written: \(error.localizedDescription)")
    }
  }
  return object.path
}

/// Everything that decides the object's bytes.
private func key(_ build: DeviceBuild, _ sources: [String]) throws(Failure) -> String {
  var hash = SHA256()
  for header in try DeviceSources.files("CIntrinsics/include", ending: ".h", in: build.folder) + sources {
    hash.update(data: Data(header.utf8))
    hash.update(data: Data(try build.read(header)))
  }
  let compiler = build.toolchain.folder.appendingPathComponent("swiftc")
  let attributes = try? FileManager.default.attributesOfItem(atPath: compiler.path)
  let flags = CommonFlags.swift + CommonFlags.code + build.target.codeFlags
  hash.update(data: Data("\(compiler.path) \(attributes?[.size] ?? 0) \(flags)".utf8))
  return hash.finalize().prefix(16).map { byte in String(byte, radix: 16) }.joined()
}

/// `$XDG_CACHE_HOME/edgepack`, by default `~/.cache/edgepack`.
private func cacheFolder() -> String {
  let environment = ProcessInfo.processInfo.environment
  let base = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() + "/.cache"
  return base + "/edgepack"
}
