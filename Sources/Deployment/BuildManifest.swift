import Diagnostics
import Foundation
import ModelGraph
import Targets

/// What a build folder holds: the content of `build.json`, written by the packager and read by everything that runs, proves or looks at
/// the build. docs/program-interface.md describes the folder.
public struct BuildManifest: Hashable, Sendable, Codable {
  public static let fileName = "build.json"
  /// Raised when the meaning of a field changes.
  public static let currentSchema = 1
  /// As many golden cases as a weights file may carry.
  public static let largestGoldenCount = 4

  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// A static Linux program with its weights beside it.
    case program
    /// A bare-metal image with its weights inside.
    case firmware
  }

  public struct Input: Hashable, Sendable, Codable {
    public var name: String
    /// With the batch axis, which is 1.
    public var shape: [Int]
    /// The type in which samples are stored and handed to the program.
    public var elementType: ElementType
    /// `real = stored · scale + offset`; 1 and 0 for samples that are stored as they are.
    public var scale: Double
    public var offset: Double

    public init(name: String, shape: [Int], elementType: ElementType, scale: Double = 1, offset: Double = 0) {
      self.name = name
      self.shape = shape
      self.elementType = elementType
      self.scale = scale
      self.offset = offset
    }

    /// Elements of one sample.
    public var count: Int { shape.reduce(1, *) }
  }

  public struct Output: Hashable, Sendable, Codable {
    public var name: String
    /// With the batch axis, which is 1.
    public var shape: [Int]
    /// `real = scale · (stored − zeroPoint)`; the program's raw output is int8.
    public var scale: Float
    public var zeroPoint: Int

    public init(name: String, shape: [Int], scale: Float, zeroPoint: Int) {
      self.name = name
      self.shape = shape
      self.scale = scale
      self.zeroPoint = zeroPoint
    }

    /// Elements of one sample's answer.
    public var count: Int { shape.reduce(1, *) }
  }

  public var schema: Int
  /// The program's name; files are named after it.
  public var name: String
  public var kind: Kind
  /// The program (ELF), relative to the folder.
  public var program: String
  /// The weights file, relative to the folder; nil where the weights are inside the program.
  public var weights: String?
  /// The archive of the C library that the program is linked with, relative to the folder; nil if none was made.
  public var library: String?
  /// Hashes in lower-case hexadecimal: SHA-256 of the model file, the layout hash that the program checks against its weights, and
  /// SHA-256 over the program's and the weights' bytes.
  public var modelHash: String
  public var layoutHash: String
  public var programHash: String
  public var target: TargetProfile
  public var input: Input
  public var output: Output
  /// Bytes of the arena as planned, and the bound of the stack.
  public var arenaBytes: Int
  public var stackBytes: Int
  /// The most threads that the program may use.
  public var threads: Int
  /// Process 1 of the emulated machine, relative to the folder; nil for targets that are not proven in one.
  public var machineInit: String?
  /// What the booted machine allows the program, in bytes; nil: anything.
  public var memoryLimit: Int?
  /// Number of `golden/inputK.npy` and `golden/outputK.npy`.
  public var goldenCases: Int

  public init(
    name: String, kind: Kind, program: String, weights: String?, modelHash: String, layoutHash: String, programHash: String,
    target: TargetProfile, input: Input, output: Output, arenaBytes: Int, stackBytes: Int, threads: Int = 1, machineInit: String?,
    memoryLimit: Int? = nil, goldenCases: Int
  ) {
    self.schema = Self.currentSchema
    self.name = name
    self.kind = kind
    self.program = program
    self.weights = weights
    self.modelHash = modelHash
    self.layoutHash = layoutHash
    self.programHash = programHash
    self.target = target
    self.input = input
    self.output = output
    self.arenaBytes = arenaBytes
    self.stackBytes = stackBytes
    self.threads = threads
    self.machineInit = machineInit
    self.memoryLimit = memoryLimit
    self.goldenCases = goldenCases
  }
}

extension BuildManifest {
  /// Reads and checks a folder's `build.json`.
  /// - Throws: `not-a-build` with everything that is wrong.
  public static func load(folder: URL) throws(Failure) -> BuildManifest {
    let file = folder.appendingPathComponent(fileName)
    let hint = "edgepack MODEL.onnx --data TRAIN.npz --target NAME -o \(folder.relativePath)"
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw Failure(.notABuild, "\(folder.relativePath) holds no \(fileName)", at: Location(file: folder.relativePath), hint: hint)
    }
    let manifest: BuildManifest
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      manifest = try decoder.decode(BuildManifest.self, from: data)
    } catch {
      throw Failure(
        .notABuild, "\(fileName) cannot be read: \(Self.describe(error))", at: Location(file: file.relativePath), hint: hint)
    }
    let faults = manifest.faults
    guard faults.isEmpty else {
      throw Failure(
        .notABuild, "\(fileName) does not describe a build", details: faults, at: Location(file: file.relativePath), hint: hint)
    }
    return manifest
  }

  /// Writes `build.json`; equal manifests give equal bytes.
  /// - Throws: `folder-unwritable`.
  public func save(folder: URL) throws(Failure) {
    let file = folder.appendingPathComponent(Self.fileName)
    do {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try (encoder.encode(self) + Data("\n".utf8)).write(to: file, options: .atomic)
    } catch {
      throw .unwritable(Self.fileName, in: folder.relativePath, error)
    }
  }

  /// What a hand-edited or foreign file may get wrong; nothing later checks it again.
  private var faults: [String] {
    var faults: [String] = []
    if schema != Self.currentSchema { faults.append("schema is \(schema), this edgepack reads \(Self.currentSchema)") }
    for (field, path) in [("program", program), ("weights", weights), ("library", library), ("machine_init", machineInit)] {
      guard let path else { continue }
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      if parts.contains(where: { $0.isEmpty || $0 == ".." }) { faults.append("\(field) is no path inside the folder: \(path)") }
    }
    for (field, shape) in [("input", input.shape), ("output", output.shape)] {
      let isPossible = CheckedInt.elements(of: shape).within(1...Int(Int32.max)) != nil
      if !isPossible || shape.first != 1 { faults.append("\(field).shape is no shape of one sample: \(shape)") }
    }
    if !input.scale.isFinite || !input.offset.isFinite { faults.append("input.scale or input.offset is not finite") }
    if !output.scale.isFinite || output.scale <= 0 { faults.append("output.scale is not positive") }
    if threads < 1 { faults.append("threads is \(threads), a program has at least one") }
    if let memoryLimit, memoryLimit < 0 { faults.append("memory_limit is negative") }
    if arenaBytes < 0 || stackBytes < 0 { faults.append("arena_bytes or stack_bytes is negative") }
    if !(0...Self.largestGoldenCount).contains(goldenCases) {
      faults.append("golden_cases is \(goldenCases), at most \(Self.largestGoldenCount) are possible")
    }
    return faults
  }

  private static func describe(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
      (context.codingPath + (key.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
    }
    guard let error = error as? DecodingError else { return error.localizedDescription }
    return switch error {
    case .keyNotFound(let key, let context): "\(path(context, key)) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(path(context)) has the wrong type"
    case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is no JSON"
    case .dataCorrupted(let context): "\(path(context)) has an unknown value"
    @unknown default: error.localizedDescription
    }
  }
}
