import ArgumentParser
import Diagnostics
import Foundation
import Report
import Targets

/// The command line. Each subcommand is a file; this one maps every end to an exit code.
@main
struct Edgepack: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edgepack",
    abstract: "make a trained model fit a device, and prove it",
    version: Version.current,
    groupedSubcommands: [
      CommandGroup(name: "Pack and prove", subcommands: [PackCommand.self, SmokeCommand.self, EvaluateCommand.self, RunCommand.self]),
      CommandGroup(name: "Look", subcommands: [InspectCommand.self, ExplainCommand.self, CompareCommand.self]),
      CommandGroup(
        name: "Set up",
        subcommands: [TargetsCommand.self, DoctorCommand.self, InitCommand.self, CompletionsCommand.self, ManualCommand.self]),
    ],
    defaultSubcommand: PackCommand.self)

  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      if RootHelp.isAskedFor(by: arguments) {
        print(RootHelp.text)
        leave(.done)
      }
      // Without a word there is something to do only where a configuration file says what.
      if arguments.isEmpty, !FileManager.default.fileExists(atPath: ConfigurationFile.standardName) {
        FileHandle.standardError.write(Data((RootHelp.text + "\n").utf8))
        leave(.error)
      }
      try rejectMistypedCommand(arguments)
      try await Interruption.cancelling {
        var command = try parseAsRoot(arguments)
        if var asynchronous = command as? any AsyncParsableCommand {
          try await asynchronous.run()
        } else {
          try command.run()
        }
      }
    } catch {
      finish(error, arguments)
    }
  }

  /// Says what went wrong and leaves with the code that tells it.
  private static func finish(_ error: any Error, _ arguments: [String]) -> Never {
    switch error {
    case let outcome as Outcome:
      leave(outcome)
    case _ where Interruption.hasCancelled || (error as? Failure)?.isInterruption == true:
      reportInterruption(error as? Failure, arguments)
    case let failure as Failure:
      report(failure, arguments)
    case _ where exitCode(for: error) != .success:
      // Every error of the parser that is not help or version is a usage error.
      report(usageFailure(message(for: error), arguments), arguments)
    default:
      print(fullMessage(for: error))
      leave(.done)
    }
  }

  /// What is saved is said as it is, without the form of an error: the user wanted this end.
  private static func reportInterruption(_ failure: Failure?, _ arguments: [String]) -> Never {
    let text = failure.flatMap { $0.isInterruption ? $0.diagnostics.first?.message : nil } ?? "stopped; earlier results are as they were"
    let console = console(arguments)
    if console.json { console.print(Failure(.interrupted, text)) } else { console.progress(.note(text)) }
    leave(.interrupted)
  }

  /// Where parsing failed, no command has made a console yet.
  private static func console(_ arguments: [String]) -> Console {
    Console.current.withLock { $0 }
      ?? Console(json: arguments.contains("--json"), quiet: false, progress: .none, color: .auto, stages: [])
  }

  private static func report(_ failure: Failure, _ arguments: [String]) -> Never {
    console(arguments).print(failure)
    leave(failure.diagnostics.contains { $0.code == .internalError } ? .internalError : .error)
  }

  private static func leave(_ outcome: Outcome) -> Never { Foundation.exit(outcome.rawValue) }
}

extension Failure {
  fileprivate var isInterruption: Bool { diagnostics.contains { $0.code == .interrupted } }
}

// What the parser's faults are called.
extension Edgepack {
  private static let commands: [any ParsableCommand.Type] = configuration.subcommands

  /// A first word that names no file and nearly a command is a mistyped command: without this it would be packed.
  /// - Throws: `usage`.
  private static func rejectMistypedCommand(_ arguments: [String]) throws(Failure) {
    let names = RootHelp.commands + ["help"]
    guard let word = arguments.first, !word.hasPrefix("-"), !commands.contains(where: { $0.configuration.commandName == word }),
      word != "help", !FileManager.default.fileExists(atPath: word),
      let near = nearestMatch(to: word, among: names)
    else { return }
    let meant = ([near] + arguments.dropFirst()).joined(separator: " ")
    throw Failure(
      .usage, "there is no command and no model `\(word)`", details: ["commands: \(names.joined(separator: ", "))"],
      hint: "did you mean `edgepack \(meant)`?")
  }

  /// What the parser says in the words of the other faults, with the usage of the command that was meant.
  private static func usageFailure(_ message: String, _ arguments: [String]) -> Failure {
    let command = commands.first { $0.configuration.commandName == arguments.first }
    let name = command?.configuration.commandName ?? "pack"
    let usage = usageString(for: command ?? PackCommand.self).split(separator: "\n").map(String.init)
    return Failure(
      .usage, message.prefix(1).lowercased() + message.dropFirst(),
      details: usage.enumerated().map { $0.offset == 0 ? "usage: \($0.element)" : $0.element },
      hint: "`edgepack \(name) --help` lists the options")
  }
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
  /// By Ctrl-C or another request to end: 128 and the number of SIGINT, as shells have it.
  case interrupted = 130
}
