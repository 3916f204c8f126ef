import Deployment
import DeviceCompiler
import Diagnostics
import ModelGraph
import Targets

/// A Linux program with what it needs.
struct FittedProgram: Sendable {
  var program: LoweredProgram
  var artifacts: ProgramArtifacts
  var footprint: Footprint
}

/// Emits the program so that it stays within a limit on memory, if it can: first with all weights in memory; if that is too much, with
/// weights that are given back behind the steps that read them (docs/memory.md).
///
/// How much is left for weights is known exactly when the rest is: code, stack, arena. So a program that does not fit is emitted again.
/// - Parameters:
///   - limit: in bytes; nil: none.
///   - lowered: the program whose resident weights are limited to so many bytes.
///   - emitted: compiles and links it.
func fitted(
  _ profile: TargetProfile, limit: Int?, lowered: (_ weightLimit: Int?) throws(Failure) -> LoweredProgram,
  emitted: (LoweredProgram) async throws(Failure) -> ProgramArtifacts
) async throws(Failure) -> FittedProgram {
  var weightLimit: Int?
  while true {
    let program = try lowered(weightLimit)
    let artifacts = try await emitted(program)
    let footprint = Footprint(program, artifacts, profile)
    let fitted = FittedProgram(program: program, artifacts: artifacts, footprint: footprint)
    guard let limit, footprint.ram.total > limit, !program.weights.isEmpty else { return fitted }
    // In the second round the arena may have grown, since a divided layer shares no bytes with its input, and the code with its steps.
    let room = max(smallestWeightLimit, limit - (footprint.ram.total - footprint.ram.weights) - kernelReserve(artifacts, limit: limit))
    guard room < weightLimit ?? artifacts.residence.bytes else { return fitted }
    weightLimit = room
  }
}

/// Windows smaller than this would read storage in single pages.
private let smallestWeightLimit = 131_072

/// What a control group counts beside the program's own pages: page tables of the mapped weights, kernel stack, and the pages that the
/// kernel takes ahead of need. In bytes.
private func kernelReserve(_ artifacts: ProgramArtifacts, limit: Int) -> Int {
  let pageTables = artifacts.weights.count / 512
  let beyondLimit = EnforcedMemory.limit(forBudget: limit) - limit
  return max(65_536, 393_216 + pageTables - beyondLimit)
}
