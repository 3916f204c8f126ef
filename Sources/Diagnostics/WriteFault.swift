import Foundation

extension Failure {
  /// A file or folder that could not be written.
  ///
  /// - Parameters:
  ///   - what: what could not be written, as the message begins: `build/door`.
  ///   - folder: the folder it was to lie in; the message names it where its disk is full.
  ///   - needed: bytes that were to be written, if known.
  /// - Returns: `no-space` with what is free where the disk or the user's share of it is full, else `folder-unwritable`.
  public static func unwritable(_ what: String, in folder: String, _ error: any Error, needed: Int? = nil) -> Failure {
    unwritable(what, in: folder, errorNumber: errorNumber(of: error), reason: error.localizedDescription, needed: needed)
  }

  /// The same for a system call that has just failed.
  public static func unwritable(_ what: String, in folder: String, errorNumber number: Int32, needed: Int? = nil) -> Failure {
    unwritable(what, in: folder, errorNumber: number, reason: String(cString: strerror(number)), needed: needed)
  }

  private static func unwritable(
    _ what: String, in folder: String, errorNumber: Int32?, reason: String, needed: Int?
  ) -> Failure {
    guard errorNumber == ENOSPC || errorNumber == EDQUOT else {
      return Failure(
        .folderUnwritable, "\(what) cannot be written: \(reason)", at: Location(file: folder),
        hint: "choose a folder that you may write to: -o NAME")
    }
    return noSpace(in: folder, needed: needed)
  }

  /// A full disk, however it was noticed.
  public static func noSpace(in folder: String, needed: Int? = nil) -> Failure {
    let free = freeBytes(in: folder).map { "\($0) bytes are free" }
    let wanted = needed.map { "\($0) bytes were to be written" }
    let figures = [wanted, free].compactMap { $0 }
    return Failure(
      .noSpace, "there is no space left in \(folder)" + (figures.isEmpty ? "" : ": \(figures.joined(separator: ", "))"),
      at: Location(file: folder), hint: "make room, or choose a folder on another disk: -o NAME")
  }
}

/// What an unprivileged user may still write in a folder, in bytes; nil if the system does not say.
private func freeBytes(in folder: String) -> UInt64? {
  var status = statvfs()
  guard statvfs(folder, &status) == 0 else { return nil }
  let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
  return overflow ? nil : bytes
}

/// The system's number behind an error of Foundation, where it passes one on.
private func errorNumber(of error: any Error) -> Int32? {
  if let error = error as? POSIXError { return error.code.rawValue }
  let error = error as NSError
  if error.domain == NSPOSIXErrorDomain { return Int32(exactly: error.code) }
  if error.domain == NSCocoaErrorDomain, error.code == CocoaError.fileWriteOutOfSpace.rawValue { return ENOSPC }
  return (error.userInfo[NSUnderlyingErrorKey] as? any Error).flatMap(errorNumber(of:))
}
