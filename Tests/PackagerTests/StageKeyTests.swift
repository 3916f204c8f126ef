import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Packager

/// A key changes with what its stage depends on, and with nothing else.
struct StageKeyTests {
  private let files = PackFiles(channels: 4)

  private struct Keys: Equatable {
    var baseline: StageKey
    var compress: StageKey
    var compile: StageKey
  }

  private func keys(_ request: PackRequest, code: String = "code") throws -> Keys {
    let report = StageRunner.Report(stage: .importModel) { _ in }
    let simplified = try simplify(try importModel(request, report).0, request, report).0
    let baseline = StageKey.baseline(simplified, request, code: code)
    let compress = try StageKey.compress(baseline, simplified, request, code: code)
    return Keys(baseline: baseline, compress: compress, compile: try StageKey.compile(compress, simplified, request, code: code))
  }

  private func keys(_ change: (inout PackRequest) -> Void) throws -> Keys {
    var request = files.request("native", output: "build")
    change(&request)
    return try keys(request)
  }

  @Test func namesOfFilesAndFoldersDoNotMatter() throws {
    let copy = files.folder.file("copy.npz")
    try FileManager.default.copyItem(atPath: files.data, toPath: copy)
    let other = try keys {
      $0.data = copy
      $0.output = files.folder.file("elsewhere")
      $0.force = true
      $0.fresh = true
    }
    #expect(try keys { _ in } == other)
  }

  @Test func aBudgetChangesTheBuildAlone() throws {
    let (plain, limited) = (try keys { _ in }, try keys { $0.budget.flash = "1MiB" })
    #expect(limited.compress == plain.compress && limited.compile != plain.compile)
    let emitting = try keys { $0.emit = [.hls, .program] }
    #expect(emitting.compress == plain.compress && emitting.compile != plain.compile)
    #expect(try keys { $0.emit = [.program, .hls] } == emitting)
    #expect(try keys { $0.optimize = .size }.compile != keys { $0.optimize = .speed }.compile)
    #expect(try keys { $0.proof = "user" }.compile != plain.compile)
  }

  @Test func theNumberOfThreadsChangesTheBuildAlone() throws {
    var request = files.request("arm64-512mb", output: "build")
    request.threads = 1
    let one = try keys(request)
    request.threads = 4
    let four = try keys(request)
    #expect(four.compress == one.compress && four.compile != one.compile)
  }

  @Test func aRecipeChangesThePlanButNotTheBaseline() throws {
    let plain = try keys { _ in }
    let changes: [(inout PackRequest) -> Void] = [
      { $0.ranges = .minmax }, { $0.equalizes = true }, { $0.recipe.floatLayers = ["conv1"] },
      { $0.recipe.correctsBiases.toggle() }, { $0.recipe.calibrationSamples = 7 },
    ]
    for change in changes {
      let other = try keys(change)
      #expect(other.baseline == plain.baseline && other.compress != plain.compress && other.compile != plain.compile)
    }
    // A seed decides which samples are held out, too.
    #expect(try keys { $0.recipe.seed = 1 }.baseline != plain.baseline)
  }

  @Test func dataModelMetricAndCodeChangeEverything() throws {
    let plain = try keys { _ in }
    let data = files.folder.file("other.npz")
    writeSamples([40, 1, 49, 10], to: data, seed: 5)
    let model = ONNXModelBuilder.keywordSpotter(channels: 8).write(to: files.folder, as: "other.onnx")
    let others = [
      try keys { $0.data = data }, try keys { $0.inputScale = 2 }, try keys { $0.metric = "agreement" }, try keys { $0.model = model },
      try keys(files.request("native", output: "build"), code: "other code"),
    ]
    for other in others {
      #expect(other.baseline != plain.baseline && other.compress != plain.compress && other.compile != plain.compile)
    }
  }
}
