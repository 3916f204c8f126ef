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

/// Emits the program so that it stays within a limit on memory, if it can: with all weights in memory, or if that is too much, with
/// weights that are given back behind the steps that read them (docs/memory.md).
///
/// How much is left for weights is known exactly when the rest is: code, stack, arena. Until then the rest is assumed to be small, and
/// a program that turns out too large is emitted again.
/// - Parameters:
///   - limit: in bytes; nil: none.
///   - lowered: the program whose resident weights are limited to so many bytes.
///   - emitted: compiles and links it.
func fitted(
  _ profile: TargetProfile, limit: Int?, lowered: (_ weightLimit: Int?) throws(Failure) -> LoweredProgram,
  emitted: (LoweredProgram) async throws(Failure) -> ProgramArtifacts
) async throws(Failure) -> FittedProgram {
  var program = try lowered(nil)
  let weightBytes = program.weights.reduce(0) { $0 + $1.bytes.count }
  var weightLimit: Int?
  if let limit, weightBytes > 0, weightBytes + program.arena.bytes > limit {
    weightLimit = roomForWeights(in: limit, beside: program.arena.bytes + assumedRest, weightBytes: weightBytes)
    program = try lowered(weightLimit)
  }
  while true {
    let artifacts = try await emitted(program)
    let footprint = Footprint(program, artifacts, profile)
    guard let limit, footprint.ram.total > limit, weightBytes > 0 else {
      return FittedProgram(program: program, artifacts: artifacts, footprint: footprint)
    }
    // Each round allows less: the arena may have grown, since a divided layer shares no bytes with its input, and the code with its steps.
    let room = roomForWeights(in: limit, beside: footprint.ram.total - footprint.ram.weights, weightBytes: weightBytes)
    guard room < weightLimit ?? artifacts.residence.bytes else {
      return FittedProgram(program: program, artifacts: artifacts, footprint: footprint)
    }
    weightLimit = room
    program = try lowered(room)
  }
}

/// Code, stack and buffers of most programs together are smaller, in bytes.
private let assumedRest = 98_304
/// Windows smaller than this would read storage in single pages.
private let smallestRoom = 131_072

/// What a limit leaves for weights. The reserve is for what a control group counts beside the program's own pages: page tables of the
/// mapped weights, the kernel's stack, and pages that the kernel takes ahead of need. In bytes.
private func roomForWeights(in limit: Int, beside rest: Int, weightBytes: Int) -> Int {
  let pageTables = weightBytes / 512
  let beyondLimit = EnforcedMemory.limit(forBudget: limit) - limit
  return max(smallestRoom, limit - rest - max(65_536, 393_216 + pageTables - beyondLimit))
}
