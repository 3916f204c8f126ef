import ArgumentParser
import Foundation
import Report

/// Options that every command takes.
struct OutputOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document on standard output.")
  var json = false

  @Flag(name: [.short, .long], help: "Print only the first line of the answer, and no progress.")
  var quiet = false

  @Flag(name: [.short, .long], help: "Print what is usually left out: every layer, every place.")
  var verbose = false

  @Option(name: .long, help: "How progress is shown on standard error.")
  var progress: ProgressRenderer.Mode = .auto

  @Option(name: .long, help: "When to use colour.")
  var color: TerminalStyle.ColorMode = .auto

  /// What prints this command's results, progress and faults; also becomes the one that the error path uses.
  func console(stages: [String] = []) -> Console {
    let console = Console(
      json: json, quiet: quiet, verbose: verbose, progress: quiet && progress == .auto ? .none : progress, color: color, stages: stages)
    Console.current.withLock { $0 = console }
    return console
  }
}

extension ProgressRenderer.Mode: ExpressibleByArgument {}
extension TerminalStyle.ColorMode: ExpressibleByArgument {}
