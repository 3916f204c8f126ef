import Diagnostics
import Foundation
import ModelFormats
import Testing

@testable import Deployment

/// A shell script in place of the program says what a self-test prints, so that each verdict can be shown.
@Suite(.enabled(if: TinyBuild.Architecture.x86_64.isHost, "not run: the build is one for x86_64"))
struct SmokeTestProcessTests {
  private func smoke(
    output: String = "02fe", golden: [Int8] = [2, -2], exitCode: Int = 0,
    statistics: String = SelfTestOutputTests.statistics, change: (URL) throws -> Void = { _ in }
  ) async throws -> SmokeResult {
    let workspace = try TemporaryFolder(purpose: "test")
    defer { workspace.remove() }
    let script = """
      #!/bin/sh
      [ "$1" = "--bench" ] && { echo '{"runs":'$2',"first_ns":9,"median_ns":2000000,"minimum_ns":1,"p95_ns":3000000}'; exit 0; }
      [ "$*" = "--self-test --stats json --show-outputs" ] || { echo "tiny: error: usage" >&2; exit 2; }
      echo 'output 0 \(output)'
      echo '\(statistics)'
      exit \(exitCode)
      """
    let program = try workspace.write(Array(script.utf8), to: "tiny")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    try FileManager.default.createDirectory(at: workspace.url.appendingPathComponent("golden"), withIntermediateDirectories: true)
    let folder = BuildFolder(url: workspace.url, manifest: TinyBuild.manifest(.x86_64))
    try NpyFile.write(
      StoredArray(elementType: .int8, shape: [1, golden.count], integers: golden), to: folder.goldenOutput(0).path)
    try change(workspace.url)
    return try await folder.smokeTest(at: .native)
  }

  private func failure(_ body: () async throws -> SmokeResult) async throws -> Diagnostic {
    let failure = await #expect(throws: Failure.self) { try await body() }
    return try #require(failure?.diagnostics.first)
  }

  @Test func equalOutputsPass() async throws {
    let result = try await smoke()
    #expect(result.byteEqual && result.isPassed)
    #expect(result.cases == 68 && result.casesEqual == 68 && result.maxDifference == 0)
    #expect(result.arenaHighWater == 64 && result.arenaBytes == 64 && result.residentPeak == 147_456)
    #expect(result.latency == Latency(median: 2, p95: 3, runs: 250))
    #expect(result.memory == nil, "nothing limits a process of this computer")
    try result.requirePassed()
  }

  /// A program that calls a wrong answer right is caught by the golden file.
  @Test func programsOwnVerdictIsNotBelieved() async throws {
    let result = try await smoke(output: "02ff")
    #expect(!result.byteEqual)
    #expect(result.casesEqual == 67 && result.maxDifference == 1)
    let failure = #expect(throws: Failure.self) { try result.requirePassed() }
    #expect(failure?.diagnostics.first?.code == .outputDiffers)
    #expect(failure?.diagnostics.first?.details == ["1 of 68 outputs differ, by up to 1"])
  }

  @Test func programsOwnDoubtCounts() async throws {
    let doubt = SelfTestOutputTests.statistics.replacing("\"cases_equal\":68", with: "\"cases_equal\":60")
    let result = try await smoke(exitCode: 1, statistics: doubt)
    #expect(!result.byteEqual && result.casesEqual == 60)
    #expect(result.faults == ["8 of 68 outputs differ, by up to 0", "the program exited with 1"])
  }

  @Test func arenaThatDiffersFromThePlanAndABrokenCanaryAreFaults() async throws {
    let wasteful = SelfTestOutputTests.statistics.replacing("\"arena_high_water\":64", with: "\"arena_high_water\":63")
      .replacing("\"canary\":true", with: "\"canary\":false")
    let result = try await smoke(statistics: wasteful)
    #expect(result.byteEqual && !result.isPassed)
    #expect(result.faults == ["the arena was used up to byte 63, planned are 64", "the program wrote behind its arena"])
  }

  @Test func programWithoutAVerdictHasFailed() async throws {
    let crashed = try await failure { try await smoke(exitCode: 3) }
    #expect(crashed.code == .programFailed && crashed.message.contains("ended with 3"))
    let silent = try await failure { try await smoke(statistics: "") }
    #expect(silent.code == .programFailed)
    let short = try await failure { try await smoke(output: "02") }
    #expect(short.code == .programFailed)
  }

  @Test func goldenFilesAreChecked() async throws {
    let missing = try await failure { try await smoke { try FileManager.default.removeItem(at: $0.appendingPathComponent("golden")) } }
    #expect(missing.code == .notABuild)
    let long = try await failure { try await smoke(golden: [2, -2, 0]) }
    #expect(long.code == .notABuild)
    let torn = try await failure { try await smoke { try Data([1]).write(to: $0.appendingPathComponent("golden/output0.npy")) } }
    #expect(torn.code == .corruptData)
  }
}
