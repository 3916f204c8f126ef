import Diagnostics
import Foundation

/// Puts a finished build into its place, so that at every moment there is either the whole earlier build or the whole new one.
///
/// A build is many files, and a file system changes one name at a time. So the new generation is made complete beside the old one, and
/// the two folders change names in a single step (`renameat2` with `RENAME_EXCHANGE`). Where that cannot be done - the folder holds files
/// of the user, is a mount point or somebody's working folder, or the file system lacks the call - the files are moved one by one after a
/// list of them (`publish.json`) has been saved; whoever opens the folder next completes the list. docs/decisions/0004 tells why.
public struct Publication: Sendable {
  /// Where everything but results lies, in a result folder.
  public static let workingFolder = ".edgepack"
  /// The complete build that is to be published, in the result folder.
  public static let stagingFolder = workingFolder + "/next"
  public static let lockFile = workingFolder + "/lock"
  /// The best build so far where none fits, in the result folder.
  public static let bestFolder = "best"
  static let checksumFile = "SHA256SUMS"

  /// The result folder.
  let folder: String
  let changes: FolderChanges

  public init(folder: String, changes: FolderChanges? = nil) {
    self.folder = folder
    self.changes = changes ?? FolderChanges(in: folder)
  }

  private var staging: String { folder + "/" + Self.stagingFolder }
  private var best: String { folder + "/" + Self.bestFolder }

  /// Moves the staged build in.
  /// - Parameters:
  ///   - intoBest: beside an earlier build instead of over it.
  ///   - keeping: files of the working folder that stay, relative to the result folder.
  /// - Returns: the folder that now holds the build.
  /// - Throws: `foreign-folder` if something of the user lies where a file belongs; `folder-unwritable`, `no-space`.
  public func publish(intoBest: Bool, keeping: [String]) throws(Failure) -> String {
    try changes.synchronize(staging)
    if intoBest {
      if try !publishBestAtOnce() { try publishByList(BuildFiles(in: best), destination: Self.bestFolder) }
      return best
    }
    if try !publishAtOnce(keeping) { try publishByList(BuildFiles(in: folder), destination: "") }
    return folder
  }

  // MARK: At once

  /// - Returns: false if the folders cannot change names; then nothing has happened.
  private func publishAtOnce(_ keeping: [String]) throws(Failure) -> Bool {
    guard let place = ExchangePlace(of: folder), BuildFiles(in: folder).isAll else { return false }
    for file in keeping {
      try changes.makeFolder((staging + "/" + file as NSString).deletingLastPathComponent)
      guard try changes.giveSecondName(staging + "/" + file, to: folder + "/" + file) else { return try giveUp() }
    }
    try changes.setMode(place.mode, of: staging)
    try changes.move(staging, to: place.sibling)
    guard try changes.exchange(place.sibling, with: place.folder) else {
      try changes.move(place.sibling, to: staging)
      return try giveUp()
    }
    try changes.removeTree(place.sibling)
    return true
  }

  private func giveUp() throws(Failure) -> Bool {
    try changes.removeTree(staging + "/" + Self.workingFolder)
    return false
  }

  private func publishBestAtOnce() throws(Failure) -> Bool {
    guard FileManager.default.fileExists(atPath: best) else {
      try changes.move(staging, to: best)
      return true
    }
    guard BuildFiles(in: best).isAll, try changes.exchange(staging, with: best) else { return false }
    try changes.removeTree(staging)
    return true
  }

  // MARK: By list

  private func publishByList(_ earlier: BuildFiles, destination: String) throws(Failure) {
    let target = destination.isEmpty ? folder : best
    let files = BuildFiles.paths(below: staging)
    try requireRoom(for: files, in: target)
    var removed = earlier.names.subtracting(files).map { destination.isEmpty ? $0 : "\(destination)/\($0)" }
    if destination.isEmpty, FileManager.default.fileExists(atPath: best + "/" + BuildManifest.fileName) {
      removed += BuildFiles(in: best).names.map { "\(Self.bestFolder)/\($0)" }
    }
    let list = PublicationList(destination: destination, files: files, removed: removed.sorted())
    try list.save(folder, changes)
    try list.complete(folder, changes)
  }

  /// Looks before the first file is moved: a list that was begun must be possible to complete.
  private func requireRoom(for files: [String], in target: String) throws(Failure) {
    var inTheWay: Set<String> = []
    for file in files {
      if isFolder(target + "/" + file) { inTheWay.insert(file) }
      var parent = (file as NSString).deletingLastPathComponent
      while !parent.isEmpty {
        if FileManager.default.fileExists(atPath: target + "/" + parent), !isFolder(target + "/" + parent) { inTheWay.insert(parent) }
        parent = (parent as NSString).deletingLastPathComponent
      }
    }
    guard inTheWay.isEmpty else {
      throw Failure(
        .foreignFolder, "something else lies in \(folder) where files of the build belong", details: inTheWay.sorted(),
        at: Location(file: folder), hint: "give another folder with -o, or move it away")
    }
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  // MARK: After an interruption

  /// Completes what a run that was ended while it published has begun, and removes what it left.
  /// - Precondition: the caller holds the folder's lock.
  public func repair() throws(Failure) {
    if let sibling = ExchangePlace.sibling(of: folder), FileManager.default.fileExists(atPath: sibling) { try changes.removeTree(sibling) }
    guard let list = PublicationList.load(folder) else { return }
    try list.complete(folder, changes)
  }

  /// Whether a build is only half moved in.
  public static func isUnfinished(_ folder: String) -> Bool { PublicationList.load(folder) != nil }

  /// Makes a folder whole before it is read. Does nothing where nothing was begun, or where a living run is at it right now.
  public static func repairForReading(_ path: String) throws(Failure) {
    let folder = (path as NSString).lastPathComponent == bestFolder ? (path as NSString).deletingLastPathComponent : path
    guard isUnfinished(folder) else { return }
    // A living run needs a moment for its list; a dead one holds no lock.
    let deadline = ContinuousClock.now + .seconds(5)
    while true {
      do throws(Failure) {
        let lock = try FolderLock.take(folder + "/" + lockFile, for: folder)
        return try withExtendedLifetime(lock) { () throws(Failure) in try Publication(folder: folder).repair() }
      } catch {
        guard error.diagnostics.first?.code == .folderBusy, ContinuousClock.now < deadline else { throw error }
        usleep(20_000)
        if !isUnfinished(folder) { return }
      }
    }
  }
}

/// The files that edgepack put into a folder, as its list of checksums names them.
struct BuildFiles {
  /// Relative paths, the list itself included.
  let names: Set<String>
  /// Whether the folder holds nothing else, but for the working folder and an earlier best try without files of the user.
  let isAll: Bool

  init(in folder: String) {
    let sums = folder + "/" + Publication.checksumFile
    let text = (try? String(contentsOfFile: sums, encoding: .utf8)) ?? ""
    let listed = text.split(separator: "\n").compactMap { line in
      line.split(separator: " ", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
    // A list that somebody has written by hand must not lead out of the folder.
    var names = Set(listed.filter { Self.staysInside($0) })
    if FileManager.default.fileExists(atPath: sums) { names.insert(Publication.checksumFile) }
    self.names = names

    // The names in the folder itself first: below what is not edgepack's there may be any number of files.
    let own = Set(
      names.compactMap { $0.split(separator: "/").first.map(String.init) } + [Publication.workingFolder, Publication.bestFolder])
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    guard own.isSuperset(of: entries) else {
      isAll = false
      return
    }
    let best = Publication.bestFolder + "/"
    let others = Self.paths(below: folder).filter { path in
      !names.contains(path) && !path.hasPrefix(Publication.workingFolder + "/")
    }
    let hasBest = others.contains { $0.hasPrefix(best) }
    isAll = others.allSatisfy { $0.hasPrefix(best) } && (!hasBest || BuildFiles(in: folder + "/" + Publication.bestFolder).isAll)
  }

  /// Files and links below a folder, and folders that are empty, sorted.
  static func paths(below folder: String) -> [String] {
    let all = ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).sorted()
    let parents = Set(all.map { ($0 as NSString).deletingLastPathComponent })
    return all.filter { !parents.contains($0) && $0 != Publication.workingFolder }
  }

  static func staysInside(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return !parts.contains { $0.isEmpty || $0 == "." || $0 == ".." }
  }
}

/// A result folder and the place beside it where the next generation waits to change names with it.
private struct ExchangePlace {
  /// Absolute, without links.
  let folder: String
  let sibling: String
  let mode: mode_t

  /// Nil where the folder must stay the folder that it is: its inode is a mount point, belongs to somebody else, is the working folder of
  /// this process, or its parent cannot be written.
  init?(of path: String) {
    guard let folder = Self.resolved(path), let sibling = Self.sibling(of: path) else { return nil }
    let parent = (folder as NSString).deletingLastPathComponent
    var own = stat()
    var above = stat()
    guard stat(folder, &own) == 0, stat(parent, &above) == 0, own.st_dev == above.st_dev, own.st_ino != above.st_ino,
      own.st_uid == geteuid(), own.st_gid == getegid(), access(parent, W_OK) == 0
    else { return nil }
    let current = FileManager.default.currentDirectoryPath
    guard current != folder, !current.hasPrefix(folder + "/") else { return nil }
    (self.folder, self.sibling, mode) = (folder, sibling, own.st_mode & 0o7777)
  }

  /// `.NAME.edgepack` beside the folder, which is there only while a build is moved in. Nil if the folder does not exist.
  static func sibling(of path: String) -> String? {
    resolved(path).map { folder in
      let (parent, name) = ((folder as NSString).deletingLastPathComponent, (folder as NSString).lastPathComponent)
      return "\(parent)/.\(name)\(Publication.workingFolder)"
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
