import Diagnostics
import Foundation

/// The files that travel with the program. They are found from the running program itself, so that an installation may be moved as a
/// whole and neither the sources nor the folder in which it was built are needed.
///
/// Installed, they lie in `../share/edgepack` of the program's folder; in a build folder the package manager copies them beside it.
public struct InstalledResources: Hashable, Sendable {
  public enum Part: String, CaseIterable, Sendable {
    /// The profiles that `--target` knows by name.
    case targets
    /// What device programs are compiled from.
    case deviceSources
    /// The script that fetches the kernel of the emulated machine.
    case machineKernelScript

    /// In `share/edgepack`.
    var installedPath: String {
      switch self {
      case .targets: "targets"
      case .deviceSources: "device"
      case .machineKernelScript: "fetch-machine-kernel.sh"
      }
    }

    /// In the build folder: `edgepack_MODULE.resources` of the module that declares it.
    var builtPath: String {
      switch self {
      case .targets: "edgepack_Targets.resources/targets"
      case .deviceSources: "edgepack_DeviceCompiler.resources"
      case .machineKernelScript: "edgepack_Deployment.resources/fetch-machine-kernel.sh"
      }
    }

    /// As messages call it.
    public var title: String {
      switch self {
      case .targets: "the target profiles"
      case .deviceSources: "the device sources"
      case .machineKernelScript: "the script that fetches the machine's kernel"
      }
    }
  }

  /// The folder of the program, links resolved.
  public var programFolder: String

  public init(programFolder: String) { self.programFolder = programFolder }

  /// Those of the running program.
  public static let current = InstalledResources(
    programFolder: URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path)

  /// - Throws: `incomplete-installation` with the places that were looked at.
  public func path(of part: Part) throws(Failure) -> String {
    let share = URL(fileURLWithPath: programFolder).deletingLastPathComponent().appendingPathComponent("share/edgepack").path
    let places = ["\(share)/\(part.installedPath)", "\(programFolder)/\(part.builtPath)"]
    guard let place = places.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw Failure(
        .incompleteInstallation, "\(part.title) of edgepack are not where the program looks for them", details: places,
        hint: "install again, in the sources of edgepack: make install PREFIX=\((programFolder as NSString).deletingLastPathComponent)")
    }
    return place
  }
}
