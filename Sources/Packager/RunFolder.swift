import Deployment
import Diagnostics
import Foundation

/// The result folder, held by this run alone: what is being made lies in `.edgepack/next/` and is moved in when it is complete; saved
/// stages lie in `.edgepack/stages/`.
struct RunFolder: Sendable {
  let path: String
  /// Whether nothing was there before.
  private let isNew: Bool
  private let lock: FolderLock

  var staging: String { path + "/" + Publication.stagingFolder }
  /// Intermediate files of the compilers and of the emulator.
  var work: String { path + "/.edgepack/compile" }
  var best: String { path + "/" + Publication.bestFolder }
  static let stages = ".edgepack/stages"

  /// Locks the folder, and puts in order what an interrupted run has left.
  /// - Throws: `foreign-folder` for a folder with other content that edgepack did not make, `folder-busy` while another run writes into
  ///   it, `folder-unwritable`, `no-space`.
  init(_ path: String, force: Bool) throws(Failure) {
    self.path = path
    isNew = try Self.checkContent(path, force: force)
    let workingFolder = path + "/" + Publication.workingFolder
    do {
      try FileManager.default.createDirectory(atPath: workingFolder, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path, in: path, error)
    }
    lock = try FolderLock.take(path + "/" + Publication.lockFile, for: path)
    try Publication(folder: path).repair()
    removeStale()
    do {
      try FileManager.default.createDirectory(atPath: staging, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(path, in: path, error)
    }
  }

  /// Removes everything but saved stages. A compiler that outlived a killed run may still be writing: its folder is moved away first, so
  /// that the next one of that name is another folder.
  private func removeStale() {
    let files = FileManager.default
    let workingFolder = path + "/" + Publication.workingFolder
    _ = rename(work, "\(workingFolder)/stale-\(UUID().uuidString)")
    let kept = [Publication.lockFile, Self.stages].map { ($0 as NSString).lastPathComponent }
    for entry in (try? files.contentsOfDirectory(atPath: workingFolder)) ?? [] where !kept.contains(entry) {
      try? files.removeItem(atPath: workingFolder + "/" + entry)
    }
  }

  /// - Returns: whether nothing is there yet.
  private static func checkContent(_ path: String, force: Bool) throws(Failure) -> Bool {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder) else { return true }
    guard isFolder.boolValue else {
      throw Failure(.folderUnwritable, "\(path) is a file, not a folder", at: Location(file: path), hint: "give another folder: -o NAME")
    }
    let entries = (try? files.contentsOfDirectory(atPath: path)) ?? []
    let isOurs =
      entries.contains(BuildManifest.fileName) || entries.contains(Publication.workingFolder)
      || files.fileExists(atPath: path + "/" + Publication.bestFolder + "/" + BuildManifest.fileName)
    guard entries.isEmpty || isOurs || force else {
      throw Failure(
        .foreignFolder, "\(path) holds files that edgepack did not make", details: Array(entries.sorted().prefix(5)),
        at: Location(file: path), hint: "give another folder with -o, or --force to write into this one")
    }
    return false
  }

  /// Moves the staged build in: over the earlier result, or into `best/` beside it. Saved stages stay.
  /// - Parameter fits: decides where.
  /// - Returns: the folder that now holds the build.
  func publish(fits: Bool) throws(Failure) -> String {
    try? FileManager.default.removeItem(atPath: work)
    let stages = (try? FileManager.default.contentsOfDirectory(atPath: path + "/" + Self.stages)) ?? []
    return try Publication(folder: path).publish(
      intoBest: !fits, keeping: [Publication.lockFile] + stages.sorted().map { Self.stages + "/" + $0 })
  }

  /// Removes what a pack that failed has left, but for the stages that it saved; without any, also the folder that it made.
  func discard() {
    let files = FileManager.default
    try? files.removeItem(atPath: work)
    // What could not be moved in completely is completed by the next run, from the staging folder.
    guard !Publication.isUnfinished(path) else { return }
    try? files.removeItem(atPath: staging)
    let stages = (try? files.contentsOfDirectory(atPath: path + "/" + Self.stages)) ?? []
    guard stages.isEmpty else { return }
    try? files.removeItem(atPath: path + "/" + Publication.workingFolder)
    // Fails, as it should, if something else came into it meanwhile.
    if isNew { _ = rmdir(path) }
  }
}
