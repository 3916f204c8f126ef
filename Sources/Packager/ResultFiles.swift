import Deployment
import Diagnostics
import Foundation
import Report

/// `README.txt`: what the folder holds and how to use it.
func readMe(_ manifest: BuildManifest) -> String {
  let name = manifest.name
  let library = manifest.library == nil ? "" : libraryText(name, isProgram: manifest.kind == .program)
  switch manifest.kind {
  case .program:
    return """
      \(name): a static program for \(manifest.target.name), packed by edgepack.

      copy    scp \(name) \(name).epk BOARD:
      prove   ./\(name) --self-test
      run     ./\(name) input.npy           one line a sample
              ./\(name) -o out.npy input.npy
      \(library)
      plan.json replays this build; report.json is the answer; SHA256SUMS checks the files.

      """
  case .firmware:
    return """
      \(name): firmware for \(manifest.target.name), packed by edgepack.

      \(name).elf runs in QEMU and loads with a debugger, \(name).bin is the image for the flash.
      edgepack smoke . proves it in the emulator.
      \(library)
      """
  }
}

/// How to use the library of a build.
private func libraryText(_ name: String, isProgram: Bool) -> String {
  """

  library lib\(name).a, \(name).h and \(name).epk are the same network for C and C++; \(name).h explains every function.
          cc main.c $(PKG_CONFIG_PATH=pkgconfig pkg-config --cflags --libs \(name))
          cmake -D CMAKE_PREFIX_PATH=FOLDER with: find_package(\(name) REQUIRED) target_link_libraries(main \(name)::\(name))
          The \(isProgram ? "program" : "firmware") above is linked with lib\(name).a: its proof is one of the library.

  """
}

/// The files of a build with sizes and kinds, sorted by path.
func listFiles(_ folder: String) throws(Failure) -> [Answer.File] {
  var files: [Answer.File] = []
  for path in try relativePaths(folder) {
    let size = (try? FileManager.default.attributesOfItem(atPath: folder + "/" + path)[.size] as? Int) ?? 0
    files.append(Answer.File(path: path, bytes: size, kind: kind(of: path)))
  }
  return files
}

/// `SHA256SUMS`, in the form that `sha256sum -c` reads.
func checksums(_ folder: String) throws(Failure) -> String {
  var lines = ""
  for path in try relativePaths(folder) where path != "SHA256SUMS" { lines += "\(try hash(ofFile: folder + "/" + path))  \(path)\n" }
  return lines
}

func relativePaths(_ folder: String) throws(Failure) -> [String] {
  do {
    return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder) && !isFolder.boolValue
    }
  } catch {
    throw Failure(.fileUnreadable, "\(folder) cannot be listed: \(error.localizedDescription)")
  }
}

private func kind(of path: String) -> Answer.File.Kind {
  switch path {
  case "build.json": return .manifest
  case "plan.json": return .plan
  case "report.json": return .report
  case _ where path.hasPrefix("cmake/") || path.hasPrefix("pkgconfig/") || path.hasSuffix(".a"): return .library
  case _ where path.hasSuffix(".h") && !path.contains("/"): return .library
  case _ where path.hasPrefix("golden/"): return .golden
  case _ where path.hasPrefix("source/"): return .source
  case _ where path.hasPrefix("machine/"): return .machine
  case _ where path.hasPrefix("hls/"): return .accelerator
  case _ where path.hasSuffix(".epk"): return .weights
  case _ where path.hasSuffix(".elf") || path.hasSuffix(".bin"): return .firmware
  case _ where path.hasSuffix(".txt") || path.hasSuffix(".map"): return .text
  default: return .program
  }
}
