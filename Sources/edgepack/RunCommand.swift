import ArgumentParser
import Deployment
import Diagnostics
import Foundation
import Report

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a packed program on samples, natively or in QEMU's user mode",
    usage: "edgepack run BUILD input.npy [-o out.npy] [options]")

  @Argument(help: "A build folder.")
  var folder: String

  @Argument(help: "Samples: an npy file, or raw bytes in the stored type.")
  var input: String

  @Option(name: [.short, .long], help: ArgumentHelp("Write an npy file; else text on standard output.", valueName: "file.npy"))
  var output: String?

  @Flag(name: .long, help: "Write the int8 values instead of real ones.")
  var rawOutput = false

  @Option(name: .long, help: "native, user or machine.")
  var on: String?

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() async throws {
    let console = outputOptions.console()
    let place = try on.map { option throws(Failure) in try ProofPlace(option: option) }
    let run = try ProgramRun(
      folder: try BuildFolder(path: folder), input: URL(fileURLWithPath: input), output: output.map { URL(fileURLWithPath: $0) },
      writesRawOutput: rawOutput)
    let text = try await run.run(at: place)
    let screen = RunScreen(output.map { .written(file: $0) } ?? .printed(text))
    console.print(console.json ? try screen.json() : screen.text())
  }
}
