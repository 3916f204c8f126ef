/// How long the search for a plan may take.
public enum Effort: String, Sendable, CaseIterable, Codable {
  /// A first look: ranges are the extremes of few samples, nothing is searched.
  case quick
  case normal
  /// Every sample calibrates, and ranges are searched in steps a quarter as wide.
  case thorough

  /// How ranges are chosen; nil: by whichever method measures best.
  public var ranges: RangeMethod? { self == .quick ? recipe.ranges : nil }

  /// Whether to equalize layers; nil: if that measures better.
  public var equalizes: Bool? { self == .quick ? false : nil }

  /// What the effort means for the recipe.
  public var recipe: QuantizationRecipe {
    switch self {
    case .quick: QuantizationRecipe(ranges: .minmax, calibrationSamples: 128)
    case .normal: QuantizationRecipe()
    case .thorough: QuantizationRecipe(ranges: .mse, rangeRefinement: 4, calibrationSamples: .max)
    }
  }
}
