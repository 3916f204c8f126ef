import Diagnostics
import Foundation

/// Keeps a second edgepack out of a result folder for as long as the value lives. The kernel holds the lock (`flock`), so it ends with the
/// process however that ends, and nothing is ever left to be unlocked by hand.
public final class FolderLock: Sendable {
  private let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Locks `file`, which is made if needed and holds the owner's process number.
  /// - Parameter folder: what the lock is for, as the user named it.
  /// - Throws: `folder-busy` at once if another process has it; `folder-unwritable`, `no-space`.
  public static func take(_ file: String, for folder: String) throws(Failure) -> FolderLock {
    while true {
      let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw .unwritable(folder, in: folder, errorNumber: errno) }
      let lock = FolderLock(descriptor: descriptor)
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        guard errno == EWOULDBLOCK else { throw .unwritable(folder, in: folder, errorNumber: errno) }
        throw busy(folder, owner: lock.owner)
      }
      // A run that failed removes its file together with the lock; then this one locked a file that nobody else will find.
      guard lock.isStill(file) else { continue }
      try lock.sign(folder)
      return lock
    }
  }

  private static func busy(_ folder: String, owner: Int32?) -> Failure {
    let process = owner.map { ", process \($0)" } ?? ""
    return Failure(
      .folderBusy, "another edgepack\(process) is writing into \(folder)", at: Location(file: folder),
      hint: "wait for it, or give another folder: -o NAME")
  }

  private func isStill(_ file: String) -> Bool {
    var mine = stat()
    var there = stat()
    return fstat(descriptor, &mine) == 0 && stat(file, &there) == 0 && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
  }

  private func sign(_ folder: String) throws(Failure) {
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
      throw .unwritable(folder, in: folder, errorNumber: errno)
    }
  }

  /// Nil in the moment between locking and signing.
  private var owner: Int32? {
    var text = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &text, text.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: text[0..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
