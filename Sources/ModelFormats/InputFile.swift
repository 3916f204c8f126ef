import Diagnostics
import Foundation

/// A file that is open for reading at any offset. Closed with its last reference.
final class InputFile: Sendable {
  /// As the user named it.
  let path: String
  /// Bytes at the time of opening.
  let size: Int
  private let descriptor: Int32

  /// - Throws: `file-not-found`, or `file-unreadable` with the system's reason.
  init(path: String) throws(Failure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { throw Failure(.fileNotFound, "\(path) does not exist", at: Location(file: path)) }
      throw unreadable(path, systemReason(code))
    }
    var status = stat()
    let known = fstat(descriptor, &status) == 0
    let kind = status.st_mode & S_IFMT
    guard known, kind == S_IFREG else {
      close(descriptor)
      throw unreadable(path, kind == S_IFDIR ? "it is a folder" : "it is not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Reads up to `buffer.count` bytes from `offset`; fewer only at the end of the file.
  /// - Throws: `file-unreadable`.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure) -> Int {
    var done = 0
    while done < buffer.count, let base = buffer.baseAddress {
      let count = pread(descriptor, base + done, buffer.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path, systemReason(errno)) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// The bytes `offset ..< offset + count`; nil if the file does not hold them.
  /// - Throws: `file-unreadable`.
  func bytes(at offset: Int, count: Int) throws(Failure) -> [UInt8]? {
    guard offset >= 0, count >= 0, (CheckedInt(offset) + CheckedInt(count)).within(0...size) != nil else { return nil }
    var failure: Failure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(Failure) { initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes.count == count ? bytes : nil
  }
}

/// Writes a whole file, replacing an earlier one.
/// - Throws: `folder-unwritable` with the system's reason.
func writeFile(_ chunks: [[UInt8]], to path: String) throws(Failure) {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw unwritable(path, systemReason(errno)) }
  defer { close(descriptor) }
  for chunk in chunks {
    var done = 0
    while done < chunk.count {
      let count = chunk.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw unwritable(path, systemReason(errno)) }
      done += count
    }
  }
}

private func unreadable(_ path: String, _ reason: String) -> Failure {
  Failure(.fileUnreadable, "cannot read \(path): \(reason)", at: Location(file: path))
}

private func unwritable(_ path: String, _ reason: String) -> Failure {
  Failure(.folderUnwritable, "cannot write \(path): \(reason)", at: Location(file: path))
}

private func systemReason(_ code: Int32) -> String { String(cString: strerror(code)).lowercased() }
