import Deployment
import Diagnostics
import Foundation
import ModelFormats
import Report
import TestSupport
import Testing

@testable import Packager

/// The built `edgepack`, which lies beside the tests.
struct CommandLineProcessTests {
  private static let program = Bundle.main.bundleURL.appendingPathComponent("edgepack").path
  private let folder = TemporaryFolder()

  private func edgepack(_ arguments: String...) throws -> FinishedProcess {
    try FinishedProcess.run([Self.program] + arguments, in: URL(fileURLWithPath: folder.path))
  }

  /// The codes of the JSON document that a failed command prints, and nothing else, on standard output.
  private func codes(_ run: FinishedProcess) throws -> [String] {
    let document = try JSONValue(run.outputText)
    #expect(document["schema"] == .string("1.1"))
    return document["diagnostics"]?.elements.compactMap { if case .string(let code)? = $0["code"] { code } else { nil } } ?? []
  }

  @Test func helpAndVersionEndWell() throws {
    let help = try edgepack("--help")
    #expect(help.outputText.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(help.exitCode == 0 && Snapshot("help").difference(from: String(help.outputText.dropLast())) == nil && help.errorText == "")
    #expect(try edgepack("--version").outputText == "0.1.0\n")
    let pack = try edgepack("pack", "--help")
    #expect(pack.exitCode == 0 && pack.outputText.contains("--max-flash"))
  }

  @Test func aMistypedCommandIsNotPacked() throws {
    let run = try edgepack("inpsect", "m.onnx")
    #expect(run.exitCode == 2 && run.outputText == "")
    #expect(run.errorText.contains("[usage]") && run.errorText.contains("did you mean `edgepack inspect m.onnx`?"))
    // A file of such a name is a model.
    _ = folder.write([1, 2, 3], to: "inpsect")
    #expect(try edgepack("inpsect", "--data", "x.npz", "-t", "native").errorText.contains("[corrupt-model]"))
  }

  @Test func everyCommandHasHelpThatFitsTheScreenAndAPlaceInTheRootHelp() throws {
    let root = try edgepack("help").outputText
    let commands = [
      "pack", "smoke", "evaluate", "run", "inspect", "explain", "compare", "targets", "doctor", "init", "completions",
    ]
    for command in commands {
      #expect(root.contains(command))
      let help = try edgepack(command, "--help")
      #expect(help.exitCode == 0 && help.outputText.contains("USAGE: edgepack \(command)"), "\(command)")
      // The parser lists all options of `targets` in one line.
      for line in help.outputText.split(separator: "\n") where !line.hasPrefix("USAGE: edgepack targets ") {
        #expect(line.count <= 80, "\(command): \(line)")
      }
    }
  }

  @Test func aConfigurationFileIsReadFromTheWorkingFolder() throws {
    let files = PackFiles(channels: 4)
    let configuration = """
      model: \(files.model)
      data: \(files.data)
      target: native
      max_flash: 1 KiB
      variants:
        first: { effort: quick }
        second: { max_flash: 1 MiB }
      """
    _ = folder.write(Array(configuration.utf8), to: "edgepack.yaml")
    let shown = try edgepack("--show-config", "--json", "--seed", "5")
    #expect(shown.exitCode == 0, "\(shown.errorText)")
    #expect(try JSONValue(shown.outputText)["configurations"]?.elements.count == 2)
    let dry = try edgepack("--dry-run", "-q", "--progress", "none")
    #expect(dry.exitCode == 1, "\(dry.errorText)")
    #expect(dry.outputText.split(separator: "\n").map { $0.prefix(10) } == ["CANNOT FIT", "WOULD PACK"])
    let packed = try FinishedProcess.run([Self.program, "--json"], in: URL(fileURLWithPath: folder.path))
    #expect(packed.exitCode == 1, "\(packed.errorText)")
    let variants = try JSONValue(packed.outputText)["variants"]?.elements ?? []
    #expect(variants.map { $0["folder"] } == [.string("build/first/best"), .string("build/second")])
    let compared = try edgepack("compare", "build/first", "build/second", "--markdown")
    #expect(compared.exitCode == 0 && compared.outputText.contains("| flash |"), "\(compared.errorText)")
    for words in [["build/second", "ram"], ["flash", "build/second"], ["build/second", "pw4"]] {
      let explained = try FinishedProcess.run([Self.program, "explain"] + words, in: URL(fileURLWithPath: folder.path))
      #expect(explained.exitCode == 0 && !explained.outputText.isEmpty, "\(words): \(explained.errorText)")
    }
  }

  @Test func faultsOfAConfigurationFileNameTheirPlace() throws {
    _ = folder.write(Array("model: m.onnx\ntraget: native\n".utf8), to: "mine.yaml")
    let run = try edgepack("--config", "mine.yaml", "--json")
    #expect(run.exitCode == 2)
    #expect(try codes(run) == ["configuration-field"])
    _ = folder.write(Array("model: [m\n".utf8), to: "mine.yaml")
    #expect(try codes(try edgepack("--config", "mine.yaml", "--json")) == ["configuration-syntax"])
    #expect(try codes(try edgepack("--config", "none.yaml", "--json")) == ["file-not-found"])
  }

  @Test func initWritesAFileOnceAndShowConfigReadsIt() throws {
    #expect(try edgepack("init", "--target", "native").exitCode == 0)
    #expect(try edgepack("--show-config").outputText.contains("target               native      edgepack.yaml:"))
    #expect(try codes(try edgepack("init", "--json")) == ["foreign-folder"])
    #expect(try edgepack("init", "--force").exitCode == 0)
  }

  @Test func codesAreExplainedAndMistypedOnesCorrected() throws {
    let known = try edgepack("explain", "missing-tool")
    #expect(known.exitCode == 0 && known.outputText.hasPrefix("missing-tool: ") && known.outputText.contains("What to do:"))
    let near = try edgepack("explain", "missing-tol")
    #expect(near.exitCode == 2 && near.errorText.contains("did you mean `edgepack explain missing-tool`?"))
    #expect(try codes(try edgepack("explain", "ram", "nowhere", "--json")) == ["not-a-build"])
    #expect(try edgepack("explain", "a", "b", "c").exitCode == 2)
  }

  @Test func completionsAreScripts() throws {
    for (shell, words) in [("bash", "complete"), ("zsh", "#compdef"), ("fish", "complete -c")] {
      let run = try edgepack("completions", shell)
      #expect(run.exitCode == 0 && run.outputText.contains(words) && run.outputText.contains("dry-run"), "\(shell)")
    }
    #expect(try edgepack("completions", "csh").exitCode == 2)
  }

  @Test func usageErrorsAreOneDocumentForPrograms() throws {
    for arguments in [["m.onnx", "--json"], ["smoke", "--json"], ["targets", "--json", "--nonsense"], ["smok", "build", "--json"]] {
      let run = try FinishedProcess.run([Self.program] + arguments, in: URL(fileURLWithPath: folder.path))
      #expect(run.exitCode == 2 && run.errorText == "", "\(arguments)")
      #expect(try codes(run) == ["usage"], "\(arguments)")
    }
  }

  @Test func usageErrorsLeaveWith2() throws {
    for arguments in [
      ["model.onnx"], ["model.onnx", "--data", "x.npz", "--target", "native", "--nonsense"], ["smoke"], ["evaluate", "build"],
    ] {
      let run = try FinishedProcess.run([Self.program] + arguments, in: URL(fileURLWithPath: folder.path))
      #expect(run.exitCode == 2 && run.outputText == "" && run.errorText.lowercased().contains("usage:"), "\(arguments): \(run.exitCode)")
    }
    let nothing = try edgepack()
    #expect(nothing.exitCode == 2 && nothing.outputText == "" && nothing.errorText.contains("PACK AND PROVE"))
    let run = try edgepack(
      "m.onnx", "--data", "x.npz", "-t", "native", "--emit", "song", "--shape", "x=0", "--ranges", "widest", "--json")
    #expect(run.exitCode == 2)
    #expect(try codes(run) == ["usage", "usage", "usage"])
    #expect(try edgepack("targets", "--color", "rainbow").exitCode == 2)
  }

  @Test func faultsOfInputsAreTextOrOneDocument() throws {
    let text = try edgepack("m.onnx", "--data", "x.npz", "--target", "arm64-512")
    #expect(text.exitCode == 2 && text.outputText == "")
    #expect(text.errorText.contains("[unknown-target]") && text.errorText.contains("did you mean `--target arm64-512mb`?"))
    let json = try edgepack("m.onnx", "--data", "x.npz", "--target", "arm64-512", "--json")
    #expect(json.exitCode == 2)
    #expect(try codes(json) == ["unknown-target", "file-not-found", "file-not-found"])
    let smoke = try edgepack("smoke", "nowhere", "--json")
    #expect(smoke.exitCode == 2)
    #expect(try codes(smoke) == ["not-a-build"])
  }

  @Test func inspectAndTargetsPrintResultsOnStandardOutput() throws {
    let model = ONNXModelBuilder.keywordSpotter(channels: 8).write(to: folder)
    let inspection = try edgepack("inspect", model, "--target", "native")
    #expect(inspection.exitCode == 0 && inspection.outputText.contains("pw4") && inspection.outputText.contains("as int8 on native: arena"))
    #expect((try JSONValue(try edgepack("inspect", model, "--json").outputText)) != .null)
    let targets = try edgepack("targets")
    #expect(targets.exitCode == 0 && targets.outputText.contains("arm64-512mb") && targets.outputText.contains("mps2-an386"))
  }

  @Test func aPackThatDoesNotFitLeavesWith1() throws {
    let files = PackFiles(channels: 4)
    let run = try edgepack(files.model, "--data", files.data, "-t", "native", "-o", "build", "--max-flash", "1KiB", "--json")
    #expect(run.exitCode == 1, "\(run.errorText)")
    let report = try JSONValue(run.outputText)
    #expect(report["answer"] == .string("does not fit"))
    #expect(SchemaValidator.faults(report, SchemaValidator.reportSchema) == [])
    let smoke = try edgepack("smoke", "build")
    #expect(smoke.exitCode == 0, "the best try is proven where nothing fits: \(smoke.errorText)")
  }

  @Test(.enabled(if: Installed.canEmulateBoard, "not run: qemu-system-arm is missing"))
  func aFirmwareAnswersSamplesOfFiles() async throws {
    let build = try await Packs.firmware.value.folder
    let run = try edgepack("run", build, build + "/golden/input2.npy", "-o", "out.npy", "--raw-output")
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(try NpyFile.read(path: folder.file("out.npy")).bytes == NpyFile.read(path: build + "/golden/output2.npy").bytes)
    let elsewhere = try edgepack("smoke", build, "--on", "native", "--json")
    #expect(elsewhere.exitCode == 2)
    #expect(try codes(elsewhere) == ["usage"])
  }

  @Test func aBuildIsProvenRunAndEvaluated() async throws {
    let packed = try await Packs.native.value
    let build = folder.file("build")
    try FileManager.default.copyItem(atPath: packed.folder, toPath: build)
    let smoke = try edgepack("smoke", "build", "--json")
    #expect(smoke.exitCode == 0)
    #expect(try JSONValue(smoke.outputText)["byte_equal"] == .boolean(true))

    let run = try edgepack("run", "build", "build/golden/input0.npy", "-o", "out.npy", "--raw-output")
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(try NpyFile.read(path: folder.file("out.npy")).bytes == NpyFile.read(path: build + "/golden/output0.npy").bytes)
    let lines = try edgepack("run", "build", "build/golden/input1.npy").outputText
    #expect(lines.split(separator: "\n").count == 1)

    // Labels that are the program's own choices: all of them are right.
    let input = try NpyFile.read(path: build + "/golden/input0.npy")
    let scores = try NpyFile.read(path: folder.file("out.npy")).bytes.map { Int8(bitPattern: $0) }
    let best = try #require(scores.indices.max { (scores[$0], $1) < (scores[$1], $0) })
    let label = StoredArray(elementType: .int64, shape: [1], bytes: [UInt8(best)] + Array(repeating: 0, count: 7))
    try NpzFile.write([(name: "x", array: input), (name: "y", array: label)], to: folder.file("one.npz"))
    let evaluation = try edgepack("evaluate", "build", "--data", "one.npz", "--json")
    #expect(evaluation.exitCode == 0, "\(evaluation.errorText)")
    #expect(try JSONValue(evaluation.outputText)["value"] == .number(1), "\(evaluation.outputText)")

    // A golden answer that was changed is found.
    var golden = try Data(contentsOf: URL(fileURLWithPath: build + "/golden/output0.npy"))
    golden[golden.count - 1] ^= 1
    try golden.write(to: URL(fileURLWithPath: build + "/golden/output0.npy"))
    #expect(try edgepack("smoke", "build").exitCode == 1)
  }
}
