import Compression
import Targets

/// The recipe's words, for who builds a request without knowing the module that carries it out.
public typealias QuantizationRecipe = Compression.QuantizationRecipe
public typealias RangeMethod = Compression.RangeMethod
public typealias Effort = Compression.Effort

/// Everything the user asked of one pack.
public struct PackRequest: Sendable {
  public var model: String
  /// Calibration data (and validation data, if `validation` is nil: a seeded fifth of it).
  public var data: String
  public var validation: String?
  /// Arrays in the data files; nil means `x` and `y`.
  public var inputArray: String?
  public var labelArray: String?
  /// `float = stored · scale + offset` for stored integers.
  public var inputScale: Double?
  public var inputOffset: Double?
  /// Fixed shapes of inputs by name, for models with dynamic dimensions.
  public var shapes: [String: [Int]]
  /// A name, a path, or `native`.
  public var target: String
  public var budget: BudgetOverrides
  /// Answers a second, such as `1Hz`; nil means as the profile says.
  public var duty: String?
  public var metric: String?
  public var output: String
  public var emit: Set<EmittedKind>
  /// A plan to replay instead of making one.
  public var plan: String?
  /// Samples, seed and what else does not depend on the choices below.
  public var recipe: QuantizationRecipe
  /// Nil: the one of all methods that measures best.
  public var ranges: RangeMethod?
  /// Nil: whatever measures better.
  public var equalizes: Bool?
  public var optimize: TargetProfile.Optimization?
  /// The most threads that the program may use; nil means what the target's profile says.
  public var threads: Int?
  /// Where the proof runs; nil means where the target's profile says.
  public var proof: String?
  /// Write into a folder that edgepack did not make.
  public var force: Bool
  /// Compute every stage anew, whatever an earlier run has saved.
  public var fresh: Bool
  /// Where to write the graph after each pass; nil means nowhere.
  public var passDumps: String?

  public init(model: String, data: String, target: String, output: String) {
    self.model = model
    self.data = data
    self.target = target
    self.output = output
    shapes = [:]
    budget = BudgetOverrides()
    emit = []
    recipe = QuantizationRecipe()
    force = false
    fresh = false
  }
}

extension PackRequest {
  /// The recipes to choose from by measurement, the one that usually wins first.
  var recipes: [QuantizationRecipe] {
    let methods = ranges.map { [$0] } ?? [.mse, .entropy, .percentile, .minmax]
    return (equalizes.map { [$0] } ?? [false, true]).flatMap { equalizes in
      methods.map { method in
        var recipe = recipe
        (recipe.ranges, recipe.equalizes) = (method, equalizes)
        return recipe
      }
    }
  }
}

/// What a build folder can be asked to hold besides what its target needs.
public enum EmittedKind: String, Hashable, Sendable, CaseIterable {
  /// The program of the target: a static ELF, or firmware where there is no operating system.
  case program
  /// The network as a C library; the program is then linked with it, so that the proof is one of the library.
  case library
  /// The heaviest convolution as C for HLS tools.
  case hls
}
