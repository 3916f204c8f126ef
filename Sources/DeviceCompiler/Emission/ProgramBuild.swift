import DeviceFormats
import Diagnostics
import Foundation
import ModelGraph
import Targets

/// What packing made, and the exact figures of it.
public struct ProgramArtifacts: Sendable {
  /// The static program, stripped.
  public var program: [UInt8]
  /// Path of the same program with symbols and stack sizes, for looking into it.
  public var unstrippedPath: String
  /// The weights file.
  public var weights: [UInt8]
  /// The emitted `Network.swift`.
  public var networkSource: String
  public var layoutHash: [UInt8]
  /// Most of the weights file that is in memory at once.
  public var residence: WeightResidence
  /// In bytes, from the entry on, without what the kernel puts there (arguments, environment).
  public var stackBound: Int
  /// Stacks and scratch of all threads besides the main one, in bytes; part of `sizes.zeroed`. 0 without threads.
  public var workerBytes: Int
  /// Bytes of code, constants, initialised and zero-initialised memory. The last holds arena, canary and stream buffer.
  public var sizes: ElfFile.Sizes
  /// The C library that the program was linked with, if one was asked for.
  public var library: LibraryArtifacts?
}

/// Emits, compiles, links and checks the program for a Linux target.
/// - Parameters:
///   - modelHash, targetHash: SHA-256, carried in the weights file.
///   - golden: at most 4 cases: the int8 tensor of the first step as it lies in the arena, and the int8 answer.
///   - generatedChecksums: CRC-32C of the answers to generated inputs 0, 1, … (`GeneratedInput`).
///   - asLibrary: makes a C library of the network, and links the program with it: what the program proves is then the library.
///     Such a program is lowered for one thread.
///   - folder: working folder; created, and left with intermediate files.
/// - Throws: `missing-tool`, `tool-failed`, `folder-unwritable`; `profile-value` for a target without such programs; `internal-error` if
///   the program breaks a promise (a fused multiply-add, a dynamic section, a stack without bound).
public func emitProgram(
  _ program: LoweredProgram, profile: TargetProfile, modelHash: [UInt8], targetHash: [UInt8],
  golden: [(input: [Int8], output: [Int8])], generatedChecksums: [UInt32], asLibrary: Bool = false, in folder: String
) async throws(Failure) -> ProgramArtifacts {
  precondition(!(asLibrary && program.sharesSteps), "a library starts no threads: it is lowered for one")
  let pageSize = max(PackedWeights.minimumPageSize, profile.memory.page ?? 0)
  let network = NetworkEmitter(program, pageSize: pageSize, optimize: profile.optimize).emit()
  let build = try DeviceBuild(try CompilerTarget.of(profile), in: folder)
  let weights = network.weightsFile(
    of: program, modelHash: modelHash, targetHash: targetHash, golden: golden, generatedChecksums: generatedChecksums)
  try build.write(network.source, to: "Network.swift")
  let library = asLibrary ? try await build.makeLibrary(of: program, network, profile, weightsBytes: weights.count) : nil

  var sources = [try build.programNetwork(network, callsLibrary: asLibrary)]
  for part in ["DeviceFormats", "DeviceKernels", "DeviceRuntime/Common", "DeviceRuntime/Linux"]
    + (asLibrary ? ["DeviceRuntime/LibraryProgram"] : [])
  {
    sources += try DeviceSources.swiftFiles(part, in: build.folder)
  }
  let startup = try await build.compileStartup(build.target.startupFiles)
  let object = try await build.compile(
    swift: sources, module: "Program", optimize: profile.optimize,
    defines: ["EDGEPACK_ARENA_BYTES=\(program.arena.bytes)"] + (program.sharesSteps ? ["EDGEPACK_THREADS"] : []))
  let libraryObjects = asLibrary ? try await build.objectsCallingLibrary(LibraryNames(program.name)) : []
  let (files, workerBytes) = try await build.link(program, startup + [object] + libraryObjects)
  let facts = try await build.examine(files.unstripped)

  return ProgramArtifacts(
    program: try build.read(files.stripped), unstrippedPath: build.folder.appendingPathComponent(files.unstripped).path,
    weights: weights, networkSource: network.source, layoutHash: network.layoutHash, residence: network.residence,
    stackBound: facts.stackBound, workerBytes: workerBytes, sizes: facts.sizes, library: library)
}

extension DeviceBuild {
  /// Links a program, with the memory of its worker threads if it has any. How deep their stack gets is known once the code is linked, so
  /// that a second link reserves just that.
  fileprivate func link(
    _ program: LoweredProgram, _ objects: [String]
  ) async throws(Failure) -> (files: (unstripped: String, stripped: String), workerBytes: Int) {
    guard program.sharesSteps, let threadStartup = target.threadStartup else { return (try await link(objects, output: "program"), 0) }
    let starter = try await compile(native: "DeviceRuntime/Startup/\(threadStartup)")
    func linked(bytesOfWorker: Int) async throws(Failure) -> (unstripped: String, stripped: String) {
      let memory = try await compile(
        native: "DeviceRuntime/Startup/workers.c",
        defines: ["EDGEPACK_WORKERS=\(program.threads - 1)", "EDGEPACK_WORKER_BYTES=\(bytesOfWorker)"])
      return try await link(objects + [starter, memory], output: "program")
    }
    let scratch = (program.workerScratchBytes + 63) / 64 * 64
    let first = try await linked(bytesOfWorker: scratch + unboundedWorkerStack)
    let stack = try await examine(first.unstripped, entries: ["device_worker"]).stackBound + returnAddressBytes
    let bytes = scratch + (stack + 63) / 64 * 64
    return (try await linked(bytesOfWorker: bytes), bytes * (program.threads - 1))
  }
}

/// For the first link only.
private let unboundedWorkerStack = 65_536

/// What the call of `device_worker` itself may push.
private let returnAddressBytes = 8

/// Compiles process 1 of the emulated machine. - Returns: the path of the static program `init` in `folder`.
public func emitMachineInit(profile: TargetProfile, in folder: String) async throws(Failure) -> String {
  let build = try DeviceBuild(try CompilerTarget.of(profile), in: folder)
  let startup = try await build.compileStartup(build.target.startupFiles)
  let object = try await build.compile(
    swift: try DeviceSources.swiftFiles("DeviceRuntime/MachineInit", in: build.folder), module: "MachineInit", optimize: .size)
  let files = try await build.link(startup + [object], output: "init")
  return build.folder.appendingPathComponent(files.stripped).path
}

extension DeviceBuild {
  /// The figures of a linked program and what it must not contain.
  struct Facts {
    var stackBound: Int
    var sizes: ElfFile.Sizes
  }

  /// - Parameter entries: the functions in which execution starts; the stack's bound is that of the deepest one.
  /// - Throws: `internal-error` for a broken promise.
  func examine(_ unstripped: String, entries: [String] = ["_start"]) async throws(Failure) -> Facts {
    guard let elf = ElfFile(try read(unstripped)) else { throw Failure(.internalError, "the linker's output is no ELF file") }
    let disassembly = try await disassemble(unstripped)
    let fused = forbiddenInstructions(disassembly)
    guard elf.faults.isEmpty, fused.isEmpty else {
      throw Failure(.internalError, "the program breaks a promise", details: elf.faults + fused.prefix(8))
    }
    let bound = StackBound(disassembly, of: elf, target: target)
    var deepest = 0
    for entry in entries { deepest = max(deepest, try bound.bytes(from: entry)) }
    return Facts(stackBound: deepest, sizes: elf.sizes)
  }

  func disassemble(_ program: String) async throws(Failure) -> Disassembly {
    Disassembly(try await toolchain.run(.objdump, ["-d", "--no-show-raw-insn", program], in: folder.path))
  }
}

/// Fused multiply-adds, which would break the equality of bytes: one line each with the function's name.
func forbiddenInstructions(_ disassembly: Disassembly) -> [String] {
  disassembly.functions.flatMap { function in
    function.instructions.filter(\.isFusedMultiplyAdd).map { "fused multiply-add in \(function.name): \($0.mnemonic) \($0.operands)" }
  }
}
