import ArgumentParser
import Diagnostics
import Foundation
import Packager
import Report
import Targets

struct PackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack", abstract: "Compress a model, emit its program for a target, and prove it (the default)",
    discussion: "Every option may also stand in edgepack.yaml, as a key with _ in place of -; `edgepack init` writes such a file.")

  @Argument(help: "The trained model, an ONNX file.", completion: .file(extensions: ["onnx"]))
  var model: String?

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

  @OptionGroup(title: "Configuration")
  var configurationOptions: ConfigurationOptions

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() async throws {
    // Faults of the configuration are printed as the options say, too.
    _ = outputOptions.console()
    let file = try configurationOptions.file()
    // Without variants there is one run, with what the file says.
    let variants = file?.variants ?? []
    let runs =
      variants.isEmpty
      ? [PackSettings(flags: flags, file: file)] : variants.map { PackSettings(flags: flags, file: file, variant: $0) }
    if configurationOptions.showConfig { return try show(runs) }
    var requests: [PackRequest] = []
    var faults = FaultCollector()
    for settings in runs {
      guard var request = faults.collect({ () throws(Failure) in try PackRequest(settings) }) else { continue }
      request.passDumps = build.dumpPasses
      requests.append(request)
    }
    try faults.throwIfAny()
    if build.dryRun { return try await predict(requests, settings: runs) }
    if runs.count == 1 { try await packOne(requests[0], runs[0]) } else { try await packAll(requests, runs) }
  }

  /// What was given on the command line, as it was written.
  private var flags: [PackSetting: [String]] {
    let texts: [PackSetting: String?] = [
      .model: model, .data: job.data, .val: job.val, .target: job.target, .output: job.output, .maxRam: limits.maxRam,
      .maxFlash: limits.maxFlash, .maxLatency: limits.maxLatency, .maxColdLatency: limits.maxColdLatency,
      .maxEnergy: limits.maxEnergy, .maxPower: limits.maxPower, .duty: limits.duty, .maxAccuracyDrop: limits.maxAccuracyDrop,
      .input: dataOptions.input, .label: dataOptions.label,
      .inputScale: dataOptions.inputScale, .inputOffset: dataOptions.inputOffset, .metric: dataOptions.metric,
      .effort: compression.effort, .ranges: compression.ranges, .biasCorrection: compression.biasCorrection.map(String.init),
      .calibrationSamples: compression.calibrationSamples, .seed: compression.seed, .plan: compression.plan, .emit: build.emit,
      .optimize: build.optimize, .threads: build.threads, .on: build.on, .force: build.force ? "true" : nil,
      .fresh: build.fresh ? "true" : nil,
      .exitZero: build.exitZero ? "true" : nil, .equalize: compression.equalize.map(String.init), .keepFloat: compression.keepFloat,
    ]
    var flags = texts.compactMapValues { $0.map { [$0] } }
    if !job.shape.isEmpty { flags[.shape] = job.shape }
    return flags
  }
}

// What a run ends with.
extension PackCommand {
  private func packOne(_ request: PackRequest, _ settings: PackSettings) async throws {
    let console = outputOptions.console(stages: StageName.allCases.map(\.rawValue))
    let outcome = try await Interruption.finishingSteps {
      try await pack(request, progress: console.progress, isStopping: { Interruption.hasHappened })
    }
    if console.json {
      console.print(try JSONText.encode(outcome.answer))
    } else {
      let screen = AnswerScreen(outcome.answer, folder: outcome.folder, style: console.style)
      console.print(console.quiet ? screen.headline : screen.text())
      if console.verbose { console.print("\n" + screen.layers()) }
    }
    if outcome.answer.answer == .doesNotFit, !settings.isOn(.exitZero) { throw Outcome.negative }
  }

  /// One run a variant, then one table. A variant that fails ends the rest; what was packed before it stays.
  private func packAll(_ requests: [PackRequest], _ runs: [PackSettings]) async throws {
    var rows: [VariantsScreen.Row] = []
    for (request, settings) in zip(requests, runs) {
      let console = outputOptions.console(stages: StageName.allCases.map(\.rawValue))
      let name = settings.variant ?? ""
      console.note("variant \(name)")
      let outcome = try await Interruption.finishingSteps {
        try await pack(request, progress: console.progress, isStopping: { Interruption.hasHappened })
      }
      rows.append(VariantsScreen.Row(name: name, folder: outcome.folder, answer: outcome.answer))
    }
    let console = outputOptions.console()
    let screen = VariantsScreen(rows)
    console.print(console.json ? try screen.json() : console.quiet ? screen.headline : screen.text(style: console.style))
    let tolerated = runs.allSatisfy { $0.isOn(.exitZero) }
    if !screen.fits, !tolerated { throw Outcome.negative }
  }

  private func predict(_ requests: [PackRequest], settings: [PackSettings]) async throws {
    let console = outputOptions.console(stages: [StageName.importModel, .simplify].map(\.rawValue))
    var forecasts: [(variant: String?, screen: ForecastScreen)] = []
    for (request, settings) in zip(requests, settings) {
      forecasts.append((settings.variant, try await forecast(request, progress: console.progress)))
    }
    if console.json {
      console.print(try ForecastScreen.json(forecasts))
    } else {
      let texts = forecasts.map { console.quiet ? $0.screen.headline : $0.screen.text(style: console.style) }
      console.print(texts.joined(separator: console.quiet ? "\n" : "\n\n"))
    }
    let isPossible = zip(forecasts, settings).allSatisfy { $0.screen.isPossible || $1.isOn(.exitZero) }
    if !isPossible { throw Outcome.negative }
  }

  private func show(_ runs: [PackSettings]) throws {
    let console = outputOptions.console()
    let screens = try runs.map { settings throws(Failure) in try settings.listing() }
    if console.json {
      console.print(try SettingsScreen.json(screens))
    } else {
      console.print(screens.map { $0.text(style: console.style) }.joined(separator: "\n\n"))
    }
  }
}
