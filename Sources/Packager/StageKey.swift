import Compression
import Crypto
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Report

/// SHA-256 over everything that a stage's artefact depends on: equal keys mean equal artefacts.
///
/// Whoever gives a stage another input or option adds it to its key below. A key begins with the key of the stage before and with the code
/// that runs, so only what is new to a stage stands here.
struct StageKey: Hashable, Sendable {
  let digest: String

  /// - Parameter parts: what the artefact depends on besides the stage and the code.
  init(_ stage: StageName, code: String, _ parts: [String]) {
    var hash = SHA256()
    // Lengths, so that no two lists of parts read alike.
    for part in [stage.rawValue, code] + parts { hash.update(data: Data("\(part.utf8.count):\(part)".utf8)) }
    digest = hexadecimal(hash.finalize())
  }

  /// Weights come from the model file, everything else that import and simplification made of it stands in the dump.
  static func baseline(_ model: SimplifiedModel, _ request: PackRequest, code: String) -> StageKey {
    let inputs = model.inputs
    return StageKey(
      .baseline, code: code, [inputs.modelHash, model.graph.dump(), contentDigest(inputs.validation), request.metric ?? ""])
  }

  static func compress(_ baseline: StageKey, _ model: SimplifiedModel, _ request: PackRequest, code: String) throws(Failure) -> StageKey {
    let inputs = model.inputs
    if let plan = inputs.plan {
      return StageKey(.compress, code: code, [baseline.digest, "replay", String(decoding: try plan.fileContent(), as: UTF8.self)])
    }
    // The description names every field of the recipes, those too that are added later.
    return StageKey(
      .compress, code: code, [baseline.digest, "make", contentDigest(inputs.calibration), String(reflecting: request.recipes)])
  }

  static func compile(_ compress: StageKey, _ model: SimplifiedModel, _ request: PackRequest, code: String) throws(Failure) -> StageKey {
    let inputs = model.inputs
    return StageKey(
      .compile, code: code,
      [
        compress.digest, inputs.name, try JSONText.encode(inputs.profile, pretty: false), inputs.proof.rawValue,
        request.emit.map(\.rawValue).sorted().joined(separator: ","),
      ])
  }

  /// - Parameter build: is named by its own hash as well: what was proven is this program.
  static func smoke(_ compile: StageKey, _ build: CompiledBuild, code: String) -> StageKey {
    StageKey(.smoke, code: code, [compile.digest, build.manifest.programHash])
  }
}

/// SHA-256 over the samples as they are stored and what turns them into numbers.
private func contentDigest(_ data: DataSet) -> String {
  var hash = SHA256()
  for array in [data.inputs, data.labels].compactMap({ $0 }) {
    hash.update(data: Data(array.description.utf8))
    array.bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
  }
  hash.update(data: Data("\(data.scale) \(data.offset)".utf8))
  return hexadecimal(hash.finalize())
}
