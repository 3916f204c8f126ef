import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Synchronization
import Testing

@testable import Deployment

/// Data sets through `TinyProgram`: its two answers are the sums of the first and the last two inputs.
@Suite struct EvaluationProcessTests {
  static let places: [TinyBuild.Architecture] = [
    (TinyBuild.Architecture.x86_64, TinyBuild.canBuild && TinyBuild.Architecture.x86_64.isHost),
    (.arm64, TinyBuild.canBuild && TinyBuild.isInstalled("qemu-aarch64-static")),
  ].filter(\.1).map(\.0)

  private func build(_ architecture: TinyBuild.Architecture) async throws -> BuildFolder {
    try await (architecture == .arm64 ? TinyBuild.arm64 : TinyBuild.host).value
  }

  /// Samples 1 … `count`, each stored as k, k, 99 − k, 2 with k modulo 100 (never zero last), labelled by which sum is larger, except
  /// every tenth, which is labelled wrongly.
  private func data(_ count: Int = 200, scale: Double = 0.5, offset: Double = -1) throws -> DataSet {
    var stored: [Int] = []
    var labels: [Int] = []
    for k in 1...count {
      stored += [k % 100, k % 100, 99 - k % 100, 2]
      let isFirst = 2 * (k % 100) >= 99 - k % 100 + 2
      labels.append(isFirst != (k % 10 == 0) ? 0 : 1)
    }
    return try DataSet(
      path: "test.npz", arrayName: "x", inputs: StoredArray(elementType: .uint8, shape: [count, 4], integers: stored),
      labels: StoredArray(elementType: .int64, shape: [count], integers: labels), scale: scale, offset: offset)
  }

  @Test(.enabled(if: !places.isEmpty, "not run: clang, ld.lld or QEMU is missing"), arguments: places)
  func everySampleIsAnsweredOnce(architecture: TinyBuild.Architecture) async throws {
    let value = try await Evaluation(folder: build(architecture), data: data(), metric: .top1, jobs: 3).run()
    #expect(value.value == 0.9)
    #expect(value.samples == 200)
  }

  @Test(.enabled(if: places.contains(.x86_64), "not run: clang or ld.lld is missing"))
  func jobsDoNotChangeTheValueAndProgressReachesTheEnd() async throws {
    let folder = try await build(.x86_64)
    let labelled = try data(37)
    let seen = Mutex<[Int]>([])
    var values: [MetricValue] = []
    for jobs in [1, 2, 7] {
      let evaluation = Evaluation(folder: folder, data: labelled, metric: .top1, jobs: jobs)
      values.append(
        try await evaluation.run { event in
          if case .advanced("evaluate", let done, 37, _) = event { seen.withLock { $0.append(done) } }
        })
    }
    #expect(Set(values).count == 1)
    #expect(seen.withLock { $0.filter { $0 == 37 }.count } == 3)
  }

  /// Another scale than the program's: the samples are handed over as floats.
  @Test(.enabled(if: places.contains(.x86_64), "not run: clang or ld.lld is missing"))
  func dataInAnotherFormAreHandedOverAsFloats() async throws {
    let folder = try await build(.x86_64)
    let inputs = StoredArray(shape: [2, 4], floats: [1, 2, 3, 4, 10, 20, 30, 40])
    let labels = StoredArray(shape: [2, 2], floats: [3, 7, 30, 74])
    let floats = try DataSet(path: "test.npz", arrayName: "x", inputs: inputs, labels: labels)
    let value = try await Evaluation(folder: folder, data: floats, metric: .rmse).run()
    #expect(abs(value.value - (16.0 / 2 / 2).squareRoot()) < 1e-12)
  }

  @Test(.enabled(if: places.contains(.x86_64), "not run: clang or ld.lld is missing"))
  func programThatFailsOnASampleIsNamedWithItsMessage() async throws {
    let folder = try await build(.x86_64)
    let inputs = StoredArray(elementType: .uint8, shape: [1, 4], integers: [1, 1, 1, 0])
    let labels = StoredArray(elementType: .int64, shape: [1], integers: [0])
    let bad = try DataSet(path: "test.npz", arrayName: "x", inputs: inputs, labels: labels, scale: 0.5, offset: -1)
    let failure = await #expect(throws: Failure.self) { try await Evaluation(folder: folder, data: bad, metric: .top1).run() }
    #expect(failure?.diagnostics.first?.code == .programFailed)
    #expect(failure?.diagnostics.first?.details == ["tiny: error: a zero"])
  }

  @Test(.enabled(if: places.contains(.x86_64), "not run: clang or ld.lld is missing"))
  func programWithOtherOutputsThanItsManifestHasFailed() async throws {
    var folder = try await build(.x86_64)
    folder.manifest.output.shape = [1, 3]
    let labelled = try data(20)
    let failure = await #expect(throws: Failure.self) { try await Evaluation(folder: folder, data: labelled, metric: .top1).run() }
    #expect(failure?.diagnostics.first?.code == .programFailed)
  }

  @Test func dataOfAnotherShapeAreRefusedBeforeAnythingRuns() async throws {
    let folder = BuildFolder(url: URL(fileURLWithPath: "/nowhere"), manifest: TinyBuild.manifest(.x86_64))
    let inputs = StoredArray(elementType: .uint8, shape: [1, 5], integers: [1, 1, 1, 1, 1])
    let wide = try DataSet(path: "test.npz", arrayName: "x", inputs: inputs, labels: nil)
    let failure = await #expect(throws: Failure.self) { try await Evaluation(folder: folder, data: wide, metric: .top1).run() }
    #expect(failure?.diagnostics.first?.code == .shapeMismatch)
  }
}
