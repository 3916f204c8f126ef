import ArgumentParser

/// What `edgepack --help` prints: the command line that most people need, then the commands, then the options that matter most.
enum RootHelp {
  /// The names of all commands that help shows.
  static var commands: [String] {
    Edgepack.configuration.groupedSubcommands.flatMap(\.subcommands).filter(\.configuration.shouldDisplay)
      .compactMap(\.configuration.commandName)
  }

  static func isAskedFor(by arguments: [String]) -> Bool {
    switch arguments {
    case ["--help"], ["-h"], ["help"]: true
    default: false
    }
  }

  static var text: String {
    """
    edgepack: make a trained model fit a device, and prove it

      edgepack model.onnx --data train.npz --target arm64-512mb -o build/

    \(groups)

    Packing, the default, takes:
      --data FILE            npz with arrays x and y; calibrates and measures
      --val FILE             data to measure on; else a fifth of --data
      -t, --target NAME      a profile (`edgepack targets`), a file, or native
      -o, --output FOLDER    the result; build if not given
      --max-ram 64MiB        limits, with their units; also --max-flash 32MiB
                             and --max-accuracy-drop 1pt
      --dry-run              what would be done, before anything is computed
    `edgepack pack --help` lists all options, `edgepack doctor` what is missing
    on this machine. Exit codes: 0 fits or done, 1 does not fit or differs,
    2 an error, 130 interrupted, 70 a fault of edgepack.
    """
  }

  private static var groups: String {
    Edgepack.configuration.groupedSubcommands.enumerated().map { index, group in
      var names = group.subcommands.filter(\.configuration.shouldDisplay).compactMap { command in
        command.configuration.commandName.map { command == PackCommand.self ? "\($0) (default)" : $0 }
      }
      if index == Edgepack.configuration.groupedSubcommands.count - 1 { names.append("help") }
      let title = group.name.uppercased()
      return title + String(repeating: " ", count: max(1, 19 - title.count)) + names.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}
