import Diagnostics
import Foundation
import ModelFormats
import TestSupport
import Testing

@testable import Packager

/// Runs that are stopped, meet each other, or find no room: one clear end each, and earlier results as they were.
struct BadDayProcessTests {
  @Test func anInterruptedRunFinishesItsStepAndTheSameCommandContinues() throws {
    for signal in [SIGINT, SIGTERM] {
      let files = PackFiles(channels: 4)
      let build = files.folder.file("build")
      let run = try RunningPack(files, output: build)
      run.wait(forStart: "compile")
      while run.isRunning, RunningPack.processes(in: build).isEmpty { usleep(1000) }
      let children = RunningPack.processes(in: build)
      // A terminal's Ctrl-C reaches a whole process group; the compilers are in their own.
      #expect(!children.isEmpty && children.allSatisfy { getpgid($0) != getpgid(run.identifier) })
      run.send(signal)
      #expect(run.finish() == 130)
      #expect(
        run.notes == [
          "stopping after this step, press again to stop now", "saved: baseline, compress, compile; the same command continues",
        ])
      #expect(run.stages("ended").keys.contains("compile") && !run.stages("started").keys.contains("smoke"))
      #expect(try snapshot(build) == [:])

      let next = try RunningPack(files, output: build)
      #expect(next.finish() == 0)
      #expect(next.stages("ended").filter(\.value).keys.sorted() == ["baseline", "compile", "compress"])
      #expect(try checksumsHold(build))
    }
  }

  @Test func theSecondSignalStopsAtOnceAndLeavesNoChild() throws {
    let files = PackFiles(channels: 4)
    let build = files.folder.file("build")
    let run = try RunningPack(files, output: build, ["--json"])
    run.wait(forStart: "compile")
    while run.isRunning, RunningPack.processes(in: build).isEmpty { usleep(1000) }
    run.send(SIGINT)
    while run.isRunning, run.notes.isEmpty { usleep(1000) }
    run.send(SIGINT)
    #expect(run.finish() == 130)
    #expect(RunningPack.processes(in: build) == [])
    #expect(!run.stages("ended").keys.contains("compile"))
    #expect(run.notes == ["stopping after this step, press again to stop now"])
    let document = try JSONValue(run.outputText)
    let codes = document["diagnostics"]?.elements.map { $0["code"] }
    #expect(codes == [.string(DiagnosticCode.interrupted.rawValue)])
    #expect(run.outputText.contains("saved: baseline, compress; the same command continues"))
  }

  @Test func aSecondRunIntoTheSameFolderIsRefusedAtOnce() throws {
    let files = PackFiles(channels: 4)
    let build = files.folder.file("build")
    let first = try RunningPack(files, output: build)
    first.wait(forStart: "compress")
    let second = try RunningPack(files, output: build, ["--force"])
    #expect(second.finish() == 2 && second.codes == ["folder-busy"] && second.stages("started") == [:])
    #expect(second.events.contains { "\($0)".contains("process \(first.identifier) ") })
    #expect(first.finish() == 0, "the first run is not disturbed: \(first.codes)")
    #expect(try checksumsHold(build))
  }

  @Test func aDamagedStageIsComputedAgain() throws {
    let files = PackFiles(channels: 4)
    let build = files.folder.file("build")
    #expect(try RunningPack(files, output: build).finish() == 0)
    let first = try snapshot(build)
    let stages = build + "/.edgepack/stages/"
    for name in ["baseline", "compress", "compile", "smoke"] {
      let file = URL(fileURLWithPath: stages + name + ".stage")
      let whole = try Data(contentsOf: file)
      var damaged = whole
      switch name {
      case "baseline": damaged[damaged.count / 2] ^= 1
      case "compress": damaged.removeLast(10)
      case "compile": damaged[damaged.count - 40] ^= 0x80
      default: damaged = Data("edgepack-stage 1\n{".utf8)
      }
      try damaged.write(to: file)
    }
    let again = try RunningPack(files, output: build)
    #expect(again.finish() == 0)
    #expect(again.codes.filter { $0 == DiagnosticCode.corruptStage.rawValue }.count == 4)
    #expect(!again.stages("ended").values.contains(true))
    #expect(repeatable(try snapshot(build)) == repeatable(first))
    // Saved anew, and asked to be left alone.
    let reusing = try RunningPack(files, output: build)
    #expect(reusing.finish() == 0 && reusing.stages("ended").values.filter { $0 }.count == 4)
    let fresh = try RunningPack(files, output: build, ["--fresh"])
    #expect(fresh.finish() == 0 && !fresh.stages("ended").values.contains(true))
  }

  /// A mount in a namespace of its own needs root.
  private static let canMount =
    (try? FinishedProcess.run(
      ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], in: FileManager.default.temporaryDirectory))?.exitCode == 0

  @Test(.enabled(if: canMount, "not run: mounting needs root"), arguments: ["200k", "500k", "1m", "3m"])
  func aFullDiskIsNamedAndTheEarlierBuildStays(size: String) async throws {
    let packed = try await Packs.native.value
    let home = TemporaryFolder()
    // The earlier build lies on the small disk, without its saved stages; other options, so that all is to be computed.
    let script = """
      mkdir disk && mount -t tmpfs -o size=\(size) none disk && mkdir disk/build || exit 99
      tar -c -C '\(packed.folder)' --exclude ./.edgepack . | tar -x -C disk/build || exit 99
      '\(RunningPack.program)' '\(packed.files.model)' --data '\(packed.files.data)' -t native -o disk/build --ranges minmax
      echo "code $?"
      cd disk/build && sha256sum --check --strict --quiet SHA256SUMS && find . -type f | sort
      """
    let run = try FinishedProcess.run(["unshare", "-m", "bash", "-c", script], in: URL(fileURLWithPath: home.path))
    #expect(run.outputText.contains("code 2\n"), "\(run.outputText) \(run.errorText)")
    #expect(run.errorText.contains("[no-space]") && run.errorText.contains("disk/build"), "\(run.errorText)")
    #expect(run.errorText.contains("bytes are free"), "\(run.errorText)")
    let left = run.outputText.split(separator: "\n").filter { $0.hasPrefix("./") && !$0.hasPrefix("./.edgepack") }
    #expect(left.count == (try snapshot(packed.folder)).count, "\(run.outputText)")
  }

  @Test(.enabled(if: canMount, "not run: mounting needs root"))
  func aFolderThatCannotBeWrittenIsRefusedBeforeAnyWork() async throws {
    let packed = try await Packs.native.value
    let home = TemporaryFolder()
    for place in ["disk/new", "disk/build"] {
      let script = """
        mkdir -p disk && mount -t tmpfs none disk && cp -a '\(packed.folder)' disk/build && mount -o remount,ro disk || exit 99
        exec '\(RunningPack.program)' '\(packed.files.model)' --data '\(packed.files.data)' -t native -o \(place)
        """
      let run = try FinishedProcess.run(["unshare", "-m", "bash", "-c", script], in: URL(fileURLWithPath: home.path))
      #expect(run.exitCode == 2 && run.errorText.contains("[folder-unwritable]"), "\(run.errorText)")
      #expect(run.errorText.contains(place) && !run.errorText.contains("import"), "\(run.errorText)")
    }
  }
}
