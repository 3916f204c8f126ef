import Crypto
import Diagnostics
import Foundation
import Targets

/// The device-side sources, which travel with this module as resources.
enum DeviceSources {
  /// The parts that device modules are made of, and the boards that firmware is made for.
  static let parts = ["CIntrinsics", "DeviceFormats", "DeviceKernels", "DeviceRuntime", "firmware-stubs"]

  /// Links the sources into a folder under the same names, so that compilers see the same relative paths wherever edgepack is installed:
  /// paths go into objects, and equal programs must be equal bytes.
  /// - Throws: `incomplete-installation`, `folder-unwritable`.
  static func link(into folder: URL) throws(Failure) {
    let resources = URL(fileURLWithPath: try InstalledResources.current.path(of: .deviceSources))
    let files = FileManager.default
    do {
      try files.createDirectory(at: folder, withIntermediateDirectories: true)
      for part in parts {
        let link = folder.appendingPathComponent(part)
        // A link that leads nowhere does not "exist", but is in the way.
        if (try? files.destinationOfSymbolicLink(atPath: link.path)) != nil { try files.removeItem(at: link) }
        try files.createSymbolicLink(at: link, withDestinationURL: resources.appendingPathComponent(part))
      }
    } catch {
      throw .unwritable(folder.path, in: folder.path, error)
    }
  }

  /// Swift files below `subfolder` of a linked folder, as sorted relative paths.
  static func swiftFiles(_ subfolder: String, in folder: URL) throws(Failure) -> [String] {
    try files(subfolder, ending: ".swift", in: folder)
  }

  static func files(_ subfolder: String, ending: String, in folder: URL) throws(Failure) -> [String] {
    let paths: [String]
    do {
      paths = try FileManager.default.subpathsOfDirectory(atPath: folder.appendingPathComponent(subfolder).resolvingSymlinksInPath().path)
    } catch {
      throw Failure(
        .incompleteInstallation, "the device sources of \(subfolder) are not installed", hint: "install edgepack again: make install")
    }
    return paths.filter { $0.hasSuffix(ending) }.sorted().map { "\(subfolder)/\($0)" }
  }
}

/// A hash over what turns a lowered program into bytes besides this code itself: the device sources and the compilers.
/// - Throws: `missing-tool` without a toolchain, `incomplete-installation` without the sources.
public func deviceToolsIdentity() throws(Failure) -> String {
  let resources = URL(fileURLWithPath: try InstalledResources.current.path(of: .deviceSources))
  var hash = SHA256()
  for part in DeviceSources.parts {
    for file in try DeviceSources.files(part, ending: "", in: resources) {
      // Folders are no files, and a link counts as what it leads to.
      guard let content = FileManager.default.contents(atPath: resources.appendingPathComponent(file).path) else { continue }
      hash.update(data: Data("\(file) \(content.count)\0".utf8) + content)
    }
  }
  hash.update(data: Data(try Toolchain.locate().identity().utf8))
  return hash.finalize().map(hexadecimal).joined()
}
