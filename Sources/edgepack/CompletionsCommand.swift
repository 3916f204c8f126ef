import ArgumentParser

struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions", abstract: "Print a completion script for a shell",
    discussion: """
      bash   edgepack completions bash > ~/.local/share/bash-completion/completions/edgepack
      zsh    edgepack completions zsh > FOLDER/_edgepack, with FOLDER in $fpath
      fish   edgepack completions fish > ~/.config/fish/completions/edgepack.fish
      """)

  enum Shell: String, ExpressibleByArgument, CaseIterable { case bash, zsh, fish }

  @Argument(help: "bash, zsh or fish.")
  var shell: Shell

  func run() {
    let kind: CompletionShell =
      switch shell {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    print(Edgepack.completionScript(for: kind))
  }
}
