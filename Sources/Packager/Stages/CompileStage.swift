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
private let generatedCount = 4...64
/// Each case may read all weights from storage: the proof reads no more than about this many bytes.
private let bytesReadByProof = 536_870_912

/// Lowers for the target, computes golden vectors on the host, emits and links, and writes the build into the staging folder.
func compile(
  _ model: CompressedModel, _ request: PackRequest, _ folder: RunFolder, _ report: StageRunner.Report
) async throws(Failure) -> (CompiledBuild, summary: String) {
  let simplified = model.baseline.model
  let inputs = simplified.inputs
  let profile = inputs.profile
  let twin = if let made = model.twin { made } else { try await hostTwin(simplified, model.plan) }
  let golden = goldenCases(twin, inputs.validation)
  let checksums = generatedChecksums(twin)
  let asLibrary = request.emit.contains(.library)
  let modelHash = try bytes(ofHexadecimal: inputs.modelHash)
  let targetHash = try hash(of: profile)
  let lowered = { (weightLimit: Int?) throws(Failure) in try loweredForTarget(model, weightLimit: weightLimit) }
  try profile.requireCosts(for: try lowered(nil).workload(storedBytes: 0), measuresTime: inputs.proof.hasClock)
  let program: LoweredProgram
  let writer: BuildWriter
  var manifest: BuildManifest
  let footprint: Footprint
  switch profile.operatingSystem {
  case .linux:
    let fitted = try await fitted(profile, limit: profile.budget.ram, lowered: lowered) { program async throws(Failure) in
      try await emitProgram(
        program, profile: profile, modelHash: modelHash, targetHash: targetHash, golden: golden, generatedChecksums: checksums,
        asLibrary: asLibrary, in: folder.work)
    }
    program = fitted.program
    writer = BuildWriter(model: model, program: program, folder: folder.staging)
    manifest = try writer.write(fitted.artifacts, goldenCount: golden.count)
    if inputs.proof == .machine || ProofPlace(for: profile) == .machine {
      let initProgram = try await emitMachineInit(profile: profile, in: folder.work + "/init")
      manifest.machineInit = try writer.copy(initProgram, to: "machine/init")
    }
    footprint = fitted.footprint
    // A program that is known not to fit is proven without a limit.
    manifest.memoryLimit = profile.budget.ram.flatMap { footprint.ram.total <= $0 ? EnforcedMemory.limit(forBudget: $0) : nil }
  case .none:
    program = try lowered(nil)
    writer = BuildWriter(model: model, program: program, folder: folder.staging)
    let artifacts = try await emitFirmware(
      program, profile: profile, modelHash: modelHash, targetHash: targetHash, golden: golden, generatedChecksums: checksums,
      asLibrary: asLibrary, in: folder.work)
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

/// The program that is emitted, a function of the plan, the target and what weights may take alone.
func loweredForTarget(_ model: CompressedModel, weightLimit: Int?) throws(Failure) -> LoweredProgram {
  let simplified = model.baseline.model
  let profile = simplified.inputs.profile
  let alignment = profile.operatingSystem == .none ? 4 : profile.instructionSets.contains(.avx512) ? 64 : 16
  return try lower(
    simplified.graph, plan: model.plan,
    loweringRequest(
      simplified, instructionSets: profile.instructionSets, alignment: alignment, weightLimit: weightLimit,
      threads: profile.operatingSystem == .linux ? profile.cpu.threads : 1))
}

extension TargetProfile {
  /// The instruction sets that kernels may use, the best first.
  var instructionSets: [InstructionSet] {
    switch cpu.architecture {
    case .arm64: [.neon, .portable]
    case .x86_64:
      !cpu.features.contains(.avx2)
        ? [.portable] : cpu.features.isSuperset(of: [.avx512, .vnni]) ? [.avx512, .avx2, .portable] : [.avx2, .portable]
    case .armv7em, .riscv32: [.portable]
    }
  }
}

/// The first validation samples, with the answers of the host's kernels.
private func goldenCases(_ twin: HostTwin, _ data: DataSet) -> [(input: [Int8], output: [Int8])] {
  let inputs = (0..<min(goldenCount, data.count)).map { twin.program.input.quantized(data.sampleBytes($0)) }
  return Array(zip(inputs, twin.run(inputs))).map { (input: $0.0, output: $0.1) }
}

/// Checksums of the answers to generated inputs: fewer of them for models of many weights.
private func generatedChecksums(_ twin: HostTwin) -> [UInt32] {
  let weightBytes = twin.program.weights.reduce(1) { $0 + $1.bytes.count }
  let count = max(generatedCount.lowerBound, min(generatedCount.upperBound, bytesReadByProof / weightBytes))
  let inputs = (0..<count).map { GeneratedInput.bytes(seed: UInt32($0), count: twin.inputBytes) }
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
