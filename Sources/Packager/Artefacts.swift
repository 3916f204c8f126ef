import Compression
import Deployment
import DeviceCompiler
import Diagnostics
import HostTwin
import ModelFormats
import ModelGraph
import Targets

// What the stages hand on. Each is a value that holds all that later stages need of it. Those that are expensive to make are Codable and
// saved between runs; a field that is added to them is saved with the others.

/// The model, the data and the target, read and found to match.
struct ImportedInputs: Sendable {
  /// The model's file name without its extension, as a C identifier.
  var name: String
  var modelFile: String
  /// SHA-256 of the model file.
  var modelHash: String
  var graph: Graph
  var calibration: DataSet
  var validation: DataSet
  /// How the validation data are called in the answer.
  var validationName: String
  /// With the budget that the user's limits changed.
  var profile: TargetProfile
  /// Where the proof runs: the user's choice, else the profile's.
  var proof: ProofPlace
  /// The plan to replay, made for this model; nil to make one.
  var plan: Plan?
  /// Whether the accuracy limit is the user's own, not the profile's.
  var userLimitsAccuracy: Bool
  var warnings: [Diagnostic]
}

/// The graph that compression and compilation work on.
struct SimplifiedModel: Sendable {
  var inputs: ImportedInputs
  var graph: Graph
}

/// How good the float model is.
struct Baseline: Sendable, Codable {
  @Upstream var model: SimplifiedModel
  var quality: Quality
  /// The float model's outputs for the validation data, one after the other.
  @PackedFloats var outputs: [Float]
  var value: MetricValue
}

/// The plan, with the accuracy that the integer program really has.
struct CompressedModel: Sendable, Codable {
  @Upstream var baseline: Baseline
  var plan: Plan
  /// The plan's program for this machine; nil if the plan was reused, since a reused build needs no twin.
  @Unsaved var twin: HostTwin?
  /// Signal to quantization noise of each layer's output, in dB.
  var layerSQNR: [String: Double]
  /// What int8 costs in each layer; empty for networks too large to try.
  var layerCosts: [LayerCost]
  var value: MetricValue
  /// What the plan cost (`Quality.loss`), and where that may lie on further data.
  var loss: Double
  var changeInterval: ClosedRange<Double>?
}

/// A complete build in the staging folder.
struct CompiledBuild: Sendable {
  @Upstream var model: CompressedModel
  var program: LoweredProgram
  var manifest: BuildManifest
  var footprint: Footprint
  var predictions: Predictions

  init(model: CompressedModel, program: LoweredProgram, manifest: BuildManifest, footprint: Footprint) {
    predictions = Predictions(program, storedBytes: footprint.flashBytes, model.baseline.model.inputs.profile)
    self.model = model
    self.program = program
    self.manifest = manifest
    self.footprint = footprint
  }
}

/// The program is not saved, as it holds all weights once more and lowering is quick; what it was lowered for is. Predictions follow from
/// both.
extension CompiledBuild: Codable {
  private enum CodingKeys: CodingKey { case model, weightLimit, manifest, footprint }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let model = try container.decode(Upstream<CompressedModel>.self, forKey: .model).wrappedValue
    let weightLimit = try container.decodeIfPresent(Int.self, forKey: .weightLimit)
    self.init(
      model: model, program: try loweredForTarget(model, weightLimit: weightLimit),
      manifest: try container.decode(BuildManifest.self, forKey: .manifest),
      footprint: try container.decode(Footprint.self, forKey: .footprint))
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(_model, forKey: .model)
    try container.encodeIfPresent(program.weightLimit, forKey: .weightLimit)
    try container.encode(manifest, forKey: .manifest)
    try container.encode(footprint, forKey: .footprint)
  }
}
