import ArgumentParser
import Diagnostics
import Report
import Targets

struct TargetsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "targets", abstract: "List the target profiles that --target knows by name")

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
