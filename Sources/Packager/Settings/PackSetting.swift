import Compression
import Targets

/// Everything that a pack can be told, by a flag or by a key of `edgepack.yaml`. The raw value is the key; the flag is the same word with
/// dashes.
public enum PackSetting: String, CaseIterable, Sendable {
  case model, data, val, target, output, shape
  case maxRam = "max_ram"
  case maxFlash = "max_flash"
  case maxLatency = "max_latency"
  case maxColdLatency = "max_cold_latency"
  case maxEnergy = "max_energy"
  case maxPower = "max_power"
  case duty
  case maxAccuracyDrop = "max_accuracy_drop"
  case input, label
  case inputScale = "input_scale"
  case inputOffset = "input_offset"
  case metric, effort, ranges, equalize
  case keepFloat = "keep_float"
  case biasCorrection = "bias_correction"
  case calibrationSamples = "calibration_samples"
  case seed, plan, emit, optimize, threads, on, force, fresh
  case exitZero = "exit_zero"

  public var key: String { rawValue }

  /// As the command line has it. The model is the one argument without a name.
  public var flag: String { self == .model ? "MODEL" : "--" + rawValue.replacing("_", with: "-") }

  /// What counts where neither a flag nor the file nor the profile says anything; nil if nothing does. The recipe's parts are those of
  /// `--effort`.
  var standardText: String? {
    switch self {
    case .output: "build"
    case .emit: EmittedKind.program.rawValue
    case .effort: Effort.normal.rawValue
    case .biasCorrection: "true"
    case .seed: "0"
    case .force, .fresh, .exitZero: "false"
    case .model, .data, .val, .target, .shape, .maxRam, .maxFlash, .maxLatency, .maxColdLatency, .maxEnergy, .maxPower,
      .duty, .maxAccuracyDrop, .input, .label, .inputScale, .inputOffset, .metric,
      .ranges, .equalize, .keepFloat, .calibrationSamples, .plan, .optimize, .threads, .on:
      nil
    }
  }

  /// Whether texts name files or folders, which are relative to the configuration file that names them.
  func isPath(_ text: String) -> Bool {
    switch self {
    case .model, .data, .val, .output, .plan: true
    case .target: text.contains("/") || text.hasSuffix(".yaml") || text.hasSuffix(".yml")
    case .shape, .maxRam, .maxFlash, .maxLatency, .maxColdLatency, .maxEnergy, .maxPower,
      .duty, .maxAccuracyDrop, .input, .label, .inputScale, .inputOffset, .metric, .effort, .ranges,
      .equalize, .keepFloat, .biasCorrection, .calibrationSamples, .seed, .emit, .optimize, .threads, .on, .force, .fresh, .exitZero:
      false
    }
  }

  /// Whether several texts make sense.
  var takesList: Bool { self == .shape || self == .emit || self == .keepFloat }

  /// The line of `edgepack init` that explains the key.
  var summary: String {
    switch self {
    case .model: "the trained model, an ONNX file"
    case .data: "data to calibrate with: arrays x and y of an npz file"
    case .val: "data to measure accuracy on; else a fifth of `data` is held out"
    case .target: "a profile's name (`edgepack targets`), a YAML file, or native"
    case .output: "the result folder"
    case .shape: "fixes an input's dimensions; a list for several inputs"
    case .maxRam: "limits take the place of the target's"
    case .maxFlash: "program and weights"
    case .maxLatency: "of a run with everything in memory"
    case .maxColdLatency: "of the first run, everything read from storage"
    case .maxEnergy: "of one run, above idle"
    case .maxPower: "on average: idle + energy x duty"
    case .duty: "how often the device computes an answer; else as the target says"
    case .maxAccuracyDrop: "against the float model; 2% for the growth of an error"
    case .input: "name of the array of inputs"
    case .label: "name of the array of labels"
    case .inputScale: "stored integers become floats: stored * scale + offset"
    case .inputOffset: "see input_scale"
    case .metric: "top1, rmse, auc or agreement; else chosen by the labels"
    case .effort: "quick, normal or thorough"
    case .ranges: "of activations: minmax, percentile, mse, entropy or auto; else as effort says"
    case .equalize: "move factors between layers first; else if that measures better"
    case .keepFloat: "layers whose weights stay float"
    case .biasCorrection: "for what rounding the weights takes from their means"
    case .calibrationSamples: "at most so many, or all; else as effort says"
    case .seed: "of every random choice"
    case .plan: "replay this plan instead of making one"
    case .emit: "what to make; also library, hls"
    case .optimize: "size or speed; else as the target says"
    case .threads: "the most that the program may use; else as the target says"
    case .on: "where the proof runs: native, user, machine or firmware"
    case .force: "write into a folder that edgepack did not make"
    case .fresh: "reuse nothing that an earlier run has saved"
    case .exitZero: "leave with 0 even if the answer is DOES NOT FIT"
    }
  }

  /// What `edgepack init` shows as the value.
  var example: String {
    switch self {
    case .model: "model.onnx"
    case .data: "train.npz"
    case .val: "val.npz"
    case .target: "arm64-512mb"
    case .shape: "\"input=1,3,96,96\""
    case .maxRam: "64 MiB"
    case .maxFlash: "32 MiB"
    case .maxLatency: "50 ms"
    case .maxColdLatency: "500 ms"
    case .maxEnergy: "40 mJ"
    case .maxPower: "0.8 W"
    case .duty: "1 Hz"
    case .maxAccuracyDrop: "1 pt"
    case .input: "x"
    case .label: "y"
    case .inputScale: "0.00392157"
    case .inputOffset: "0"
    case .metric: "top1"
    case .ranges: "mse"
    case .equalize: "true"
    case .keepFloat: "conv1"
    case .calibrationSamples: "1024"
    case .plan: "plan.json"
    case .optimize: "speed"
    case .threads: "2"
    case .on: "user"
    case .output, .effort, .biasCorrection, .seed, .emit, .force, .fresh, .exitZero: standardText ?? ""
    }
  }
}
