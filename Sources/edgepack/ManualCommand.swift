import ArgumentParser
import Foundation

/// Prints the manual page, for `make install`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page (roff)", shouldDisplay: false)

  func run() throws { print(try ManualPage().text) }
}

/// The manual page in the `man` macros (man(7)), made from the same descriptions as `--help`.
struct ManualPage {
  private let root: Command

  /// - Throws: if the parser's description of the commands has another form than the one that is read here.
  init() throws { root = try JSONDecoder().decode(Tool.self, from: Data(Edgepack._dumpHelp().utf8)).command }

  var text: String {
    var lines = [
      ".TH EDGEPACK 1 \"\" \"edgepack \(Edgepack.configuration.version)\" \"User Commands\"", ".SH NAME",
      "edgepack \\- \(Self.escaped(root.abstract ?? ""))", ".SH SYNOPSIS",
    ]
    for line in ["edgepack MODEL.onnx --data train.npz --target NAME [options]", "edgepack COMMAND [options]"] {
      lines += [".B \(Self.escaped(line))", ".br"]
    }
    lines += [".SH DESCRIPTION"] + Self.description.map(Self.escaped) + [".SH COMMANDS"]
    for command in root.subcommands ?? [] where command.isShown { lines += section(command, path: "edgepack") }
    for (title, entries) in Self.appendix {
      lines.append(".SH \(title)")
      for (name, meaning) in entries { lines += [".TP", ".B \(Self.escaped(name))", Self.escaped(meaning)] }
    }
    return lines.joined(separator: "\n")
  }

  private func section(_ command: Command, path: String) -> [String] {
    let path = "\(path) \(command.commandName)"
    var lines = [".SS \(Self.escaped(path))"]
    if let abstract = command.abstract { lines.append(Self.escaped(abstract) + ".") }
    if let discussion = command.discussion, !discussion.isEmpty {
      let texts = discussion.split(separator: "\n").map { Self.escaped(String($0)) }
      // Several lines are laid out by hand.
      lines += [".PP"] + (texts.count > 1 ? [".nf"] + texts + [".fi"] : texts)
    }
    for argument in command.arguments ?? [] where argument.shouldDisplay {
      lines += [".TP", ".B \(Self.escaped(argument.title))", Self.escaped(argument.meaning)]
    }
    for nested in command.subcommands ?? [] where nested.isShown { lines += section(nested, path: path) }
    return lines
  }

  /// Characters that roff would take for requests.
  private static func escaped(_ text: String) -> String {
    let text = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\n", with: " ")
    return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
  }

  private static let description = [
    "edgepack turns a trained ONNX model into a small static int8 program for one device, and proves on the emulated device that every",
    "byte is right and that the memory suffices. It ends with FITS or DOES NOT FIT and one line for each axis of the budget.",
  ]

  private static let appendix: [(String, [(String, String)])] = [
    (
      "EXIT STATUS",
      [
        ("0", "Fits, or done."), ("1", "Does not fit, or outputs differ; 0 with --exit-zero."),
        ("2", "An error of input or usage, or a missing tool."), ("70", "A fault of edgepack."), ("130", "Interrupted."),
      ]
    ),
    (
      "ENVIRONMENT",
      [
        ("NO_COLOR", "If not empty, colour is used only with --color always."),
        ("EDGEPACK_TARGETS", "Folders with target profiles, separated by colons, that are searched first."),
        ("XDG_CACHE_HOME", "Holds edgepack/: compiled kernels, and the kernel of the emulated machine."),
      ]
    ),
    (
      "FILES",
      [
        ("edgepack.yaml", "Settings of the working folder; `edgepack init` writes one."),
        ("PREFIX/share/edgepack", "Target profiles, and the sources that device programs are compiled from."),
      ]
    ),
  ]
}

// The parser's description of a tool (its ToolInfo, version 0), as far as it is used.
extension ManualPage {
  private struct Tool: Decodable { var command: Command }

  private struct Command: Decodable {
    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool?
    var subcommands: [Command]?
    var arguments: [Argument]?

    /// `help` comes from the parser and explains itself.
    var isShown: Bool { shouldDisplay != false && commandName != "help" }
  }

  private struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    var kind: String
    var shouldDisplay: Bool
    var names: [Name]?
    var valueName: String?
    var defaultValue: String?
    var abstract: String?

    /// `-t, --target <name|file>`
    var title: String {
      let value = valueName.map { "<\($0)>" } ?? ""
      guard kind != "positional" else { return value }
      let names = (names ?? []).map { ($0.kind == "short" ? "-" : "--") + $0.name }.joined(separator: ", ")
      return kind == "flag" || value.isEmpty ? names : "\(names) \(value)"
    }

    var meaning: String {
      (abstract ?? "") + (kind == "option" ? defaultValue.map { " Default: \($0)." } ?? "" : "")
    }
  }
}
