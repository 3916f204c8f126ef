import Accelerator
import Deployment
import DeviceCompiler
import DeviceFormats
import DeviceKernels
import Diagnostics
import HostTwin
import ModelFormats
import ModelGraph
import Targets

/// Cases that travel with the weights: samples whose answers are kept whole, and generated inputs of which a checksum is kept.
private let goldenCount = BuildManifest.largestGoldenCount
private let generatedCount = 64

/// Lowers for the target, computes golden vectors on the host, emits and links, and writes the build into the staging folder.
func compile(
  _ model: CompressedModel, _ request: PackRequest, _ folder: RunFolder, _ report: StageRunner.Report
) async throws(Failure) -> (CompiledBuild, summary: String) {
  let simplified = model.baseline.model
  let inputs = simplified.inputs
  let profile = inputs.profile
  let alignment = profile.operatingSystem == .none ? 4 : 16
  let program = try lower(
    simplified.graph, plan: model.plan,
    loweringRequest(
      simplified, instructionSets: profile.instructionSets, alignment: alignment,
      threads: profile.operatingSystem == .linux ? profile.cpu.threads : 1))

  let golden = goldenCases(model.twin, inputs.validation)
  let checksums = generatedChecksums(model.twin)
  let writer = BuildWriter(model: model, program: program, folder: folder.staging)
  var manifest: BuildManifest
  let footprint: Footprint
  switch profile.operatingSystem {
  case .linux:
    let artifacts = try await emitProgram(
      program, profile: profile, modelHash: try bytes(ofHexadecimal: inputs.modelHash), targetHash: try hash(of: profile), golden: golden,
      generatedChecksums: checksums, in: folder.work)
    manifest = try writer.write(artifacts, goldenCount: golden.count)
    if inputs.proof == .machine || ProofPlace(for: profile) == .machine {
      let initProgram = try await emitMachineInit(profile: profile, in: folder.work + "/init")
      manifest.machineInit = try writer.copy(initProgram, to: "machine/init")
    }
    footprint = Footprint(program, artifacts, profile)
  case .none:
    let artifacts = try await emitFirmware(
      program, profile: profile, modelHash: try bytes(ofHexadecimal: inputs.modelHash), targetHash: try hash(of: profile), golden: golden,
      generatedChecksums: checksums, in: folder.work)
    manifest = try writer.write(artifacts, goldenCount: golden.count)
    footprint = Footprint(program, artifacts)
  }
  try writer.writeGolden(outputs: golden.map(\.output))
  if request.emit.contains(.hls) { try writer.write(try emitHeaviestConvolution(program)) }
  try writer.save(manifest)
  return (
    CompiledBuild(model: model, program: program, manifest: manifest, footprint: footprint),
    "\(program.steps.count) steps, arena \(program.arena.bytes) bytes, no plan below \(program.arena.lowerBound)"
  )
}

extension TargetProfile {
  /// The instruction sets that kernels may use, the best first.
  var instructionSets: [InstructionSet] {
    switch cpu.architecture {
    case .arm64: [.neon, .portable]
    case .x86_64: cpu.features.contains(.avx2) ? [.avx2, .portable] : [.portable]
    case .armv7em, .riscv32: [.portable]
    }
  }
}

/// The first validation samples, with the answers of the host's kernels.
private func goldenCases(_ twin: HostTwin, _ data: DataSet) -> [(input: [Int8], output: [Int8])] {
  let inputs = (0..<min(goldenCount, data.count)).map { twin.program.input.quantized(data.sampleBytes($0)) }
  return Array(zip(inputs, twin.run(inputs))).map { (input: $0.0, output: $0.1) }
}

/// Checksums of the answers to generated inputs.
private func generatedChecksums(_ twin: HostTwin) -> [UInt32] {
  let inputs = (0..<generatedCount).map { GeneratedInput.bytes(seed: UInt32($0), count: twin.inputBytes) }
  return twin.run(inputs).map { output in Checksum.of(output.map { UInt8(bitPattern: $0) }) }
}

/// The convolution with most work, as C for high-level synthesis.
private func emitHeaviestConvolution(_ program: LoweredProgram) throws(Failure) -> HLSDesign {
  let convolutions = program.steps.indices.filter { index in
    if case .convolution = program.steps[index].kind { true } else { false }
  }
  guard let heaviest = convolutions.max(by: { program.steps[$0].multiplyAccumulates < program.steps[$1].multiplyAccumulates }) else {
    throw Failure(.unsupportedOperator, "\(program.name) has no convolution to emit as C", hint: "leave hls out of --emit")
  }
  return try emitConvolution(program, step: heaviest)
}
