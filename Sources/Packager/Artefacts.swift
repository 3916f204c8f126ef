import Deployment
import DeviceCompiler
import Diagnostics
import HostTwin
import ModelFormats
import ModelGraph
import Targets

// What the stages hand on. Each is a value that holds all that later stages need of it.

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
struct Baseline: Sendable {
  var model: SimplifiedModel
  var quality: Quality
  /// The float model's outputs for the validation data, one after the other.
  var outputs: [Float]
  var value: MetricValue
}

/// The plan, with the accuracy that the integer program really has.
struct CompressedModel: Sendable {
  var baseline: Baseline
  var plan: Plan
  /// The plan's program for this machine.
  var twin: HostTwin
  /// Signal to quantization noise of each layer's output, in dB.
  var layerSQNR: [String: Double]
  var value: MetricValue
  /// What the plan cost (`Quality.loss`), and where that may lie on further data.
  var loss: Double
  var changeInterval: ClosedRange<Double>?
}

/// A complete build in the staging folder.
struct CompiledBuild: Sendable {
  var model: CompressedModel
  var program: LoweredProgram
  var manifest: BuildManifest
  var footprint: Footprint
  var predictions: Predictions
}
