import Diagnostics
import Foundation
import Targets

/// The Linux kernels that emulated machines boot, one for each architecture, fetched by `edgepack doctor --fetch-machine`.
public struct KernelImageStore: Sendable {
  /// Holds `ARCHITECTURE/Image`.
  public var folder: URL

  public init(folder: URL) { self.folder = folder }

  /// `machines` in the user's cache folder.
  public static var standard: KernelImageStore { KernelImageStore(folder: CacheFolder.url().appendingPathComponent("machines")) }

  /// - Throws: `missing-tool` with the command that fetches the kernel.
  public func image(for architecture: TargetProfile.Processor.Architecture) throws(Failure) -> URL {
    let image = folder.appendingPathComponent("\(architecture.rawValue)/Image")
    guard FileManager.default.isReadableFile(atPath: image.path) else {
      throw Failure(
        .missingTool, "the \(architecture.rawValue) kernel of the emulated machine is missing", at: Location(file: image.path),
        hint: "edgepack doctor --fetch-machine")
    }
    return image
  }

  /// Fetches the kernel from Debian, unless it is there; nothing is installed, and no root is needed.
  /// - Returns: what the script says, without the last line end; empty if the kernel was there.
  /// - Throws: `tool-failed` with its last lines; `incomplete-installation` if the script is missing.
  public static func fetch() async throws(Failure) -> String {
    let script = try InstalledResources.current.path(of: .machineKernelScript)
    // The package has some 60 MB.
    let child = ChildProcess(executable: URL(fileURLWithPath: script), arguments: [], timeLimit: .seconds(1800))
    let outcome = try await child.run()
    guard outcome.exitCode == 0 else {
      throw Failure(
        .toolFailed, "the machine's kernel could not be fetched",
        details: outcome.errorOutput.split(separator: "\n").suffix(6).map(String.init))
    }
    return String(decoding: outcome.output, as: UTF8.self).split(separator: "\n").joined(separator: "\n")
  }
}
