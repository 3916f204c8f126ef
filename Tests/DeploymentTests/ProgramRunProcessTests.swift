import Diagnostics
import Foundation
import ModelFormats
import Testing

@testable import Deployment

@Suite(.enabled(if: EvaluationProcessTests.places.contains(.x86_64), "not run: clang or ld.lld is missing"))
struct ProgramRunProcessTests {
  @Test func answersGoToTheFileThatTheUserNames() async throws {
    let workspace = try TemporaryFolder(purpose: "test")
    defer { workspace.remove() }
    let input = try workspace.write([4, 6, 8, 10], to: "input.raw")
    let output = workspace.url.appendingPathComponent("answers.npy")
    let text = try await ProgramRun(folder: TinyBuild.host.value, input: input, output: output).run()
    #expect(text == "")
    #expect(try NpyFile.read(path: output.path) == StoredArray(shape: [1, 2], floats: [3, 7]))
  }

  @Test func messageOfTheProgramReachesTheUser() async throws {
    let workspace = try TemporaryFolder(purpose: "test")
    defer { workspace.remove() }
    let input = try workspace.write([1, 1, 1, 0], to: "input.raw")
    let run = try await ProgramRun(folder: TinyBuild.host.value, input: input, output: workspace.url.appendingPathComponent("o.npy"))
    let failure = await #expect(throws: Failure.self) { try await run.run() }
    #expect(failure?.diagnostics.first?.code == .programFailed)
    #expect(failure?.diagnostics.first?.details == ["tiny: error: a zero"])
  }

  @Test func requestsThatCannotWorkAreRefused() async throws {
    let folder = try await TinyBuild.host.value
    let nowhere = URL(fileURLWithPath: "/nowhere/input.npy")
    let missing = await #expect(throws: Failure.self) { try await ProgramRun(folder: folder, input: nowhere).run() }
    #expect(missing?.diagnostics.first?.code == .fileNotFound)
    let raw = await #expect(throws: Failure.self) {
      try await ProgramRun(folder: folder, input: folder.programFile, writesRawOutput: true).run()
    }
    #expect(raw?.diagnostics.first?.code == .usage)
    let booted = await #expect(throws: Failure.self) { try await ProgramRun(folder: folder, input: folder.programFile).run(at: .machine) }
    #expect(booted?.diagnostics.first?.code == .usage)
  }
}
