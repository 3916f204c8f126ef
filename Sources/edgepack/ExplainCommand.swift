import ArgumentParser
import Packager
import Report

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Say what a figure is made of, what a layer costs, or what an error code means",
    usage: """
      edgepack explain [BUILD] ram|flash|latency|energy|power|accuracy
             edgepack explain [BUILD] LAYER
             edgepack explain CODE
      """)

  @Argument(help: "An axis, a layer or an error code; and a build folder, build if not given.")
  var words: [String]

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() throws {
    let console = outputOptions.console()
    let explanation = try explain(words)
    console.print(console.json ? try explanation.json() : console.quiet ? explanation.headline : explanation.text(style: console.style))
  }
}
