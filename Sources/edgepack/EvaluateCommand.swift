import ArgumentParser
import Deployment
import Diagnostics
import Packager
import Report

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure a packed program's answers on a data set",
    usage: "edgepack evaluate BUILD --data test.npz [options]")

  @Argument(help: "A build folder.")
  var folder: String

  @Option(name: .long, help: ArgumentHelp("Arrays x and y of an npz file.", valueName: "file"))
  var data: String

  @Option(name: .long, help: ArgumentHelp("Multiplies outputs before they are compared with labels (rmse).", valueName: "scale"))
  var outputScale = 1.0

  @OptionGroup(title: "Data")
  var dataOptions: DataOptions

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() async throws {
    let console = outputOptions.console(stages: ["evaluate"])
    let request = EvaluationRequest(
      folder: folder, data: data, inputArray: dataOptions.input, labelArray: dataOptions.label,
      inputScale: try parsedNumber(dataOptions.inputScale, "--input-scale"),
      inputOffset: try parsedNumber(dataOptions.inputOffset, "--input-offset"), metric: dataOptions.metric, outputScale: outputScale)
    let screen = try await evaluate(request, progress: console.progress)
    console.print(console.json ? try screen.json() : screen.text())
  }
}
