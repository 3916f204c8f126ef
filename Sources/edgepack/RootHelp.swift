import ArgumentParser

/// What `edgepack --help` prints: the command line that most people need, then the commands, then the options that matter most.
enum RootHelp {
  /// The names of all commands that help shows.
  static var commands: [String] {
    Edgepack.configuration.groupedSubcommands.flatMap { shown($0.subcommands) }
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
    let groups = Edgepack.configuration.groupedSubcommands
    return groups.enumerated().map { index, group in
      let names = shown(group.subcommands).map { $0 == PackCommand.configuration.commandName ? "\($0) (default)" : $0 }
      let title = group.name.uppercased()
      return title + String(repeating: " ", count: max(1, 19 - title.count))
        + (names + (index == groups.count - 1 ? ["help"] : [])).joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// Names of the commands that are no secret.
  private static func shown(_ commands: [any ParsableCommand.Type]) -> [String] {
    commands.compactMap { $0.configuration.shouldDisplay ? $0.configuration.commandName : nil }
  }
}
