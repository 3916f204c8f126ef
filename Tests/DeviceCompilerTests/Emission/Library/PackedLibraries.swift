import DeviceFormats
import Foundation
import Targets
import TestSupport

@testable import DeviceCompiler

/// Two small networks as libraries for one processor, in a folder of their own, ready for a C compiler.
struct PackedLibraries: Sendable {
  private(set) var folder: URL
  let tiny: ProgramArtifacts
  let sample: ProgramArtifacts
  let architecture: TargetProfile.Processor.Architecture

  /// Each processor's are made once for all tests.
  static func of(_ architecture: TargetProfile.Processor.Architecture) async throws -> PackedLibraries {
    try await (architecture == .x86_64 ? x86 : arm).value
  }

  private static let x86 = Task { try await PackedLibraries(.x86_64) }
  private static let arm = Task { try await PackedLibraries(.arm64) }

  static var native: PackedLibraries {
    get async throws {
      #if arch(x86_64)
      try await of(.x86_64)
      #else
      try await of(.arm64)
      #endif
    }
  }

  private init(_ architecture: TargetProfile.Processor.Architecture) async throws {
    self.architecture = architecture
    folder = try temporaryFolder()
    let profile = TinyProgram.profile(architecture)
    tiny = try await TinyProgram.emit(profile, asLibrary: true, in: folder.appendingPathComponent("work-tiny").path)
    sample = try await Self.sampleProgram.emit(profile, asLibrary: true, in: folder.appendingPathComponent("work-sample").path)
    for artifacts in [tiny, sample] { try use(artifacts) }
  }

  /// Leaves the shared folder, so that a library can be replaced.
  mutating func moveToNewFolder() throws {
    folder = try temporaryFolder()
    for artifacts in [tiny, sample] { try use(artifacts) }
  }

  /// Writes a library's files into the folder.
  func use(_ artifacts: ProgramArtifacts) throws {
    guard let library = artifacts.library else { throw CocoaError(.fileNoSuchFile) }
    try write(library.archive, to: library.names.archive)
    try write(Array(library.header.utf8), to: library.names.header)
    try write(artifacts.weights, to: "\(library.names.name).epk")
  }

  static let sampleProgram: SampleProgram = {
    var random = SeededGenerator(seed: 20_261_125)
    return SampleProgram(using: &random)
  }()

  func write(_ bytes: [UInt8], to name: String) throws { try Data(bytes).write(to: folder.appendingPathComponent(name)) }

  // MARK: Compiling and running

  /// How a C program is linked.
  enum Linkage: String, CaseIterable, Sendable {
    case fixed, position, shared
    case standalone

    /// For gcc, before and after the sources.
    var flags: [String] {
      switch self {
      case .fixed: ["-no-pie"]
      case .position: ["-fPIE", "-pie"]
      case .standalone: ["-static"]
      case .shared: []
      }
    }
  }

  var isNative: Bool {
    #if arch(x86_64)
    architecture == .x86_64
    #else
    architecture == .arm64
    #endif
  }

  /// gcc, or g++, for the processor. Nil if it is not installed.
  func compiler(_ language: String = "gcc") -> String? {
    let triple = architecture == .arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu"
    return installed("\(triple)-\(language)") ?? (isNative ? installed(language) : nil)
  }

  /// Runs a compiled program, through QEMU where it is one for another processor.
  func run(_ words: [String]) throws -> FinishedProcess {
    let emulator = architecture == .arm64 ? ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"] : ["qemu-x86_64-static"]
    return try FinishedProcess.run((isNative ? [] : emulator) + words, in: folder)
  }

  /// Compiles `source` and links it with both libraries. - Returns: the program, as a path from the folder.
  func compile(
    _ source: String, with compiler: String, as name: String, linkage: Linkage = .position, flags: [String] = []
  ) throws -> String {
    let isCxx = compiler.hasSuffix("++")
    let file = name + (isCxx ? ".cpp" : ".c")
    try write(Array(source.utf8), to: file)
    var libraries = ["-L.", "-ltiny", "-lsample"]
    if linkage == .shared {
      try check(
        FinishedProcess.run(
          [compiler, "-shared", "-Wl,-z,text", "-o", "libboth.so", "-Wl,--whole-archive", "libtiny.a", "libsample.a"]
            + ["-Wl,--no-whole-archive"],
          in: folder))
      libraries = ["-L.", "-lboth", "-Wl,-rpath,\(folder.path)"]
    }
    // Not every program here uses all of the prelude.
    let strictness =
      ["-Wall", "-Wextra", "-pedantic", "-Werror", "-Wno-unused-function", "-Wno-unused-variable"]
      + [isCxx ? "-std=c++11" : "-std=c99"]
    try check(
      FinishedProcess.run(
        [compiler, "-O1"] + strictness + linkage.flags + flags + ["-o", name, file] + libraries + ["-Wl,--fatal-warnings"], in: folder))
    return "./" + name
  }

  private func check(_ process: FinishedProcess) throws {
    if process.exitCode != 0 { throw CompilationFault(messages: process.errorText) }
  }

  struct CompilationFault: Error { var messages: String }
}

extension SampleProgram {
  /// Emits the program with four golden cases and 64 generated ones.
  func emit(_ profile: TargetProfile, asLibrary: Bool, in folder: String) async throws -> ProgramArtifacts {
    var random = SeededGenerator(seed: 3)
    let inputs = (0..<4).map { _ in (0..<256).map { _ in Int8.random(in: -128...127, using: &random) } }
    return try await emitProgram(
      lowered, profile: profile, modelHash: [UInt8](repeating: 1, count: 32), targetHash: [UInt8](repeating: 2, count: 32),
      golden: inputs.map { ($0, output(for: $0)) },
      generatedChecksums: (0..<64).map { seed in
        Checksum.of(output(for: GeneratedInput.bytes(seed: UInt32(seed), count: 256)).map { UInt8(bitPattern: $0) })
      }, asLibrary: asLibrary, in: folder)
  }
}
