import Foundation

/// The system's cache of files.
enum PageCache {
  /// Takes a file out of it.
  /// - Returns: whether nothing of the file is in memory now.
  static func drop(_ file: URL) -> Bool {
    let descriptor = open(file.path, O_RDONLY)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Pages that are not yet written cannot be dropped.
    guard fsync(descriptor) == 0, posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) == 0 else { return false }
    return cachedPages(descriptor) == 0
  }

  /// Nil if the system does not tell.
  private static func cachedPages(_ descriptor: Int32) -> Int? {
    let size = Int(lseek(descriptor, 0, Int32(SEEK_END)))
    guard size > 0, let address = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), address != MAP_FAILED else { return nil }
    defer { munmap(address, size) }
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    var states = [UInt8](repeating: 0, count: (size + page - 1) / page)
    guard mincore(address, size, &states) == 0 else { return nil }
    return states.count { $0 & 1 == 1 }
  }
}
