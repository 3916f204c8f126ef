import ArgumentParser
import Packager
import Targets

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write edgepack.yaml with every setting, commented, for `edgepack` to read",
    usage: "edgepack init [MODEL.onnx] [options]")

  @Argument(help: "The trained model; else the only ONNX file here, if there is one.", completion: .file(extensions: ["onnx"]))
  var model: String?

  @Option(name: .long, help: ArgumentHelp("Data to calibrate with.", valueName: "file"), completion: .file(extensions: ["npz", "npy"]))
  var data: String?

  @Option(
    name: [.short, .long], help: ArgumentHelp("A profile's name, a YAML file, or native.", valueName: "name|file"), completion: .targets)
  var target: String?

  @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "file"))
  var output = ConfigurationFile.standardName

  @Flag(name: .long, help: "Write over a file that is there.")
  var force = false

  @OptionGroup(title: "Output")
  var outputOptions: OutputOptions

  func run() throws {
    let console = outputOptions.console()
    var template = ConfigurationTemplate(folder: ".")
    if let model { template.model = model }
    if let data { template.data = data }
    if let target { template.target = target }
    try template.write(to: output, force: force)
    console.print(console.json ? try template.json(writtenTo: output) : "wrote \(output); `edgepack --show-config` shows what it means")
  }
}
