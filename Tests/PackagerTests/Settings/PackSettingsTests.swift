import Compression
import Diagnostics
import Foundation
import Targets
import TestSupport
import Testing

@testable import Packager

struct PackSettingsTests {
  private func file(_ yaml: String, at path: String = "edgepack.yaml") throws -> ConfigurationFile {
    try ConfigurationFile.parse(yaml, file: path, keys: PackSetting.allCases.map(\.key))
  }

  private static let complete = "model: m.onnx\ndata: d.npz\ntarget: native\n"

  @Test func aFlagCountsBeforeTheFileAndTheFileBeforeDefaults() throws {
    let file = try file(Self.complete + "max_ram: 1 MiB\nseed: 7\n")
    let request = try PackRequest(PackSettings(flags: [.seed: ["8"], .model: ["other.onnx"]], file: file))
    #expect(request.model == "other.onnx" && request.data == "d.npz" && request.recipe.seed == 8)
    #expect(request.budget.ram == "1 MiB" && request.output == "build" && request.emit == [.program] && request.recipe.correctsBiases)
  }

  @Test func pathsAreRelativeToTheFileThatNamesThem() throws {
    let file = try file("model: m.onnx\ndata: /data/d.npz\ntarget: ./board.yaml\noutput: out\n", at: "project/edgepack.yaml")
    let request = try PackRequest(PackSettings(flags: [.val: ["v.npz"]], file: file))
    #expect(request.model == "project/m.onnx" && request.data == "/data/d.npz" && request.validation == "v.npz")
    #expect(request.target == "project/./board.yaml" && request.output == "project/out")
    // A name is no path.
    let named = PackSettings(flags: [:], file: try self.file("target: native\n", at: "project/edgepack.yaml"))
    #expect(named.values[.target]?.text == "native")
  }

  @Test func variantsOverrideTheFileAndWriteIntoFoldersOfTheirOwn() throws {
    let file = try file(
      Self.complete + "max_ram: 1 MiB\noutput: out\nvariants:\n  a: { max_ram: 2 MiB }\n  b: { output: elsewhere }\n")
    let requests = try file.variants.map { try PackRequest(PackSettings(flags: [:], file: file, variant: $0)) }
    #expect(requests.map(\.output) == ["out/a", "elsewhere"] && requests.map(\.budget.ram) == ["2 MiB", "1 MiB"])
    let flagged = try PackRequest(PackSettings(flags: [.output: ["x"], .maxRam: ["3MiB"]], file: file, variant: file.variants[0]))
    #expect(flagged.output == "x/a" && flagged.budget.ram == "3MiB")
  }

  @Test func effortStandsForTheRecipeWhereNothingElseIsSaid() throws {
    let flags: [PackSetting: [String]] = [.model: ["m"], .data: ["d"], .target: ["native"]]
    for effort in Effort.allCases {
      let request = try PackRequest(PackSettings(flags: flags.merging([.effort: [effort.rawValue]]) { $1 }))
      #expect(request.recipe == effort.recipe)
    }
    let mixed = try PackRequest(
      PackSettings(flags: flags.merging([.effort: ["thorough"], .calibrationSamples: ["12"], .biasCorrection: ["false"]]) { $1 }))
    #expect(mixed.recipe.calibrationSamples == 12 && mixed.recipe.rangeRefinement == 4 && !mixed.recipe.correctsBiases)
    #expect(try PackRequest(PackSettings(flags: flags)).recipe == QuantizationRecipe())
  }

  @Test func allFaultsAreReportedAtOnceAndWhereTheyAreWritten() throws {
    let file = try file(
      Self.complete
        + "max_ram: 64\nranges: mes\nseed: -1\nemit: [program, song]\nforce: maybe\ncalibration_samples: 0\nshape: x=0\n")
    do throws(Failure) {
      _ = try PackRequest(PackSettings(flags: [.inputScale: ["much"], .optimize: ["sped"], .threads: ["0"]], file: file))
      Issue.record("nonsense was taken")
    } catch {
      let byFile = error.diagnostics.filter { $0.location != nil }
      #expect(Set(byFile.map { $0.location?.line ?? 0 }) == [4, 5, 6, 7, 8, 9, 10])
      #expect(byFile.filter { $0.code == .configurationField }.count == 6)
      #expect(byFile.contains { $0.code == .invalidQuantity && $0.hint == "write `--max-ram 64MiB`" })
      #expect(byFile.contains { $0.hint == "did you mean `mse`?" })
      let byFlag = error.diagnostics.filter { $0.location == nil }
      #expect(byFlag.map(\.code) == [.usage, .usage, .usage])
      #expect(byFlag.contains { $0.message == "--input-scale much is no number" })
      #expect(byFlag.contains { $0.hint == "did you mean `--optimize speed`?" })
      #expect(byFlag.contains { $0.message == "--threads 0 is no whole number from 1 on" })
    }
  }

  @Test func whatIsMissingIsNamedTogether() {
    do throws(Failure) {
      _ = try PackRequest(PackSettings(flags: [.data: ["d.npz"]]))
      Issue.record("a pack without a model was taken")
    } catch { #expect(error.diagnostics.map(\.message) == ["MODEL and --target are missing"]) }
  }

  @Test func theListingNamesWhoSaysWhat() throws {
    let file = try file(Self.complete + "effort: quick\nvariants:\n  v: { max_ram: 9 KiB }\n")
    let settings = PackSettings(flags: [.target: ["arm64-512mb"]], file: file, variant: file.variants[0])
    let rows = Dictionary(uniqueKeysWithValues: try settings.listing().rows.map { ($0.key, $0) })
    #expect(rows.count == PackSetting.allCases.count)
    #expect(rows["target"]?.origin == "flag" && rows["model"]?.origin == "edgepack.yaml:1" && rows["seed"]?.origin == "default")
    #expect(rows["max_ram"]?.origin == "edgepack.yaml:6 (v)" && rows["max_flash"]?.origin == "target arm64-512mb")
    #expect(rows["ranges"]?.value == "minmax" && rows["ranges"]?.origin == "effort quick" && rows["plan"]?.value == nil)
  }

  @Test func everySettingHasAFlagOfItsOwnThatHelpKnows() throws {
    #expect(PackSetting.maxAccuracyDrop.flag == "--max-accuracy-drop" && PackSetting.exitZero.key == "exit_zero")
    #expect(Set(PackSetting.allCases.map(\.flag)).count == PackSetting.allCases.count)
  }
}

struct ConfigurationTemplateTests {
  private let folder = TemporaryFolder()

  @Test func theTemplateIsAFileThatIsTakenWithAllKeys() throws {
    let template = ConfigurationTemplate(folder: folder.path)
    let keys = PackSetting.allCases.map(\.key)
    let file = try ConfigurationFile.parse(template.text, file: "edgepack.yaml", keys: keys)
    #expect(file.entries.map(\.key) == ["model", "data", "target"])
    // With every comment taken away it is still right.
    let lines = template.text.split(separator: "\n").dropFirst(2).map { $0.hasPrefix("# ") ? $0.dropFirst(2) : $0 }
    let whole = lines.filter { !$0.hasPrefix("Named") }.joined(separator: "\n")
    let all = try ConfigurationFile.parse(whole, file: "edgepack.yaml", keys: keys)
    #expect(all.entries.map(\.key) == keys && all.variants.map(\.name) == ["small", "board"])
    _ = try PackRequest(PackSettings(flags: [:], file: all, variant: all.variants[0]))
  }

  @Test func itNamesTheFilesThatLieThere() throws {
    for name in ["door bell.onnx", "test.npz", "train.npz"] { _ = folder.write([1], to: name) }
    let template = ConfigurationTemplate(folder: folder.path)
    #expect(template.model == "door bell.onnx" && template.data == "train.npz")
    let file = try ConfigurationFile.parse(template.text, file: "e", keys: PackSetting.allCases.map(\.key))
    #expect(file.entries.first?.texts == ["door bell.onnx"])
  }

  @Test func aFileThatIsThereIsNotOverwritten() throws {
    let path = folder.write(Array("mine".utf8), to: "edgepack.yaml")
    let template = ConfigurationTemplate(folder: folder.path)
    do throws(Failure) {
      try template.write(to: path, force: false)
      Issue.record("it was overwritten")
    } catch { #expect(error.diagnostics.map(\.code) == [.foreignFolder]) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
    try template.write(to: path, force: true)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == template.text)
  }
}
