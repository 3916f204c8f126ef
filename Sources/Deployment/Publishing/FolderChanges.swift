import Diagnostics
import Foundation

/// The changes that publishing a build makes on disk, each as good as one system call. All go through here, so that a test can stop the
/// sequence before every single one, as a kill or a power cut would.
public struct FolderChanges: Sendable {
  /// The folder in the user's words, for faults.
  let folder: String
  /// Told of each change before it is made; what it throws ends the sequence there.
  let before: @Sendable (String) throws(Failure) -> Void

  /// Whether files are flushed to the disk, which only a power cut can tell.
  let waitsForDisk: Bool

  public init(
    in folder: String, waitsForDisk: Bool = true, before: @escaping @Sendable (String) throws(Failure) -> Void = { _ in }
  ) {
    self.folder = folder
    self.waitsForDisk = waitsForDisk
    self.before = before
  }

  /// Replaces what is there.
  func move(_ old: String, to new: String) throws(Failure) {
    try before("move \(old) to \(new)")
    try check(rename(old, new), new)
  }

  /// Lets two files or folders change names in one step that nothing can come between.
  /// - Returns: false where the file system cannot do it: across mounts, or on one that does not know the call.
  func exchange(_ one: String, with other: String) throws(Failure) -> Bool {
    guard let exchange = Self.exchangeCall else { return false }
    try before("exchange \(one) with \(other)")
    return exchange(AT_FDCWD, one, AT_FDCWD, other, Self.exchangeFlag) == 0
  }

  /// - Returns: false where the file system has no hard links, or allows none to this file.
  func giveSecondName(_ name: String, to file: String) throws(Failure) -> Bool {
    try before("link \(name) to \(file)")
    return link(file, name) == 0
  }

  /// With the folders above it; one that is there already is fine.
  func makeFolder(_ path: String) throws(Failure) {
    try before("make \(path)")
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw .unwritable(path, in: folder, error)
    }
  }

  func setMode(_ mode: mode_t, of path: String) throws(Failure) {
    try before("change the mode of \(path)")
    try check(chmod(path, mode), path)
  }

  func removeFile(_ path: String) throws(Failure) {
    try before("remove \(path)")
    guard unlink(path) != 0, errno != ENOENT else { return }
    throw .unwritable(path, in: folder, errorNumber: errno)
  }

  func removeFolderIfEmpty(_ path: String) throws(Failure) {
    try before("remove \(path) if it is empty")
    _ = rmdir(path)
  }

  /// A folder that nobody uses any more. What cannot be removed now is removed by the next run.
  func removeTree(_ path: String) throws(Failure) {
    try before("remove \(path) and all in it")
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Under another name first, so that there is either the whole file or none.
  func write(_ content: Data, to path: String) throws(Failure) {
    try before("write \(path)")
    try writeDurably(content, to: path, in: folder)
  }

  /// Waits until the disk holds all files below a folder.
  func synchronize(_ path: String) throws(Failure) {
    try before("synchronize \(path)")
    guard waitsForDisk else { return }
    for file in (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [] { try flush(path + "/" + file, in: folder) }
    try flush(path, in: folder)
  }

  private func check(_ result: Int32, _ path: String) throws(Failure) {
    if result != 0 { throw .unwritable(path, in: folder, errorNumber: errno) }
  }

  private typealias Exchange = @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
  /// `RENAME_EXCHANGE` of linux/fs.h.
  private static let exchangeFlag: UInt32 = 2
  /// `renameat2`, which Swift's view of the C library leaves out (it is a GNU extension) and other C libraries may lack.
  private static let exchangeCall: Exchange? = dlsym(nil, "renameat2").map { unsafeBitCast($0, to: Exchange.self) }
}

/// Writes a file under another name, waits until the disk holds it, and gives it its name: there is the old file or the whole new one.
/// - Parameter folder: the folder in the user's words, for faults.
/// - Throws: `no-space`, `folder-unwritable`; then the half-written file is removed.
public func writeDurably(_ content: Data, to path: String, in folder: String) throws(Failure) {
  let half = path + ".half"
  do throws(Failure) {
    do { try content.write(to: URL(fileURLWithPath: half)) } catch {
      throw .unwritable(path, in: folder, error, needed: content.count)
    }
    try flush(half, in: folder)
    guard rename(half, path) == 0 else { throw .unwritable(path, in: folder, errorNumber: errno) }
  } catch {
    unlink(half)
    throw error
  }
}

private func flush(_ path: String, in folder: String) throws(Failure) {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
  // What cannot be opened to read (a link, a file of another user) is no work of ours.
  guard descriptor >= 0 else { return }
  defer { close(descriptor) }
  // Some file systems have nothing to flush and say so.
  guard fsync(descriptor) != 0, errno != EINVAL, errno != EROFS else { return }
  throw .unwritable(path, in: folder, errorNumber: errno)
}
