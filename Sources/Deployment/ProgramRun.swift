import Diagnostics
import Foundation

/// One use of a packed program on the user's own input: `edgepack run build/ input.npy`.
public struct ProgramRun: Sendable {
  public var folder: BuildFolder
  /// An `.npy` file, or a raw file of samples in the stored element type.
  public var input: URL
  /// Where the answers go as an npy file; nil prints them as text, one line a sample.
  public var output: URL?
  /// int8 values instead of floats; with `output` only.
  public var writesRawOutput: Bool
  var environment: RunEnvironment

  public init(
    folder: BuildFolder, input: URL, output: URL? = nil, writesRawOutput: Bool = false, environment: RunEnvironment = RunEnvironment()
  ) {
    self.folder = folder
    self.input = input
    self.output = output
    self.writesRawOutput = writesRawOutput
    self.environment = environment
  }

  /// - Parameter place: where the program sees this computer's files; nil takes the simplest such place.
  /// - Returns: what the program printed.
  /// - Throws: `file-not-found`, `usage`, `program-failed` with the program's own message, and what runners throw.
  public func run(at place: ProofPlace? = nil) async throws(Failure) -> String {
    guard FileManager.default.isReadableFile(atPath: input.path) else {
      throw Failure(.fileNotFound, "\(input.relativePath) is not there or cannot be read", at: Location(file: input.relativePath))
    }
    guard !writesRawOutput || output != nil else { throw Failure(.usage, "raw output needs a file", hint: "-o OUT.npy --raw-output") }
    let place = place ?? folder.placeWithFiles
    guard place != .machine else {
      throw Failure(
        .usage, "\(place.title) cannot see this computer's files", hint: "leave --on out, or --on \(folder.placeWithFiles.rawValue)")
    }
    let destination = output.map { ["-o", $0.path] + (writesRawOutput ? ["--raw-output"] : []) } ?? []
    let result = try await folder.runner(at: place, environment: environment).run(arguments: destination + [input.path])
    guard result.exitCode == 0 else {
      throw Failure(.programFailed, "the program ended with \(result.exitCode)", details: result.lastLines)
    }
    return result.standardOutput
  }
}
