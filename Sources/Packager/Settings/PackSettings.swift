import Compression
import Diagnostics
import Foundation
import Report
import Targets

/// Who said what a setting is.
public enum SettingOrigin: Hashable, Sendable {
  case flag
  /// `edgepack.yaml:3`, with the variant that overrides it.
  case file(Location, variant: String?)
  case target(String)
  case effort(Effort)
  case standard

  /// As `--show-config` names it.
  var title: String {
    switch self {
    case .flag: "flag"
    case .file(let location, let variant):
      location.file + (location.line.map { ":\($0)" } ?? "") + (variant.map { " (\($0))" } ?? "")
    case .target(let name): "target \(name)"
    case .effort(let effort): "effort \(effort.rawValue)"
    case .standard: "default"
    }
  }
}

/// What a setting is, as it was written, and who wrote it.
public struct SettingValue: Hashable, Sendable {
  public var texts: [String]
  public var origin: SettingOrigin

  public var text: String { texts.joined(separator: ",") }
}

/// The settings of one pack: a flag counts before the file, its variant before the rest of it, the file before defaults.
public struct PackSettings: Sendable {
  public private(set) var values: [PackSetting: SettingValue] = [:]
  /// The variant that this is; nil where the file has none.
  public let variant: String?

  /// - Parameters:
  ///   - flags: those that were given, as they were written.
  ///   - variant: one of the file's.
  public init(flags: [PackSetting: [String]], file: ConfigurationFile? = nil, variant: ConfigurationFile.Variant? = nil) {
    self.variant = variant?.name
    for setting in PackSetting.allCases {
      if let text = setting.standardText { values[setting] = SettingValue(texts: [text], origin: .standard) }
    }
    if let file {
      let folder = (file.path as NSString).deletingLastPathComponent
      add(file.entries, in: folder, variant: nil)
      if let variant { add(variant.entries, in: folder, variant: variant.name) }
    }
    for (setting, texts) in flags { values[setting] = SettingValue(texts: texts, origin: .flag) }
    addRecipe()
    placeOutput(variant)
  }

  private mutating func add(_ entries: [ConfigurationFile.Entry], in folder: String, variant: String?) {
    for entry in entries {
      guard let setting = PackSetting(rawValue: entry.key) else { continue }
      let texts = entry.texts.map { setting.isPath($0) ? Self.path($0, relativeTo: folder) : $0 }
      values[setting] = SettingValue(texts: texts, origin: .file(entry.location, variant: variant))
    }
  }

  private static func path(_ text: String, relativeTo folder: String) -> String {
    folder.isEmpty || text.hasPrefix("/") ? text : "\(folder)/\(text)"
  }

  /// What `effort` stands for, where nothing else was said.
  private mutating func addRecipe() {
    guard let effort = values[.effort].flatMap({ Effort(rawValue: $0.text) }) else { return }
    let recipe = effort.recipe
    let samples = recipe.calibrationSamples == .max ? Self.allSamples : String(recipe.calibrationSamples)
    let ranges = effort.ranges?.rawValue ?? Self.automatic
    for (setting, text) in [(PackSetting.ranges, ranges), (.calibrationSamples, samples)] where values[setting] == nil {
      values[setting] = SettingValue(texts: [text], origin: .effort(effort))
    }
  }

  /// Variants must not write over each other.
  private mutating func placeOutput(_ variant: ConfigurationFile.Variant?) {
    guard let variant, let output = values[.output] else { return }
    if case .file(_, .some) = output.origin { return }
    values[.output]?.texts = ["\(output.text)/\(variant.name)"]
  }

  /// The word for as many samples as there are.
  static let allSamples = "all"

  /// The word for the method of ranges that measures best.
  public static let automatic = "auto"

  /// All settings in order, with what the target's profile adds.
  /// - Throws: what reading the profile throws.
  public func listing() throws(Failure) -> SettingsScreen {
    var values = values
    if let target = values[.target] {
      let profile = try TargetLibrary.standard().profile(target.text).profile
      let limits: [(PackSetting, String?)] = [
        (.maxRam, profile.budget.ram.map { Formatting.bytes($0) }), (.maxFlash, profile.budget.flash.map { Formatting.bytes($0) }),
        (.maxAccuracyDrop, profile.budget.accuracyDrop.map { "\(Formatting.threeDigits($0 * 100)) pt" }),
        (.optimize, profile.optimize.rawValue), (.threads, String(profile.cpu.threads)),
      ]
      for (setting, text) in limits where values[setting] == nil {
        values[setting] = text.map { SettingValue(texts: [$0], origin: .target(profile.name)) }
      }
    }
    return SettingsScreen(
      variant: variant,
      rows: PackSetting.allCases.map { setting in
        SettingsScreen.Row(key: setting.key, value: values[setting]?.text, origin: values[setting]?.origin.title)
      })
  }
}
