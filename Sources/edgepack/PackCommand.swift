import ArgumentParser
import Diagnostics
import Packager
import Report
import Targets

struct PackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack", abstract: "Compress a model, emit its program for a target, and prove it (the default)")

  @Argument(help: "The trained model, an ONNX file.")
  var model: String

  @OptionGroup(title: "What to pack")
  var job: JobOptions

  @OptionGroup(title: "Budget")
  var limits: LimitOptions

  @OptionGroup(title: "Data")
  var dataOptions: DataOptions

  @OptionGroup(title: "Compression")
  var compression: CompressionOptions

  @OptionGroup(title: "Build")
  var build: BuildOptions

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() async throws {
    let console = outputOptions.console(stages: StageName.allCases.map(\.rawValue))
    let outcome = try await pack(try request(), progress: console.progress)
    if console.json {
      console.print(try JSONText.encode(outcome.answer))
    } else {
      let screen = AnswerScreen(outcome.answer, folder: outcome.folder, style: console.style)
      console.print(console.quiet ? screen.headline : screen.text())
    }
    if outcome.answer.answer == .doesNotFit, !build.exitZero { throw Outcome.negative }
  }

  private func request() throws(Failure) -> PackRequest {
    var faults = FaultCollector()
    var request = PackRequest(model: model, data: job.data, target: job.target, output: job.output)
    request.validation = job.val
    request.inputArray = dataOptions.input
    request.labelArray = dataOptions.label
    request.inputScale = dataOptions.inputScale
    request.inputOffset = dataOptions.inputOffset
    request.shapes = faults.collect { () throws(Failure) in try parsedShapes(job.shape) } ?? [:]
    request.budget = BudgetOverrides(ram: limits.maxRam, flash: limits.maxFlash, accuracyDrop: limits.maxAccuracyDrop)
    request.metric = dataOptions.metric
    request.emit = faults.collect { () throws(Failure) in try parsedKinds(build.emit) } ?? []
    request.plan = compression.plan
    if compression.calibrationSamples < 1 {
      faults.add(Diagnostic(.usage, "--calibration-samples \(compression.calibrationSamples) leaves nothing to calibrate with"))
    }
    request.recipe = QuantizationRecipe(
      ranges: compression.ranges, correctsBiases: compression.biasCorrection, calibrationSamples: compression.calibrationSamples,
      seed: compression.seed)
    request.optimize = build.optimize
    request.threads = build.threads
    request.proof = build.on
    request.force = build.force
    request.passDumps = build.dumpPasses
    try faults.throwIfAny()
    return request
  }
}

/// What every pack needs to know.
struct JobOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Data to calibrate with: arrays x and y of an npz file, or one npy file.", valueName: "file"))
  var data: String

  @Option(name: .long, help: ArgumentHelp("Data to measure accuracy on; else a fifth of --data is held out.", valueName: "file"))
  var val: String?

  @Option(name: [.short, .long], help: ArgumentHelp("A profile's name, a YAML file, or native.", valueName: "name|file"))
  var target: String

  @Option(name: [.short, .long], help: ArgumentHelp("The result folder.", valueName: "folder"))
  var output = "build"

  @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Fix an input's dimensions.", valueName: "name=1,3,96,96"))
  var shape: [String] = []
}

/// How the integer program's numbers are chosen.
struct CompressionOptions: ParsableArguments {
  @Option(name: .long, help: "How activation ranges are chosen.")
  var ranges: RangeMethod = .mse

  @Flag(name: .long, inversion: .prefixedNo, help: "Correct biases for what rounding the weights takes from their means.")
  var biasCorrection = true

  @Option(name: .long, help: ArgumentHelp("At most so many samples calibrate.", valueName: "count"))
  var calibrationSamples = 1024

  @Option(name: .long, help: ArgumentHelp("Of every random choice.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(name: .long, help: ArgumentHelp("Replay this plan instead of making one.", valueName: "file"))
  var plan: String?
}

/// What is made of the plan, and where.
struct BuildOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("What to emit, separated by commas: program, hls.", valueName: "kinds"))
  var emit = "program"

  @Option(name: .long, help: ArgumentHelp("Else as the profile says.", valueName: "goal"))
  var optimize: TargetProfile.Optimization?

  @Option(
    name: .long, help: ArgumentHelp("The most threads that the program may use; else as the profile says.", valueName: "count"))
  var threads: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Where the proof runs: native, user, machine or firmware; else as the profile says.", valueName: "place"))
  var on: String?

  @Flag(name: .long, help: "Write into a folder that edgepack did not make.")
  var force = false

  @Flag(name: .long, help: "Leave with 0 even if the answer is DOES NOT FIT.")
  var exitZero = false

  @Option(name: .long, help: ArgumentHelp("Write the graph after each pass into this folder.", visibility: .hidden))
  var dumpPasses: String?
}

/// Limits that take the place of the profile's.
struct LimitOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Most memory at run time.", valueName: "64MiB"))
  var maxRam: String?

  @Option(name: .long, help: ArgumentHelp("Largest program and weights.", valueName: "32MiB"))
  var maxFlash: String?

  @Option(name: .long, help: ArgumentHelp("Largest loss against the float model.", valueName: "1pt"))
  var maxAccuracyDrop: String?
}

/// How data files are read; shared by every command that takes data.
struct DataOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Name of the array of inputs; else x.", valueName: "name"))
  var input: String?

  @Option(name: .long, help: ArgumentHelp("Name of the array of labels; else y.", valueName: "name"))
  var label: String?

  // `unconditional`: offsets are often negative, and a value that begins with a dash would be taken for an option.
  @Option(
    name: .long, parsing: .unconditional,
    help: ArgumentHelp("Stored integers become floats: stored · scale + offset.", valueName: "scale"))
  var inputScale: Double?

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("See --input-scale.", valueName: "offset"))
  var inputOffset: Double?

  @Option(name: .long, help: "top1, rmse or auc, packing also agreement; else chosen by the labels.")
  var metric: String?
}

extension RangeMethod: ExpressibleByArgument {}
extension TargetProfile.Optimization: ExpressibleByArgument {}

/// `--shape name=1,3,96,96`, any number of them.
func parsedShapes(_ texts: [String]) throws(Failure) -> [String: [Int]] {
  var shapes: [String: [Int]] = [:]
  for text in texts {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let dimensions = parts.count == 2 ? parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) } : []
    guard parts.count == 2, !parts[0].isEmpty, !dimensions.isEmpty, dimensions.allSatisfy({ ($0 ?? 0) > 0 }) else {
      throw Failure(.usage, "--shape \(text) does not name an input and its dimensions", hint: "--shape name=1,3,96,96")
    }
    shapes[String(parts[0])] = dimensions.compactMap { $0 }
  }
  return shapes
}

private func parsedKinds(_ text: String) throws(Failure) -> Set<EmittedKind> {
  var kinds: Set<EmittedKind> = []
  for word in text.split(separator: ",") {
    guard let kind = EmittedKind(rawValue: String(word)) else {
      let known = EmittedKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw Failure(.usage, "--emit \(word) is no kind of output", hint: "known are \(known)")
    }
    kinds.insert(kind)
  }
  return kinds
}
