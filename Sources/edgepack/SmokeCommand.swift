import ArgumentParser
import Deployment
import Diagnostics
import Packager
import Report

struct SmokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "smoke", abstract: "Run a build's self-test and compare every byte with the host's",
    usage: "edgepack smoke BUILD [options]")

  @Argument(help: "A build folder.")
  var folder: String

  @Option(name: .long, help: "native, user or machine; else as the target's profile says.")
  var on: String?

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() async throws {
    let console = outputOptions.console()
    let build = try BuildFolder(path: folder)
    let place = try on.map { option throws(Failure) in try ProofPlace(option: option) }
    let result = try await build.smokeTest(at: place ?? ProofPlace(for: build.manifest.target))
    let screen = SmokeScreen(
      Answer.Smoke(result), arenaBytes: build.manifest.arenaBytes, program: build.manifest.programHash, style: console.style)
    console.print(console.json ? try screen.json() : screen.text())
    if !result.isPassed { throw Outcome.negative }
  }
}
