import ArgumentParser
import Deployment
import Diagnostics
import Foundation
import Packager
import Report
import Targets

struct TargetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "targets", abstract: "List, show, check, write and measure target profiles",
    subcommands: [List.self, Show.self, Check.self, New.self, Measure.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the profiles that --target knows by name (the default)")

    private struct Document: Encodable {
      var schema = Answer.schemaVersion
      var targets: [TargetProfile]
    }

    @OptionGroup(title: "Output")
    var outputOptions: OutputOptions

    func run() throws {
      let console = outputOptions.console()
      let library = try TargetLibrary.standard()
      var profiles: [TargetProfile] = []
      for name in library.names { profiles.append(try library.profile(name).profile) }
      if console.json {
        console.print(try JSONText.encode(Document(targets: profiles)))
      } else {
        let width = profiles.map(\.name.count).max() ?? 0
        for profile in profiles {
          console.print(profile.name + String(repeating: " ", count: width - profile.name.count + 2) + profile.summary)
        }
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show a profile with the sources of its figures")

    private struct Document: Encodable {
      var schema = Answer.schemaVersion
      var target: TargetProfile
    }

    @Argument(help: ArgumentHelp("A profile's name, a YAML file, or native.", valueName: "name|file"))
    var target: String

    @OptionGroup(title: "Output")
    var outputOptions: OutputOptions

    func run() throws {
      let console = outputOptions.console()
      let read = try TargetLibrary.standard().profile(target)
      for warning in read.warnings { console.progress(.diagnostic(warning)) }
      if console.json {
        console.print(try JSONText.encode(Document(target: read.profile)))
      } else if console.quiet {
        console.print("\(read.profile.name)  \(read.profile.summary)")
      } else {
        console.print(TargetScreen(read.profile, style: console.style).text())
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check a profile: all its faults with line and column")

    private struct Document: Encodable {
      var schema = Answer.schemaVersion
      var name: String
      var warnings: [Diagnostic]
    }

    @Argument(help: ArgumentHelp("The YAML file.", valueName: "file"))
    var file: String

    @OptionGroup(title: "Output")
    var outputOptions: OutputOptions

    func run() throws {
      let console = outputOptions.console()
      let read = try ProfileReader.read(file: file)
      if console.json {
        console.print(try JSONText.encode(Document(name: read.profile.name, warnings: read.warnings)))
      } else {
        for warning in read.warnings { console.progress(.diagnostic(warning)) }
        let count = read.warnings.count
        let remarks = count == 0 ? "no remarks" : "\(count) \(count == 1 ? "warning" : "warnings")"
        console.print("\(file): \(read.profile.name) is a good profile, \(remarks)")
      }
    }
  }

  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Write a commented profile to fill in")

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write; standard output if not given.", valueName: "file"))
    var output: String?

    @Flag(name: .long, help: "Replace an existing file.")
    var force = false

    @OptionGroup(title: "Output")
    var outputOptions: OutputOptions

    func run() throws {
      let console = outputOptions.console()
      let name = output.map { (($0 as NSString).lastPathComponent as NSString).deletingPathExtension } ?? "my-board"
      let text = ProfileTemplate.yaml(name: name)
      guard let output else { return console.print(String(text.dropLast())) }
      try writeProfile(text, to: output, force: force)
      console.print("\(output): fill it in, then: edgepack targets check \(output)")
    }
  }

  struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Time a machine and write its profile")

    private struct Document: Encodable {
      var schema = Answer.schemaVersion
      var target: TargetProfile
      var notes: [String]
    }

    @Option(name: .long, help: ArgumentHelp("The machine: native.", valueName: "place"))
    var on = "native"

    @Option(name: [.short, .long], help: ArgumentHelp("The file to write.", valueName: "file"))
    var output: String

    @Option(name: .long, help: ArgumentHelp("How often each probe is timed; medians count.", valueName: "count"))
    var rounds = 7

    @Flag(name: .long, help: "Replace an existing file.")
    var force = false

    @OptionGroup(title: "Output")
    var outputOptions: OutputOptions

    func run() async throws {
      let console = outputOptions.console(stages: MeasureStage.allCases.map(\.rawValue))
      guard rounds > 0 else { throw Failure(.usage, "--rounds \(rounds) measures nothing") }
      try requireWritable(output, force: force)
      let name = ((output as NSString).lastPathComponent as NSString).deletingPathExtension
      let place = try measuringPlace(on)
      let measured = try await measureTarget(at: place, MeasureRequest(name: name, rounds: rounds), progress: console.progress)
      try writeProfile(measured.yaml, to: output, force: force)
      if console.json {
        console.print(try JSONText.encode(Document(target: measured.profile, notes: measured.notes)))
      } else if console.quiet {
        console.print(output)
      } else {
        console.print(TargetScreen(measured.profile, style: console.style).text())
        for note in measured.notes { console.print(" note    \(note)") }
        console.print("\n next    edgepack MODEL.onnx --data TRAIN.npz --target \(output.contains("/") ? output : "./" + output)")
      }
    }
  }
}

private func measuringPlace(_ option: String) throws(Failure) -> any MeasuringPlace {
  switch try ProofPlace(option: option) {
  case .native: return try NativeMeasuringPlace()
  case .user, .machine, .firmware:
    throw Failure(.usage, "--on \(option) is an emulator, which has no clock of its own", hint: "--on native")
  }
}

private func requireWritable(_ path: String, force: Bool) throws(Failure) {
  let folder = (path as NSString).deletingLastPathComponent
  guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
    throw Failure(.folderUnwritable, "\(path) cannot be written: there is no such folder, or it is not yours", at: Location(file: path))
  }
  guard force || !FileManager.default.fileExists(atPath: path) else {
    throw Failure(.folderUnwritable, "\(path) exists already", at: Location(file: path), hint: "--force replaces it")
  }
}

private func writeProfile(_ text: String, to path: String, force: Bool) throws(Failure) {
  try requireWritable(path, force: force)
  do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
    throw Failure(.folderUnwritable, "\(path) cannot be written: \(error.localizedDescription)", at: Location(file: path))
  }
}
