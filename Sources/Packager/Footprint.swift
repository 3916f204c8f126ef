import DeviceCompiler
import Report
import Targets

/// What a build needs, in bytes, known before it runs.
struct Footprint: Sendable, Codable {
  var ram: Answer.MemoryParts
  var flash: [Answer.FlashPart]
  /// What the largest part of each is, for the column "what binds".
  var ramBinds: String
  var flashBinds: String

  var flashBytes: Int { flash.reduce(0) { $0 + $1.bytes } }
}

extension Footprint {
  /// A Linux program: everything it touches is resident, in whole pages; of its weights what may be there at once.
  init(_ program: LoweredProgram, _ artifacts: ProgramArtifacts, _ profile: TargetProfile) {
    let page = profile.memory.page ?? 4096
    let sizes = artifacts.sizes
    let weights = artifacts.residence.bytes
    let code = sizes.text + sizes.constants
    let streams = max(0, sizes.zeroed - program.arena.bytes - artifacts.workerBytes)
    let parts = [code, sizes.data, sizes.zeroed, artifacts.stackBound, weights]
    // Above the program's own frames the stack holds arguments, auxiliary vector and an environment of up to 8 KiB, and ends inside a page.
    let total = parts.reduce(3 * page) { $0 + ($1 + page - 1) / page * page }
    ram = Answer.MemoryParts(
      arena: program.arena.bytes, stack: artifacts.stackBound, io: streams, data: sizes.data, weights: weights, code: code,
      threads: artifacts.workerBytes, rounding: total - parts.reduce(0, +))
    flash = [
      Answer.FlashPart(name: program.name, bytes: artifacts.program.count),
      Answer.FlashPart(name: program.name + ".epk", bytes: artifacts.weights.count),
    ]
    ramBinds = weights > program.arena.bytes ? "weights, \(Formatting.bytes(weights))" : program.peakOwner
    flashBinds = program.largestWeights
  }

  /// Firmware: weights are read from flash where they lie.
  init(_ program: LoweredProgram, _ artifacts: FirmwareArtifacts) {
    let sizes = artifacts.sizes
    ram = Answer.MemoryParts(
      arena: program.arena.bytes, stack: artifacts.stackBound, io: 0, data: sizes.data + max(0, sizes.zeroed - program.arena.bytes),
      weights: 0, code: 0)
    flash = [Answer.FlashPart(name: program.name + ".bin", bytes: artifacts.image.count)]
    ramBinds = program.peakOwner
    flashBinds = program.largestWeights
  }
}

extension LoweredProgram {
  /// The step that needs most of the arena, as `input → layer`.
  fileprivate var peakOwner: String {
    let needs = steps.indices.map { step in
      buffers.filter { $0.firstStep <= step && step <= $0.lastStep }.reduce(0) { $0 + $1.bytes }
    }
    guard let peak = needs.indices.max(by: { needs[$0] < needs[$1] }) else { return "arena" }
    return peak == 0 ? "input → \(steps[0].name)" : "\(steps[peak - 1].name) → \(steps[peak].name)"
  }

  fileprivate var largestWeights: String {
    // A layer may have several blocks.
    let layers = Dictionary(weights.map { ($0.layer, $0.bytes.count) }, uniquingKeysWith: +)
    return layers.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { "weights of \($0.key)" } ?? "program"
  }
}
