import Diagnostics
import Foundation
import Testing

@testable import Deployment

/// One tiny program at every place that can run it: words, output and end arrive alike.
@Suite(.serialized) struct RunnerProcessTests {
  private func runner(_ place: ProofPlace, _ environment: RunEnvironment = RunEnvironment()) async throws -> any Runner {
    let folder = try await (place == .native ? TinyBuild.host : TinyBuild.arm64).value
    return try folder.runner(at: place, environment: environment)
  }

  static let places: [ProofPlace] = [
    (ProofPlace.native, TinyBuild.canBuild && TinyBuild.Architecture.x86_64.isHost),
    (.user, TinyBuild.canBuild && TinyBuild.isInstalled("qemu-aarch64-static")),
    (.machine, TinyBuild.canBoot),
  ].filter(\.1).map(\.0)

  @Test(.enabled(if: !places.isEmpty, "not run: clang, ld.lld and QEMU are missing"), arguments: places)
  func wordsAndOutputArriveUnchanged(place: ProofPlace) async throws {
    let result = try await runner(place).run(arguments: ["echo", "--stats", "json", "-1", "a=b"])
    let weights = place == .machine ? "[EPKTINY!]\n" : ""
    #expect(result.standardOutput == weights + "[--stats][json][-1][a=b]\n")
    #expect(result.exitCode == 0)
  }

  @Test(.enabled(if: !places.isEmpty, "not run: clang, ld.lld and QEMU are missing"), arguments: places)
  func exitCodeArrives(place: ProofPlace) async throws {
    #expect(try await runner(place).run(arguments: ["exit"]).exitCode == 7)
  }

  @Test(.enabled(if: !places.isEmpty, "not run: clang, ld.lld and QEMU are missing"), arguments: places)
  func crashIsTheSignalsNumberAbove128(place: ProofPlace) async throws {
    let signal = place == .native ? 4 : 5  // clang's trap: ud2 gives SIGILL, brk gives SIGTRAP
    #expect(try await runner(place).run(arguments: ["crash"]).exitCode == 128 + signal)
  }

  @Test(.enabled(if: !places.isEmpty, "not run: clang, ld.lld and QEMU are missing"), arguments: places)
  func noOutputIsLost(place: ProofPlace) async throws {
    let result = try await runner(place).run(arguments: ["flood"])
    let lines = result.standardOutput.split(separator: "\n").filter { $0.hasPrefix("line") }
    #expect(lines.count == 2000)
    #expect(lines.last == "line 1999 of a long answer, with words enough to fill a buffer")
    let partial = try await runner(place).run(arguments: ["partial"])
    #expect(partial.standardOutput.hasSuffix("no line end"))
  }

  @Test(.enabled(if: !places.isEmpty, "not run: clang, ld.lld and QEMU are missing"), arguments: places)
  func endlessProgramIsKilledWhenItsTimeIsOver(place: ProofPlace) async throws {
    let hurried = try await runner(place, RunEnvironment(timeLimit: .seconds(2)))
    let failure = await #expect(throws: Failure.self) { try await hurried.run(arguments: ["sleep"]) }
    #expect(failure?.diagnostics.first?.code == .toolFailed)
    #expect(failure?.diagnostics.first?.message.contains("did not end within 2 s") == true)
  }

  @Test(.enabled(if: places.contains(.native), "not run: clang or ld.lld is missing"))
  func cancelledTaskLeavesNoChild() async throws {
    let native = try await runner(.native)
    let task = Task { try await native.run(arguments: ["sleep", "cancelled-task"]) }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    let failure = await #expect(throws: Failure.self) { try await task.value }
    #expect(failure?.diagnostics.first?.message.contains("interrupted") == true)
    let commandLines = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap {
      FileManager.default.contents(atPath: "/proc/\($0)/cmdline").map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(!commandLines.contains { $0.contains("cancelled-task") && $0.contains("tiny") })
  }

  @Test(.enabled(if: places.contains(.machine), "not run: QEMU or the kernel is missing"))
  func machineThatCannotStartTheProgramSaysSo() async throws {
    var folder = try await TinyBuild.arm64.value
    folder.manifest.program = "tiny.c"
    let result = try await folder.runner(at: .machine).run(arguments: ["echo"])
    #expect(result.exitCode == 127)
  }

  @Test(.enabled(if: places.contains(.machine), "not run: QEMU or the kernel is missing"))
  func machineWhoseFirstProcessDiesIsAFailedTool() async throws {
    var folder = try await TinyBuild.arm64.value
    folder.manifest.machineInit = "tiny"  // finds no disk, as nobody has mounted /dev, and exits with 2
    let machine = try folder.runner(at: .machine)
    let failure = await #expect(throws: Failure.self) { try await machine.run(arguments: ["exit"]) }
    #expect(failure?.diagnostics.first?.code == .toolFailed)
    #expect(failure?.diagnostics.first?.details.contains { $0.contains("exitcode=0x00000200") } == true)
  }
}
