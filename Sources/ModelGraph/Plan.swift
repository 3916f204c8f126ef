/// What each tensor and layer becomes: the whole outcome of compression, as a value. Written as `plan.json`; replaying it on the same
/// model gives the same bytes on any host (docs/numeric-contract.md §9), so everything that ranges, data or BLAS decided stands here.
public struct Plan: Hashable, Sendable, Codable {
  /// Version of this format.
  public var schema: String
  /// SHA-256 of the model file the plan was made for, in hex.
  public var model: String
  /// What moves between neighbouring layers before anything else: for the layer named, one exponent an output channel (`Graph.equalized`).
  public var equalization: [String: [Int]]
  /// Quantization of every activation that the simplified graph computes or takes, by value name.
  public var activations: [String: AffineQuantization]
  /// By layer name.
  public var layers: [String: LayerPlan]
  /// How the plan came about, for people: ranges, calibration samples, seed.
  public var recipe: [String: String]

  public init(
    schema: String = "1.1", model: String, equalization: [String: [Int]] = [:], activations: [String: AffineQuantization] = [:],
    layers: [String: LayerPlan] = [:], recipe: [String: String] = [:]
  ) {
    self.schema = schema
    self.model = model
    self.equalization = equalization
    self.activations = activations
    self.layers = layers
    self.recipe = recipe
  }

  /// As synthesised, but version 1.0 had no equalization.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    schema = try container.decode(String.self, forKey: .schema)
    model = try container.decode(String.self, forKey: .model)
    equalization = try container.decodeIfPresent([String: [Int]].self, forKey: .equalization) ?? [:]
    activations = try container.decode([String: AffineQuantization].self, forKey: .activations)
    layers = try container.decode([String: LayerPlan].self, forKey: .layers)
    recipe = try container.decode([String: String].self, forKey: .recipe)
  }
}

/// What one layer with weights becomes. Vectors have one entry an output channel.
public struct LayerPlan: Hashable, Sendable, Codable {
  /// Bits of a stored weight: 8, or 32 for a layer that stays float.
  public var weightBits: Int
  /// Symmetric scales of the weights; none for a float layer.
  public var weightScales: [Float]
  /// Integer biases at scale `s_x · s_w`, corrected, before the input's zero point is folded in; none for a float layer.
  public var biases: [Int32]
  /// Why a layer stays float, for people.
  public var reason: String?

  public init(weightBits: Int, weightScales: [Float], biases: [Int32], reason: String? = nil) {
    self.weightBits = weightBits
    self.weightScales = weightScales
    self.biases = biases
    self.reason = reason
  }

  public static func float(because reason: String) -> LayerPlan {
    LayerPlan(weightBits: 32, weightScales: [], biases: [], reason: reason)
  }

  public var staysFloat: Bool { weightBits == 32 }
}
