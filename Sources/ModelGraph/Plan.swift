/// What each tensor and layer becomes: the whole outcome of compression, as a value. Written as `plan.json`; replaying it on the same
/// model gives the same bytes on any host (docs/numeric-contract.md §9), so everything that ranges, data or BLAS decided stands here.
public struct Plan: Hashable, Sendable, Codable {
  /// Version of this format.
  public var schema: String
  /// SHA-256 of the model file the plan was made for, in hex.
  public var model: String
  /// Quantization of every activation that the simplified graph computes or takes, by value name.
  public var activations: [String: AffineQuantization]
  /// By layer name.
  public var layers: [String: LayerPlan]
  /// How the plan came about, for people: ranges, calibration samples, seed.
  public var recipe: [String: String]

  public init(
    schema: String = "1.0", model: String, activations: [String: AffineQuantization] = [:], layers: [String: LayerPlan] = [:],
    recipe: [String: String] = [:]
  ) {
    self.schema = schema
    self.model = model
    self.activations = activations
    self.layers = layers
    self.recipe = recipe
  }
}

/// What one layer with weights becomes. Vectors have one entry an output channel.
public struct LayerPlan: Hashable, Sendable, Codable {
  /// Bits of a stored weight.
  public var weightBits: Int
  /// Symmetric scales of the weights.
  public var weightScales: [Float]
  /// Integer biases at scale `s_x · s_w`, corrected, before the input's zero point is folded in.
  public var biases: [Int32]

  public init(weightBits: Int, weightScales: [Float], biases: [Int32]) {
    self.weightBits = weightBits
    self.weightScales = weightScales
    self.biases = biases
  }
}
