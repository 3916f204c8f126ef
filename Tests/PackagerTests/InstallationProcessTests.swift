import Foundation
import TestSupport
import Testing

@testable import Packager

/// An installation of the built program, made once.
private struct Installation: Sendable {
  static let shared = Result { try Installation() }

  static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardizedFileURL
  static let builtProgram = Bundle.main.bundleURL.appendingPathComponent("edgepack").path

  let folder = TemporaryFolder()
  var prefix: String { folder.file("prefix") }
  var program: String { prefix + "/bin/edgepack" }

  init() throws {
    let run = try Self.install(prefix: folder.file("prefix"))
    guard run.exitCode == 0 else { throw InstallationFailed(text: run.errorText) }
    // All that a new user has: the compiler's folder, a home with nothing in it, and a model.
    for name in ["home", "tools"] { try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true) }
    let compiler = try #require(Installed.path("swiftc"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("tools/swiftc"), withDestinationPath: compiler)
    for name in ["digits.onnx", "train.npz", "test.npz"] {
      try FileManager.default.copyItem(
        atPath: Self.sources.appendingPathComponent("Examples/digits/\(name)").path, toPath: folder.file(name))
    }
  }

  struct InstallationFailed: Error { var text: String }

  static func install(prefix: String) throws -> FinishedProcess {
    try script([prefix, builtProgram])
  }

  static func script(_ arguments: [String]) throws -> FinishedProcess {
    try FinishedProcess.run(
      [sources.appendingPathComponent("Scripts/install.sh").path] + arguments, in: FileManager.default.temporaryDirectory)
  }

  /// Runs a program from another folder with an environment that has nothing but what is named here: no git, no QEMU, no locale.
  func run(_ arguments: [String], program: String? = nil, tools: Bool = true, hidesSources: Bool = false) throws -> FinishedProcess {
    let environment = ["-i", "NO_COLOR=1", "HOME=\(folder.file("home"))", "PATH=\(tools ? folder.file("tools") : "/nowhere")"]
    let command = ["env"] + environment + [program ?? self.program] + arguments
    guard hidesSources else { return try FinishedProcess.run(command, in: folder.url) }
    let words = ["unshare", "-m", "sh", "-c", "mount -t tmpfs none \"$0\" && cd / && exec \"$@\"", Self.sources.path]
    return try FinishedProcess.run(words + command, in: folder.url)
  }

  func pack(into output: String, program: String? = nil, hidesSources: Bool = false) throws -> FinishedProcess {
    try run(
      [
        folder.file("digits.onnx"), "--data", folder.file("train.npz"), "--val", folder.file("test.npz"), "--input-scale", "0.0625",
        "--target", "native", "-o", folder.file(output),
      ], program: program, hidesSources: hidesSources)
  }

  /// Whether this process may give a child a view of the disk in which the sources are gone.
  static let canHideSources: Bool = {
    let run = try? FinishedProcess.run(
      ["unshare", "-m", "sh", "-c", "mount -t tmpfs none \"$0\" && ! test -e \"$0/Package.swift\"", sources.path],
      in: FileManager.default.temporaryDirectory)
    return run?.exitCode == 0
  }()
}

extension TemporaryFolder {
  fileprivate var url: URL { URL(fileURLWithPath: path) }
}

/// As a new user would: installed into a prefix, run from another folder, without git, without a terminal, without colour.
struct InstallationProcessTests {
  private let installed: Installation

  init() throws { installed = try Installation.shared.get() }

  @Test(.enabled(if: Installation.canHideSources, "not run: hiding the sources needs root and `unshare -m`"))
  func anInstalledProgramPacksWithoutTheSources() throws {
    let run = try installed.pack(into: "hidden", hidesSources: true)
    #expect(run.exitCode == 0, "\(run.errorText)")
    #expect(run.outputText.hasPrefix("FITS   digits.onnx on native"))
    // Without a terminal and a locale there is neither colour nor anything but ASCII.
    #expect(run.outputText.allSatisfy(\.isASCII) && run.errorText.allSatisfy(\.isASCII) && !run.outputText.contains("\u{1B}"))
    let smoke = try installed.run(["smoke", installed.folder.file("hidden")], hidesSources: true)
    #expect(smoke.exitCode == 0 && smoke.outputText.hasPrefix("EQUAL"), "\(smoke.errorText)")
  }

  @Test func theInstalledProgramMakesTheSameBytesAsTheBuiltOne() throws {
    for (output, program) in [("installed", installed.program), ("built", Installation.builtProgram)] {
      let run = try installed.pack(into: output, program: program)
      #expect(run.exitCode == 0, "\(run.errorText)")
    }
    for file in ["digits", "digits.epk", "plan.json", "build.json"] {
      let bytes = ["installed", "built"].map { FileManager.default.contents(atPath: installed.folder.file("\($0)/\(file)")) }
      #expect(bytes[0] != nil && bytes[0] == bytes[1], "\(file) differs")
    }
  }

  @Test func itNeedsNoSharedLibraryOfTheToolchain() throws {
    let run = try FinishedProcess.run(["ldd", installed.program], in: FileManager.default.temporaryDirectory)
    #expect(run.exitCode == 0 && !run.outputText.contains("not found") && !run.outputText.contains("libswift"), "\(run.outputText)")
    #expect(!run.outputText.contains("Foundation"))
  }

  @Test func theCompilerIsNamedWhereItIsMissing() throws {
    let run = try installed.run(
      [installed.folder.file("digits.onnx"), "--data", installed.folder.file("train.npz"), "-t", "native", "-o", "none"], tools: false)
    #expect(run.exitCode == 2 && run.errorText.contains("[missing-tool]") && run.errorText.contains("swift.org"), "\(run.errorText)")
    #expect(!FileManager.default.fileExists(atPath: installed.folder.file("none")))
  }

  @Test func theDoctorNamesTheOneCommandThatBringsQEMU() throws {
    let board = try installed.run(["doctor", "--target", "mps2-an386"])
    #expect(board.exitCode == 2, "\(board.errorText)")
    #expect(board.outputText.contains("sudo apt install qemu-system-arm"), "\(board.outputText)")
    #expect(board.outputText.contains("missing for mps2-an386: qemu-system-arm"))
    let machine = try JSONValue(try installed.run(["doctor", "-t", "arm64-512mb", "--json"]).outputText)
    let missing = machine["checks"]?.elements.filter { $0["found"] == .null } ?? []
    #expect(
      missing.contains { $0["name"] == .string("qemu-system-aarch64") && $0["command"] == .string("sudo apt install qemu-system-arm") })
    #expect(missing.contains { $0["command"] == .string("edgepack doctor --fetch-machine") })
    // Without a target nothing is demanded; what native needs is there.
    #expect(try installed.run(["doctor"]).exitCode == 0)
    #expect(try installed.run(["doctor", "-t", "native"]).exitCode == 0)
    #expect(try installed.run(["doctor", "-t", "native"], tools: false).exitCode == 2)
  }

  @Test func theKernelOfTheMachineIsFetchedByOneCommandThatFailsClearly() throws {
    // There is no apt in this search path; on a real machine the same script asks Debian.
    let run = try installed.run(["doctor", "--fetch-machine"])
    #expect(run.exitCode == 2 && run.errorText.contains("[tool-failed]"), "\(run.errorText)")
  }

  @Test func manualAndCompletionsAreInstalled() throws {
    let manual = try String(contentsOfFile: installed.prefix + "/share/man/man1/edgepack.1", encoding: .utf8)
    #expect(manual.hasPrefix(".TH EDGEPACK 1"))
    for words in [".SS edgepack pack", ".SS edgepack doctor", ".SS edgepack explain", "\\-\\-max\\-ram", "NO_COLOR"] {
      #expect(manual.contains(words), "the manual lacks \(words)")
    }
    // Every line is text or a request that man(7) knows.
    let requests: Set = [".TH", ".SH", ".SS", ".TP", ".B", ".PP", ".br", ".nf", ".fi"]
    for line in manual.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(requests.contains(String(line.split(separator: " ")[0])), "\(line)")
    }
    for (path, words) in [
      ("share/bash-completion/completions/edgepack", "complete"), ("share/zsh/site-functions/_edgepack", "#compdef edgepack"),
      ("share/fish/vendor_completions.d/edgepack.fish", "complete -c"),
    ] {
      let script = try String(contentsOfFile: installed.prefix + "/" + path, encoding: .utf8)
      #expect(script.contains(words) && script.contains("max-ram"), "\(path)")
    }
    let bash = try FinishedProcess.run(
      ["bash", "-n", installed.prefix + "/share/bash-completion/completions/edgepack"], in: installed.folder.url)
    #expect(bash.exitCode == 0, "\(bash.errorText)")
  }

  @Test func itMayBeMovedAndReachedByALinkButNotCopiedAlone() throws {
    let folder = TemporaryFolder()
    try FileManager.default.copyItem(atPath: installed.prefix, toPath: folder.file("moved"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: folder.file("moved/bin/edgepack"))
    let linked = try installed.run(["targets"], program: folder.file("link"))
    #expect(linked.exitCode == 0 && linked.outputText.contains("arm64-512mb"), "\(linked.errorText)")
    try FileManager.default.copyItem(atPath: installed.program, toPath: folder.file("edgepack"))
    let alone = try installed.run(["targets"], program: folder.file("edgepack"))
    #expect(alone.exitCode == 2 && alone.errorText.contains("[incomplete-installation]"), "\(alone.errorText)")
    #expect(alone.errorText.contains("make install PREFIX="))
  }

  @Test func removingLeavesNothingOfItselfAndAllElse() throws {
    let folder = TemporaryFolder()
    #expect(try Installation.install(prefix: folder.path).exitCode == 0)
    let foreign = folder.file("share/man/man1/other.1")
    try Data("mine".utf8).write(to: URL(fileURLWithPath: foreign))
    // A second installation replaces the first.
    try Data().write(to: URL(fileURLWithPath: folder.file("share/edgepack/stale")))
    #expect(try Installation.install(prefix: folder.path).exitCode == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.file("share/edgepack/stale")))
    #expect(try Installation.script(["--remove", folder.path]).exitCode == 0)
    #expect(try snapshot(folder.path).keys.sorted() == ["share/man/man1/other.1"])
  }
}
