import ArgumentParser
import Diagnostics
import Packager
import Report

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show a model's layers: operations, parameters, activation bytes",
    usage: "edgepack inspect MODEL.onnx [-t TARGET] [options]")

  @Argument(help: "The trained model, an ONNX file.")
  var model: String

  @Option(name: [.short, .long], help: ArgumentHelp("Also plan the arena for this target, as int8.", valueName: "name|file"))
  var target: String?

  @Option(name: .long, parsing: .singleValue, help: ArgumentHelp("Fix an input's dimensions.", valueName: "name=1,3,96,96"))
  var shape: [String] = []

  @Flag(name: .long, help: "Show every layer, not the 15 largest.")
  var all = false

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() throws {
    let console = outputOptions.console()
    let inspection = try inspect(model: model, shapes: try parsedShapes(shape), target: target)
    let screen = InspectScreen(model: inspection.model, rows: inspection.rows, showsAll: all || console.verbose, style: console.style)
    if console.json {
      console.print(try screen.json())
    } else if console.quiet {
      console.print(screen.headline)
    } else {
      console.print(screen.text())
      if let summary = inspection.targetSummary { console.print("\n" + summary) }
    }
  }
}
