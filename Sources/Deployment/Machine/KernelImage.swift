import Diagnostics
import Foundation
import Targets

/// The Linux kernels that emulated machines boot, one for each architecture, fetched by Scripts/fetch-machine-kernel.sh.
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
}
