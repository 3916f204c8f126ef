import Crypto
import Diagnostics
import Foundation
import Targets

/// The level of a host's CPU that all kernels are compiled for; x86-64-v3 has AVX2, x86-64-v4 stands for AVX-512 with VNNI.
public enum HostLevel: Sendable, Hashable {
  case x86Version2, x86Version3, x86Version4, arm64

  fileprivate var target: CompilerTarget {
    switch self {
    case .x86Version2: .x86Linux(.sse4)
    case .x86Version3: .x86Linux(.avx2)
    case .x86Version4: .x86Linux(.avx512)
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
  let cache = CacheFolder.url().appendingPathComponent("kernels")
  let work = cache.appendingPathComponent("work-\(UUID().uuidString)")
  defer { try? files.removeItem(at: work) }
  let build = try DeviceBuild(level.target, in: work.path)
  let sources = try DeviceSources.swiftFiles("DeviceKernels", in: build.folder)
  let object = cache.appendingPathComponent("\(try key(build, sources)).so")
  if files.fileExists(atPath: object.path) { return object.path }

  let compiled = try await build.compile(
    swift: sources, module: "Kernels", optimize: .speed, defines: ["EDGEPACK_SHARED_OBJECT"], positionIndependent: true)
  try await build.toolchain.run(.linker, ["-shared", "--gc-sections", "-o", "kernels.so", compiled], in: build.folder.path)
  // Renaming is atomic and replaces: another run that compiles the same puts the same bytes there, and none finds half a file.
  guard rename(work.appendingPathComponent("kernels.so").path, object.path) == 0 else {
    throw .unwritable(cache.path, in: cache.path, errorNumber: errno)
  }
  return object.path
}

/// Everything that decides the object's bytes.
private func key(_ build: DeviceBuild, _ sources: [String]) throws(Failure) -> String {
  var hash = SHA256()
  for file in try DeviceSources.files("CIntrinsics/include", ending: ".h", in: build.folder) + sources {
    hash.update(data: Data(file.utf8))
    hash.update(data: Data(try build.read(file)))
  }
  let target = build.target
  let words =
    [try build.toolchain.identity(), target.swiftTriple, target.clangTriple] + CommonFlags.swift + CommonFlags.code + CommonFlags.object
    + target.codeFlags + target.swiftFlags + target.defines
  hash.update(data: Data(words.joined(separator: "\0").utf8))
  return hash.finalize().prefix(16).map(hexadecimal).joined()
}
