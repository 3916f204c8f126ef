import ArgumentParser
import Diagnostics
import Foundation
import Report

/// The command line. Each subcommand is a file; this one maps every end to an exit code.
@main
struct Edgepack: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edgepack",
    abstract: "make a trained model fit a device, and prove it",
    usage: """
      edgepack MODEL.onnx --data train.npz --target arm64-512mb -o build/
             edgepack <subcommand> ...
      """,
    discussion: "`edgepack pack --help` lists the options of packing.",
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(name: "Pack and prove", subcommands: [PackCommand.self, SmokeCommand.self, EvaluateCommand.self, RunCommand.self]),
      CommandGroup(name: "Look", subcommands: [InspectCommand.self]),
      CommandGroup(name: "Set up", subcommands: [TargetsCommand.self]),
    ],
    defaultSubcommand: PackCommand.self)

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      finish(error)
    }
  }

  /// Says what went wrong and leaves with the code that tells it.
  private static func finish(_ error: any Error) -> Never {
    switch error {
    case let outcome as Outcome:
      leave(outcome)
    case let failure as Failure:
      let console = Console.current.withLock { $0 } ?? Console(json: false, quiet: false, progress: .none, color: .auto, stages: [])
      console.print(failure)
      leave(failure.diagnostics.contains { $0.code == .internalError } ? .internalError : .error)
    default:
      // Help and version arrive here too, with code 0; every other error of the parser is a usage error.
      let message = fullMessage(for: error)
      if exitCode(for: error) == .success {
        print(message)
        leave(.done)
      }
      FileHandle.standardError.write(Data((message + "\n").utf8))
      leave(.error)
    }
  }

  private static func leave(_ outcome: Outcome) -> Never { Foundation.exit(outcome.rawValue) }
}

/// How a command ends. Thrown where a command that worked has a negative answer.
enum Outcome: Int32, Error {
  /// Fits, or done.
  case done = 0
  /// Does not fit, or differs.
  case negative = 1
  /// Input, usage or a missing tool.
  case error = 2
  /// A fault of edgepack itself.
  case internalError = 70
}
