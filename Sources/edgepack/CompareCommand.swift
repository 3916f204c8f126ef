import ArgumentParser
import Packager
import Report

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Show two builds side by side: budget, layers, files",
    usage: "edgepack compare A/ B/ [--markdown] [options]")

  @Argument(help: "A build folder.", completion: .directory)
  var before: String

  @Argument(help: "Another one.", completion: .directory)
  var after: String

  @Flag(name: .long, help: "Print tables for a pull request.")
  var markdown = false

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() throws {
    let console = outputOptions.console()
    let comparison = Comparison(
      before: .init(folder: before, answer: try buildReport(before)), after: .init(folder: after, answer: try buildReport(after)))
    if console.json {
      console.print(try comparison.json())
    } else {
      console.print(markdown ? comparison.markdown() : comparison.text(style: console.style))
    }
  }
}
