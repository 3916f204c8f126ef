import Diagnostics
import Foundation
import Report
import Synchronization
import Testing

@testable import Packager

struct ForecastTests {
  @Test func aForecastWritesNothingAndKnowsSizes() async throws {
    let files = PackFiles()
    let request = files.request("arm64-512mb", output: "build")
    let screen = try await forecast(request) { _ in }
    #expect(screen.isPossible && !FileManager.default.fileExists(atPath: request.output))
    let ram = try #require(screen.budget.first { $0.axis == .ram })
    let flash = try #require(screen.budget.first { $0.axis == .flash })
    #expect(ram.limit == 67_108_864.0)
    let bound = try #require(ram.atLeast), predicted = try #require(ram.predicted), weights = try #require(flash.predicted)
    // The largest activation of the spotter is 25 × 5 × 16 bytes, twice at its depthwise layers, and the weights count as RAM on Linux.
    #expect(bound >= 2000 && predicted >= bound + weights)
  }

  @Test func aLimitThatNothingCanMeetIsKnownBeforeAnythingIsComputed() async throws {
    let files = PackFiles()
    var request = files.request("native", output: "build")
    request.budget.ram = "1KiB"
    let screen = try await forecast(request) { _ in }
    #expect(!screen.isPossible && screen.budget.first?.isImpossible == true)
  }

  @Test func onlyTheFirstStagesRun() async throws {
    let files = PackFiles()
    let stages = Mutex<[String]>([])
    _ = try await forecast(files.request("native", output: "build")) { event in
      if case .stageStarted(let name) = event { stages.withLock { $0.append(name) } }
    }
    #expect(stages.withLock { $0 } == ["import", "simplify"])
  }

  @Test func faultsAreThoseOfAPack() async throws {
    do throws(Failure) {
      _ = try await forecast(PackRequest(model: "none.onnx", data: "none.npz", target: "arm64-512", output: "build")) { _ in }
      Issue.record("nothing was forecast")
    } catch { #expect(error.diagnostics.map(\.code) == [.unknownTarget, .fileNotFound, .fileNotFound]) }
  }
}
