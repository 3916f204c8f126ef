import Compression
import Diagnostics
import Targets

extension PackRequest {
  /// Makes sense of the texts of all settings.
  /// - Throws: everything that is wrong with them at once: `usage` for flags, `configuration-field` with its place for values of the file,
  ///   `invalid-quantity` for limits.
  public init(_ settings: PackSettings) throws(Failure) {
    var reader = SettingReader(settings: settings)
    let missing = [PackSetting.model, .data, .target].filter { settings.values[$0] == nil }
    if !missing.isEmpty {
      reader.faults.add(
        Diagnostic(
          .usage, "\(missing.map(\.flag).joined(separator: " and ")) \(missing.count == 1 ? "is" : "are") missing",
          details: ["usage: edgepack MODEL.onnx --data FILE --target NAME [options]"],
          hint: "edgepack MODEL.onnx --data train.npz --target arm64-512mb\nor give them in \(ConfigurationFile.standardName)"))
    }
    self.init(
      model: reader.text(.model) ?? "", data: reader.text(.data) ?? "", target: reader.text(.target) ?? "",
      output: reader.text(.output) ?? "")
    validation = reader.text(.val)
    inputArray = reader.text(.input)
    labelArray = reader.text(.label)
    inputScale = reader.number(.inputScale)
    inputOffset = reader.number(.inputOffset)
    shapes = reader.shapes()
    budget = BudgetOverrides(
      ram: reader.text(.maxRam), flash: reader.text(.maxFlash), latency: reader.text(.maxLatency),
      coldLatency: reader.text(.maxColdLatency), energy: reader.text(.maxEnergy), power: reader.text(.maxPower),
      accuracyDrop: reader.text(.maxAccuracyDrop))
    duty = reader.text(.duty)
    metric = reader.text(.metric)
    emit = reader.kinds()
    plan = reader.text(.plan)
    recipe = reader.recipe()
    (ranges, equalizes) = reader.searches()
    optimize = reader.choice(.optimize, TargetProfile.Optimization.self)
    threads = reader.count(.threads)
    proof = reader.text(.on)
    force = reader.isOn(.force)
    fresh = reader.isOn(.fresh)
    _ = reader.isOn(.exitZero)
    reader.checkLimits()
    try reader.faults.throwIfAny()
  }
}

extension PackSettings {
  /// Whether a switch is on.
  public func isOn(_ setting: PackSetting) -> Bool { values[setting].flatMap { SettingReader.truth($0.text) } ?? false }
}

/// Turns texts into values and keeps what is wrong with them.
private struct SettingReader {
  let settings: PackSettings
  var faults = FaultCollector()

  mutating func text(_ setting: PackSetting) -> String? {
    guard let value = settings.values[setting] else { return nil }
    guard value.texts.count == 1 || setting.takesList else {
      fault(setting, value, "takes one value, not \(value.texts.count)")
      return nil
    }
    return value.text
  }

  mutating func number(_ setting: PackSetting) -> Double? {
    guard let value = settings.values[setting] else { return nil }
    if let number = Double(value.text), number.isFinite { return number }
    fault(setting, value, "is no number")
    return nil
  }

  /// A whole number from 1 on.
  mutating func count(_ setting: PackSetting) -> Int? {
    guard let value = settings.values[setting] else { return nil }
    if let count = Int(value.text), count > 0 { return count }
    fault(setting, value, "is no whole number from 1 on")
    return nil
  }

  mutating func choice<Choice: RawRepresentable & CaseIterable>(_ setting: PackSetting, _ type: Choice.Type) -> Choice?
  where Choice.RawValue == String {
    guard let value = settings.values[setting] else { return nil }
    if let choice = Choice(rawValue: value.text) { return choice }
    let known = type.allCases.map(\.rawValue)
    fault(setting, value, "is none of \(alternatives(known))", hint: nearestMatch(to: value.text, among: known))
    return nil
  }

  mutating func isOn(_ setting: PackSetting) -> Bool {
    guard let value = settings.values[setting] else { return false }
    if let truth = Self.truth(value.text) { return truth }
    fault(setting, value, "is neither true nor false")
    return false
  }

  static func truth(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }

  /// `name=1,3,96,96`, any number of them.
  mutating func shapes() -> [String: [Int]] {
    guard let value = settings.values[.shape] else { return [:] }
    var shapes: [String: [Int]] = [:]
    for text in value.texts {
      do throws(Failure) { shapes.merge(try parsedShapes([text])) { $1 } } catch { add(error, of: value) }
    }
    return shapes
  }

  mutating func kinds() -> Set<EmittedKind> {
    guard let value = settings.values[.emit] else { return [] }
    var kinds: Set<EmittedKind> = []
    for word in value.texts.flatMap({ $0.split(separator: ",") }).map({ String($0).trimmingSpaces() }) {
      if let kind = EmittedKind(rawValue: word) {
        kinds.insert(kind)
      } else {
        let known = EmittedKind.allCases.map(\.rawValue)
        fault(
          .emit, SettingValue(texts: [word], origin: value.origin), "is no kind of output; known are \(known.joined(separator: ", "))",
          hint: nearestMatch(to: word, among: known))
      }
    }
    return kinds
  }

  mutating func recipe() -> QuantizationRecipe {
    var recipe = choice(.effort, Effort.self)?.recipe ?? QuantizationRecipe()
    recipe.floatLayers = (settings.values[.keepFloat]?.texts ?? []).flatMap { $0.split(separator: ",") }.map(String.init)
    recipe.correctsBiases = isOn(.biasCorrection)
    if let value = settings.values[.calibrationSamples] {
      if value.text == PackSettings.allSamples {
        recipe.calibrationSamples = .max
      } else if let count = Int(value.text), count > 0 {
        recipe.calibrationSamples = count
      } else {
        fault(.calibrationSamples, value, "leaves nothing to calibrate with; give a number above 0, or \(PackSettings.allSamples)")
      }
    }
    if let value = settings.values[.seed] {
      if let seed = UInt64(value.text) { recipe.seed = seed } else { fault(.seed, value, "is no whole number from 0 on") }
    }
    return recipe
  }

  /// What is fixed of the choices that are else made by measurement.
  mutating func searches() -> (ranges: RangeMethod?, equalizes: Bool?) {
    let isAutomatic = settings.values[.ranges]?.text == PackSettings.automatic
    let effort = settings.values[.effort].flatMap { Effort(rawValue: $0.text) }
    return (
      isAutomatic ? nil : choice(.ranges, RangeMethod.self),
      settings.values[.equalize] == nil ? effort?.equalizes : isOn(.equalize)
    )
  }

  /// Limits stay texts, since the profile they change is read later; what is wrong with them shows here.
  mutating func checkLimits() {
    for (setting, overrides) in [
      (PackSetting.maxRam, BudgetOverrides(ram: text(.maxRam))), (.maxFlash, BudgetOverrides(flash: text(.maxFlash))),
      (.maxLatency, BudgetOverrides(latency: text(.maxLatency))),
      (.maxColdLatency, BudgetOverrides(coldLatency: text(.maxColdLatency))), (.maxEnergy, BudgetOverrides(energy: text(.maxEnergy))),
      (.maxPower, BudgetOverrides(power: text(.maxPower))),
      (.maxAccuracyDrop, BudgetOverrides(accuracyDrop: text(.maxAccuracyDrop))),
    ] {
      guard let value = settings.values[setting] else { continue }
      do throws(Failure) { _ = try Budget().overridden(by: overrides) } catch { add(error, of: value) }
    }
  }

  private mutating func add(_ failure: Failure, of value: SettingValue) {
    for var diagnostic in failure.diagnostics {
      if case .file(let location, _) = value.origin {
        diagnostic.location = location
        if diagnostic.code == .usage { diagnostic.code = .configurationField }
      }
      faults.add(diagnostic)
    }
  }

  private mutating func fault(_ setting: PackSetting, _ value: SettingValue, _ message: String, hint: String? = nil) {
    switch value.origin {
    case .file(let location, _):
      faults.add(
        Diagnostic(
          .configurationField, "`\(setting.key): \(value.text)` \(message)", at: location, hint: hint.map { "did you mean `\($0)`?" }))
    case .flag, .target, .effort, .standard:
      faults.add(
        Diagnostic(.usage, "\(setting.flag) \(value.text) \(message)", hint: hint.map { "did you mean `\(setting.flag) \($0)`?" }))
    }
  }
}

/// `--shape name=1,3,96,96`, any number of them.
/// - Throws: `usage`.
public func parsedShapes(_ texts: [String]) throws(Failure) -> [String: [Int]] {
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
