import Accelerator
import Crypto
import Deployment
import DeviceCompiler
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph

/// Writes the files of a build (docs/program-interface.md) into one folder. Nothing in them depends on time or place.
struct BuildWriter {
  let model: CompressedModel
  let program: LoweredProgram
  let folder: String

  private var inputs: ImportedInputs { model.baseline.model.inputs }

  /// A Linux program and its weights.
  func write(_ artifacts: ProgramArtifacts, goldenCount: Int) throws(Failure) -> BuildManifest {
    try write(artifacts.program, to: program.name)
    try makeExecutable(program.name)
    try write(artifacts.weights, to: program.name + ".epk")
    try write(Array(artifacts.networkSource.utf8), to: "source/Network.swift")
    var manifest = try manifest(
      .program, file: program.name, weights: program.name + ".epk", content: artifacts.program + artifacts.weights,
      layoutHash: artifacts.layoutHash, stackBytes: artifacts.stackBound, goldenCount: goldenCount)
    if let library = artifacts.library { manifest.library = try write(library) }
    return manifest
  }

  /// Firmware with its weights inside.
  func write(_ artifacts: FirmwareArtifacts, goldenCount: Int) throws(Failure) -> BuildManifest {
    try write(artifacts.elf, to: program.name + ".elf")
    try write(artifacts.image, to: program.name + ".bin")
    try write(Array(artifacts.map.utf8), to: program.name + ".map")
    try write(Array(artifacts.networkSource.utf8), to: "source/Network.swift")
    var manifest = try manifest(
      .firmware, file: program.name + ".elf", weights: nil, content: artifacts.image, layoutHash: artifacts.layoutHash,
      stackBytes: artifacts.stackBound, goldenCount: goldenCount)
    if let library = artifacts.library {
      // The firmware has its weights inside; users of the library link or load the file.
      try write(artifacts.weights, to: program.name + ".epk")
      manifest.library = try write(library)
    }
    return manifest
  }

  /// - Returns: the archive's name.
  private func write(_ library: LibraryArtifacts) throws(Failure) -> String {
    let names = library.names
    try write(library.archive, to: names.archive)
    for (text, file) in [
      (library.header, names.header), (library.cmakeConfiguration, "cmake/\(names.name)Config.cmake"),
      (library.pkgConfiguration, "pkgconfig/\(names.name).pc"),
    ] { try write(Array(text.utf8), to: file) }
    return names.archive
  }

  func write(_ design: HLSDesign) throws(Failure) {
    for file in design.files { try write(Array(file.contents.utf8), to: "hls/" + file.name) }
  }

  /// Golden cases: the stored samples as they are, and the int8 answers.
  func writeGolden(outputs: [[Int8]]) throws(Failure) {
    let data = inputs.validation
    for (index, output) in outputs.enumerated() {
      let input = StoredArray(
        elementType: data.elementType, shape: program.input.shape, bytes: data.sampleBytes(index))
      try write(NpyFile.encode(input), to: "golden/input\(index).npy")
      let answer = StoredArray(elementType: .int8, shape: program.output.shape, bytes: output.map { UInt8(bitPattern: $0) })
      try write(NpyFile.encode(answer), to: "golden/output\(index).npy")
    }
  }

  func save(_ manifest: BuildManifest) throws(Failure) {
    try manifest.save(folder: URL(fileURLWithPath: folder))
    try write(Array(try model.plan.fileContent()), to: "plan.json")
  }

  private func manifest(
    _ kind: BuildManifest.Kind, file: String, weights: String?, content: [UInt8], layoutHash: [UInt8], stackBytes: Int, goldenCount: Int
  ) throws(Failure) -> BuildManifest {
    let (input, output) = (program.input, program.output)
    return BuildManifest(
      name: program.name, kind: kind, program: file, weights: weights, modelHash: inputs.modelHash,
      layoutHash: hexadecimal(layoutHash), programHash: hexadecimal(SHA256.hash(data: content)), target: inputs.profile,
      input: BuildManifest.Input(
        name: input.name, shape: input.shape, elementType: input.elementType, scale: input.scale, offset: input.offset),
      output: BuildManifest.Output(
        name: output.name, shape: output.shape, scale: output.quantization.scale, zeroPoint: output.quantization.zeroPoint),
      arenaBytes: program.arena.bytes, stackBytes: stackBytes, threads: program.threads, machineInit: nil, goldenCases: goldenCount)
  }

  // MARK: Files

  func write(_ bytes: [UInt8], to name: String) throws(Failure) {
    let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
    do {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    } catch {
      throw .unwritable(name, in: folder, error, needed: bytes.count)
    }
  }

  /// - Returns: `name`.
  func copy(_ path: String, to name: String) throws(Failure) -> String {
    guard let content = FileManager.default.contents(atPath: path) else { throw Failure(.fileUnreadable, "\(path) cannot be read") }
    try write(Array(content), to: name)
    try makeExecutable(name)
    return name
  }

  private func makeExecutable(_ name: String) throws(Failure) {
    do {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/" + name)
    } catch {
      throw .unwritable(name, in: folder, error)
    }
  }
}
