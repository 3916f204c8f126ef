import ArgumentParser
import Deployment
import Packager
import Report

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look for the tools that packing and proving use, and say how to get what is missing",
    usage: "edgepack doctor [-t TARGET] [--fetch-machine] [options]")

  @Option(
    name: [.short, .long], help: ArgumentHelp("Only what this target needs must be there.", valueName: "name|file"), completion: .targets)
  var target: String?

  @Flag(name: .long, help: "Fetch the Linux kernel that the emulated machine boots, from Debian; needs no root.")
  var fetchMachine = false

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() async throws {
    let console = outputOptions.console()
    if fetchMachine { console.note(try await KernelImageStore.fetch()) }
    let screen = try await examineInstallation(target: target)
    console.print(console.json ? try screen.json() : screen.text(verbose: console.verbose, style: console.style))
    // Without a target nothing was asked for that could be missing.
    if target != nil, !screen.missing.isEmpty { throw Outcome.error }
  }
}
