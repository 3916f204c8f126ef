import CIntrinsics

/// Every system call that a packed program can make. There are no others: the program is linked without a libc.
enum SystemCall {
  #if arch(arm64)
  static var openat: Int { 56 }
  static var close: Int { 57 }
  static var lseek: Int { 62 }
  static var read: Int { 63 }
  static var write: Int { 64 }
  static var pwrite64: Int { 68 }
  static var exitGroup: Int { 94 }
  static var futex: Int { 98 }
  static var clockGettime: Int { 113 }
  static var getrusage: Int { 165 }
  static var munmap: Int { 215 }
  static var clone: Int { 220 }
  static var mmap: Int { 222 }
  static var fadvise64: Int { 223 }
  static var madvise: Int { 233 }
  #elseif arch(x86_64)
  static var read: Int { 0 }
  static var write: Int { 1 }
  static var close: Int { 3 }
  static var lseek: Int { 8 }
  static var mmap: Int { 9 }
  static var munmap: Int { 11 }
  static var pwrite64: Int { 18 }
  static var madvise: Int { 28 }
  static var clone: Int { 56 }
  static var getrusage: Int { 98 }
  static var futex: Int { 202 }
  static var fadvise64: Int { 221 }
  static var clockGettime: Int { 228 }
  static var exitGroup: Int { 231 }
  static var openat: Int { 257 }
  #endif
}

/// A NUL-terminated path or word, as the kernel passes them.
typealias CText = UnsafePointer<UInt8>

/// The calls by their arguments. Results below zero are the kernel's error numbers.
enum Kernel {
  enum OpenMode { case reading, writing }

  static func open(_ path: CText, _ mode: OpenMode) -> Int {
    let currentFolder = -100  // AT_FDCWD
    let flags =
      switch mode {
      case .reading: 0o2000000  // O_RDONLY | O_CLOEXEC
      case .writing: 0o2000000 | 0o1 | 0o100 | 0o1000  // O_WRONLY | O_CREAT | O_TRUNC
      }
    return call(SystemCall.openat, currentFolder, Int(bitPattern: path), flags, 0o644)
  }

  static func close(_ file: Int) { _ = call(SystemCall.close, file) }

  static func read(_ file: Int, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    call(SystemCall.read, file, Int(bitPattern: buffer), count)
  }

  static func write(_ file: Int, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
    call(SystemCall.write, file, Int(bitPattern: buffer), count)
  }

  static func write(_ file: Int, _ buffer: UnsafeRawPointer, _ count: Int, at offset: Int) -> Int {
    call(SystemCall.pwrite64, file, Int(bitPattern: buffer), count, offset)
  }

  /// The size of a file or a block device (whose fstat says 0).
  static func size(of file: Int) -> Int { call(SystemCall.lseek, file, 0, 2) }  // SEEK_END

  /// Maps `count` bytes from the file's start for reading.
  static func map(_ file: Int, count: Int) -> Int {
    call(SystemCall.mmap, 0, count, 1, 2, file, 0)  // PROT_READ, MAP_PRIVATE
  }

  /// Maps `count` bytes from `offset` on to a given place.
  static func map(_ file: Int, offset: Int, count: Int, at address: UnsafeRawPointer) -> Int {
    call(SystemCall.mmap, Int(bitPattern: address), count, 1, 0x12, file, offset)  // PROT_READ, MAP_PRIVATE | MAP_FIXED
  }

  static func unmap(_ address: UnsafeRawPointer, count: Int) -> Int { call(SystemCall.munmap, Int(bitPattern: address), count) }

  static func willNeed(_ address: UnsafeRawPointer, _ count: Int) {
    _ = call(SystemCall.madvise, Int(bitPattern: address), count, 3)  // MADV_WILLNEED
  }

  /// Takes pages out of this process; they stay in the system's cache.
  static func dropPages(_ address: UnsafeRawPointer, _ count: Int) {
    _ = call(SystemCall.madvise, Int(bitPattern: address), count, 4)  // MADV_DONTNEED
  }

  /// Frees the cached pages of a part of a file that no process has mapped. MADV_PAGEOUT would do both at once, but does nothing for a
  /// file that the user cannot write.
  static func dropCache(_ file: Int, at offset: Int, count: Int) {
    _ = call(SystemCall.fadvise64, file, offset, count, 4)  // POSIX_FADV_DONTNEED
  }

  /// CLOCK_MONOTONIC in nanoseconds.
  static func nanoseconds() -> Int {
    var time: (seconds: Int, nanoseconds: Int) = (0, 0)
    withUnsafeMutableBytes(of: &time) { _ = call(SystemCall.clockGettime, 1, Int(bitPattern: $0.baseAddress)) }
    return time.seconds &* 1_000_000_000 &+ time.nanoseconds
  }

  /// Page faults of this process so far.
  static func pageFaults() -> PageFaults {
    var usage = InlineArray<18, Int>(repeating: 0)  // struct rusage: two times of two words, then 14 words
    withUnsafeMutableBytes(of: &usage) { _ = call(SystemCall.getrusage, 0, Int(bitPattern: $0.baseAddress)) }
    return PageFaults(minor: usage[8], major: usage[9])
  }

  static func exit(_ code: Int) -> Never {
    while true { _ = call(SystemCall.exitGroup, code) }
  }

  #if EDGEPACK_THREADS
  /// Starts a thread of this process in `device_worker`, on the stack that ends at `top`. - Returns: below zero if there is none.
  static func startThread(stackTop top: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) -> Int {
    // CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM
    edgepack_start_thread(SystemCall.clone, 0x50F00, top, scratch)
  }

  /// Sleeps while `word` holds `value`; may return at any time.
  static func sleep(on word: UnsafeMutablePointer<UInt32>, while value: UInt32) {
    _ = call(SystemCall.futex, Int(bitPattern: word), 128, Int(value))  // FUTEX_WAIT | FUTEX_PRIVATE_FLAG, no time limit
  }

  static func wake(_ word: UnsafeMutablePointer<UInt32>, count: Int) {
    _ = call(SystemCall.futex, Int(bitPattern: word), 129, count)  // FUTEX_WAKE | FUTEX_PRIVATE_FLAG
  }
  #endif

  @inline(__always)
  private static func call(
    _ number: Int, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0, _ e: Int = 0, _ f: Int = 0
  ) -> Int {
    edgepack_system_call(number, a, b, c, d, e, f)
  }
}

struct PageFaults {
  var minor: Int
  var major: Int
}
