import Deployment
import Diagnostics
import Foundation

/// The result folder: what is being made lies in `.edgepack/next/` and is moved in when it is complete.
struct RunFolder: Sendable {
  let path: String
  /// Whether nothing was there before.
  private let isNew: Bool

  var staging: String { path + "/.edgepack/next" }
  /// Intermediate files of the compilers.
  var work: String { path + "/.edgepack/compile" }
  var best: String { path + "/best" }

  /// - Throws: `foreign-folder` for a folder with other content that edgepack did not make, `folder-unwritable`.
  init(_ path: String, force: Bool) throws(Failure) {
    self.path = path
    let files = FileManager.default
    var isFolder: ObjCBool = false
    isNew = !files.fileExists(atPath: path, isDirectory: &isFolder)
    if !isNew {
      guard isFolder.boolValue else {
        throw Failure(.folderUnwritable, "\(path) is a file, not a folder", at: Location(file: path), hint: "give another folder: -o NAME")
      }
      let entries = (try? files.contentsOfDirectory(atPath: path)) ?? []
      let isOurs =
        entries.contains(BuildManifest.fileName) || entries.contains(".edgepack")
        || files.fileExists(atPath: best + "/" + BuildManifest.fileName)
      guard entries.isEmpty || isOurs || force else {
        throw Failure(
          .foreignFolder, "\(path) holds files that edgepack did not make", details: Array(entries.sorted().prefix(5)),
          at: Location(file: path), hint: "give another folder with -o, or --force to write into this one")
      }
    }
    do {
      try? files.removeItem(atPath: staging)
      // Compiled modules there remember their path, which is another one if the folder was moved or copied.
      try? files.removeItem(atPath: work)
      try files.createDirectory(atPath: staging, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .folderUnwritable, "\(path) cannot be written: \(error.localizedDescription)", at: Location(file: path),
        hint: "choose a folder that you may write to: -o NAME")
    }
  }

  /// Moves the staged build in: over the earlier result, or into `best/` beside it.
  /// - Parameter fits: decides where.
  /// - Returns: the folder that now holds the build.
  func publish(fits: Bool) throws(Failure) -> String {
    let files = FileManager.default
    let destination = fits ? path : best
    do {
      try files.createDirectory(atPath: destination, withIntermediateDirectories: true)
      let previous = builtFiles(in: destination)
      for entry in try files.contentsOfDirectory(atPath: staging).sorted() {
        let target = destination + "/" + entry
        if files.fileExists(atPath: target) { try files.removeItem(atPath: target) }
        try files.moveItem(atPath: staging + "/" + entry, toPath: target)
      }
      let current = builtFiles(in: destination)
      for stale in previous.subtracting(current) { try? files.removeItem(atPath: destination + "/" + stale) }
      if fits, files.fileExists(atPath: best + "/" + BuildManifest.fileName) { try? files.removeItem(atPath: best) }
      try? files.removeItem(atPath: path + "/.edgepack")
    } catch {
      throw Failure(
        .folderUnwritable, "the build cannot be moved to \(destination): \(error.localizedDescription)", at: Location(file: destination))
    }
    return destination
  }

  /// Removes what a pack that failed has left of its own, and the folder that it made.
  func discard() {
    let files = FileManager.default
    try? files.removeItem(atPath: path + "/.edgepack")
    // Fails, as it should, if something else came into it meanwhile.
    if isNew { _ = rmdir(path) }
  }

  /// What SHA256SUMS lists: the files of the build that lies there.
  private func builtFiles(in folder: String) -> Set<String> {
    guard let text = try? String(contentsOfFile: folder + "/SHA256SUMS", encoding: .utf8) else { return [] }
    return Set(
      text.split(separator: "\n").compactMap { $0.split(separator: " ", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) } }
    )
  }
}
