import DeviceFormats
import Diagnostics
import Foundation
import ModelGraph
import Targets

/// What packing made for a target without an operating system, and the exact figures of it.
public struct FirmwareArtifacts: Sendable {
  /// `NAME.elf`: the image with symbols, for emulators and debuggers.
  public var elf: [UInt8]
  /// `NAME.bin`: what is programmed into flash, from its first byte.
  public var image: [UInt8]
  /// `NAME.map`: the linker's list of everything in it.
  public var map: String
  /// The weights as they lie inside the image: the same file that a Linux program reads.
  public var weights: [UInt8]
  /// The emitted `Network.swift`.
  public var networkSource: String
  public var layoutHash: [UInt8]
  /// What the code may use at most, from reset on, in bytes. The image reserves `sizes.stack`, which adds one exception's frame.
  public var stackBound: Int
  public var sizes: Sizes
  /// The C library that the firmware was linked with, if one was asked for.
  public var library: LibraryArtifacts?

  /// Bytes by what they hold.
  public struct Sizes: Hashable, Sendable {
    public var code: Int
    /// Read-only data without the weights.
    public var constants: Int
    public var weights: Int
    /// Initialised variables: in RAM, and once more in flash.
    public var data: Int
    /// Arena, canary, stream buffer and other zeroed variables.
    public var zeroed: Int
    public var stack: Int

    public var flash: Int { code + constants + weights + data }
    public var ram: Int { data + zeroed + stack }
  }
}

/// Emits, compiles, links and checks the firmware for a target without an operating system. Parameters are those of `emitProgram`; the
/// board is the folder of `firmware-stubs/` that is called like the profile's emulated machine, or like the profile.
/// - Throws: `missing-tool`, `tool-failed` (also when the image exceeds the board's memory), `folder-unwritable`; `profile-value` for a
///   board that is not known; `internal-error` if the firmware breaks a promise (a fused multiply-add, a stack without bound).
public func emitFirmware(
  _ program: LoweredProgram, profile: TargetProfile, modelHash: [UInt8], targetHash: [UInt8],
  golden: [(input: [Int8], output: [Int8])], generatedChecksums: [UInt32], asLibrary: Bool = false, in folder: String
) async throws(Failure) -> FirmwareArtifacts {
  let network = NetworkEmitter(program, pageSize: PackedWeights.minimumPageSize).emit()
  let build = try DeviceBuild(try CompilerTarget.of(profile), in: folder)
  let board = try boardFolder(of: profile, in: build)
  let weights = network.weightsFile(
    of: program, modelHash: modelHash, targetHash: targetHash, golden: golden, generatedChecksums: generatedChecksums)
  try build.write(network.source, to: "Network.swift")
  try build.write(weights, to: "weights.epk")
  try build.write(weightsAssembly, to: "weights.S")

  let library = asLibrary ? try await build.makeLibrary(of: program, network, profile, weightsBytes: weights.count) : nil

  var sources = [try build.programNetwork(network, callsLibrary: asLibrary)]
  for part in ["DeviceFormats", "DeviceKernels", "DeviceRuntime/Common", "DeviceRuntime/BareMetal"]
    + (asLibrary ? ["DeviceRuntime/LibraryProgram"] : [])
  {
    sources += try DeviceSources.swiftFiles(part, in: build.folder)
  }
  let objects =
    [try await build.compile(native: "\(board)/start.S"), try await build.compile(native: "weights.S")]
    + (try await build.compileStartup(build.target.startupFiles)) + [
      try await build.compile(
        swift: sources, module: "Firmware", optimize: profile.optimize, defines: ["EDGEPACK_ARENA_BYTES=\(program.arena.bytes)"])
    ] + (asLibrary ? try await build.objectsCallingLibrary(LibraryNames(program.name)) : [])
  // The stack's bound is known once the code is linked; a second link reserves just that.
  let facts = try await build.link(firmware: objects, board: board, stackBytes: unboundedStackBytes)
  let stackBytes = (facts.stackBound + exceptionFrameBytes + 7) / 8 * 8
  let final = try await build.link(firmware: objects, board: board, stackBytes: stackBytes)
  try await build.toolchain.run(.objcopy, ["-O", "binary", "firmware.unstripped", "firmware.bin"], in: build.folder.path)
  return FirmwareArtifacts(
    elf: try build.read("firmware.unstripped"), image: try build.read("firmware.bin"),
    map: String(decoding: try build.read("firmware.map"), as: UTF8.self), weights: weights, networkSource: network.source,
    layoutHash: network.layoutHash, stackBound: final.stackBound,
    sizes: FirmwareArtifacts.Sizes(final.sizes, weights: weights.count, stack: stackBytes), library: library)
}

/// For the first link only.
private let unboundedStackBytes = 65_536

/// What the core pushes when an exception interrupts floating-point code: 26 words and one of alignment (Armv7-M Architecture Reference
/// Manual B1.5.7). Only a fault can do so here.
private let exceptionFrameBytes = 108

/// The `.epk` as a section of the image, between the symbols that the runtime knows.
private let weightsAssembly = """
      .section .weights, "a", %progbits
      .balign \(PackedWeights.blockAlignment)
      .globl edgepack_weights
  edgepack_weights:
      .incbin "weights.epk"
      .globl edgepack_weights_limit
  edgepack_weights_limit:

  """

/// - Returns: the board's folder, relative to the build's.
private func boardFolder(of profile: TargetProfile, in build: DeviceBuild) throws(Failure) -> String {
  let candidates = [profile.emulator?.machine, profile.name].compactMap { $0 }.filter { !$0.contains("/") }
  for name in candidates {
    let board = "firmware-stubs/\(name)"
    if FileManager.default.fileExists(atPath: build.folder.appendingPathComponent("\(board)/link.ld").path) { return board }
  }
  throw Failure(
    .profileValue, "there is no start-up code for the board \(candidates.first ?? profile.name)",
    hint: "add firmware-stubs/\(candidates.first ?? profile.name)/ with start.S and link.ld; firmware-stubs/mps2-an386 is an example")
}

extension DeviceBuild {
  /// Links to `firmware.unstripped` and `firmware.map`, and examines the result.
  fileprivate func link(firmware objects: [String], board: String, stackBytes: Int) async throws(Failure) -> Facts {
    let files = try await link(
      objects, output: "firmware",
      extraFlags: ["-T", "\(board)/link.ld", "-Map=firmware.map", "--defsym=stack_bytes=\(stackBytes)"])
    return try await examine(files.unstripped, entries: ["reset"])
  }
}

extension FirmwareArtifacts.Sizes {
  /// - Parameter sections: by kind, weights and stack among the constants and the zeroed bytes.
  fileprivate init(_ sections: ElfFile.Sizes, weights: Int, stack: Int) {
    self.init(
      code: sections.text, constants: sections.constants - weights, weights: weights, data: sections.data,
      zeroed: sections.zeroed - stack, stack: stack)
  }
}
