import ArgumentParser
import Diagnostics
import Foundation
import Packager
import Targets

// Options without a default: what is not given here may stand in edgepack.yaml. `PackRequest(_:)` knows what their texts mean.

/// What every pack needs to know.
struct JobOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Data to calibrate with: arrays x and y of an npz file, or one npy file.", valueName: "file"),
    completion: .file(extensions: ["npz", "npy"]))
  var data: String?

  @Option(
    name: .long, help: ArgumentHelp("Data to measure accuracy on; else a fifth of --data is held out.", valueName: "file"),
    completion: .file(extensions: ["npz", "npy"]))
  var val: String?

  @Option(
    name: [.short, .long], help: ArgumentHelp("A profile's name, a YAML file, or native.", valueName: "name|file"),
    completion: .targets)
  var target: String?

  @Option(name: [.short, .long], help: ArgumentHelp("The result folder; build if not given.", valueName: "folder"), completion: .directory)
  var output: String?

  @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Fix an input's dimensions.", valueName: "name=1,3,96,96"))
  var shape: [String] = []
}

/// How the integer program's numbers are chosen.
struct CompressionOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("quick, normal or thorough: how long to look for good ranges.", valueName: "effort"),
    completion: .list(Effort.allCases.map(\.rawValue)))
  var effort: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How activation ranges are chosen: minmax, percentile, mse, entropy, or auto, the one that measures best; else as --effort says.",
      valueName: "method"),
    completion: .list([PackSettings.automatic] + RangeMethod.allCases.map(\.rawValue)))
  var ranges: String?

  @Flag(
    name: .long, inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Move factors between layers before quantizing; whatever measures better if not given.")
  var equalize: Bool?

  @Option(name: .long, help: ArgumentHelp("Layers whose weights stay float, separated by commas.", valueName: "layers"))
  var keepFloat: String?

  @Flag(
    name: .long, inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Correct biases for what rounding the weights takes from their means; on if not given.")
  var biasCorrection: Bool?

  @Option(
    name: .long, help: ArgumentHelp("At most so many samples calibrate, or all; else as --effort says.", valueName: "count"))
  var calibrationSamples: String?

  @Option(name: .long, help: ArgumentHelp("Of every random choice; 0 if not given.", valueName: "number"))
  var seed: String?

  @Option(
    name: .long, help: ArgumentHelp("Replay this plan instead of making one.", valueName: "file"), completion: .file(extensions: ["json"]))
  var plan: String?
}

/// What is made of the plan, and where.
struct BuildOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp("What to emit, separated by commas: program, library, hls; program if not given.", valueName: "kinds"))
  var emit: String?

  @Option(
    name: .long, help: ArgumentHelp("size or speed; else as the profile says.", valueName: "goal"),
    completion: .list(TargetProfile.Optimization.allCases.map(\.rawValue)))
  var optimize: String?

  @Option(
    name: .long, help: ArgumentHelp("The most threads that the program may use; else as the profile says.", valueName: "count"))
  var threads: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Where the proof runs: native, user, machine or firmware; else as the profile says.", valueName: "place"))
  var on: String?

  @Flag(name: .long, help: "Stop before anything is computed: what would be done, and which limits are already out of reach.")
  var dryRun = false

  @Flag(name: .long, help: "Write into a folder that edgepack did not make.")
  var force = false

  @Flag(name: .long, help: "Compute everything anew instead of reusing what an earlier run has saved.")
  var fresh = false

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

  @Option(name: .long, help: ArgumentHelp("Longest run with everything in memory.", valueName: "50ms"))
  var maxLatency: String?

  @Option(name: .long, help: ArgumentHelp("Longest first run, everything read from storage.", valueName: "500ms"))
  var maxColdLatency: String?

  @Option(name: .long, help: ArgumentHelp("Most energy of one run, above idle.", valueName: "40mJ"))
  var maxEnergy: String?

  @Option(name: .long, help: ArgumentHelp("Most power on average: idle + energy × duty.", valueName: "0.8W"))
  var maxPower: String?

  @Option(name: .long, help: ArgumentHelp("How often the device computes an answer; else as the profile says.", valueName: "1Hz"))
  var duty: String?

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
  var inputScale: String?

  @Option(name: .long, parsing: .unconditional, help: ArgumentHelp("See --input-scale.", valueName: "offset"))
  var inputOffset: String?

  @Option(name: .long, help: "top1, rmse or auc, packing also agreement; else chosen by the labels.")
  var metric: String?
}

/// Where settings come from when they are no flags.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Read settings from this file; else from edgepack.yaml, if there is one here.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Flag(name: .long, help: "Print every setting with who says so, and stop.")
  var showConfig = false

  /// - Throws: what reading it throws.
  func file() throws(Failure) -> ConfigurationFile? {
    let path = config ?? ConfigurationFile.standardName
    guard config != nil || FileManager.default.fileExists(atPath: path) else { return nil }
    return try ConfigurationFile.read(path: path, keys: PackSetting.allCases.map(\.key))
  }
}

extension CompletionKind {
  /// The profiles that this machine knows by name.
  static var targets: CompletionKind {
    .custom { _, _, _ in ((try? TargetLibrary.standard())?.names ?? []) + [NativeProfile.name] }
  }
}

/// A number of the command line, for commands that take no configuration file.
/// - Throws: `usage`.
func parsedNumber(_ text: String?, _ flag: String) throws(Failure) -> Double? {
  guard let text else { return nil }
  guard let number = Double(text), number.isFinite else { throw Failure(.usage, "\(flag) \(text) is no number") }
  return number
}
