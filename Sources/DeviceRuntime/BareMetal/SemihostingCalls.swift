import CIntrinsics

/// Every semihosting call that firmware makes (Semihosting for AArch32 and AArch64 §6).
enum SemihostingCall {
  static var open: UInt32 { 0x01 }
  static var close: UInt32 { 0x02 }
  static var write: UInt32 { 0x05 }
  static var read: UInt32 { 0x06 }
  static var seek: UInt32 { 0x0A }
  static var commandLine: UInt32 { 0x15 }
  static var exitExtended: UInt32 { 0x20 }
}

/// NUL-terminated text.
typealias CText = UnsafePointer<UInt8>

/// The calls by their arguments, with the names and results that they have under Linux: what reads inputs and writes answers is the same
/// code. Files 0, 1 and 2 are the console.
enum Kernel {
  enum OpenMode { case reading, writing }

  /// - Returns: the file's handle, or −1.
  static func open(_ path: CText, _ mode: OpenMode) -> Int {
    var length = 0
    while path[length] != 0 { length += 1 }
    let modeNumber: UInt32 =
      switch mode {
      case .reading: 1  // "rb"
      case .writing: 5  // "wb"
      }
    let handle = call(SemihostingCall.open, UInt32(UInt(bitPattern: path)), modeNumber, word(length))
    return handle < 0 ? -1 : handle + firstFile
  }

  static func close(_ file: Int) { close(handle: file - firstFile) }

  /// - Returns: how many bytes were read; 0 at the end.
  static func read(_ file: Int, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    transfer(SemihostingCall.read, file, UInt(bitPattern: buffer), count)
  }

  /// - Returns: how many bytes were written.
  static func write(_ file: Int, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
    transfer(SemihostingCall.write, file, UInt(bitPattern: buffer), count)
  }

  static func write(_ file: Int, _ buffer: UnsafeRawPointer, _ count: Int, at offset: Int) -> Int {
    if call(SemihostingCall.seek, word(file - firstFile), word(offset), 0) < 0 { return -1 }
    return write(file, buffer, count)
  }

  /// Copies the command line, NUL included. - Returns: false if there is none or it is longer than `count` bytes.
  static func readCommandLine(_ buffer: UnsafeMutablePointer<UInt8>, count: Int) -> Bool {
    call(SemihostingCall.commandLine, UInt32(UInt(bitPattern: buffer)), word(count), 0) == 0
  }

  /// Ends the emulator with `code`. Without a debugger the core stays here.
  static func exit(_ code: Int) -> Never {
    while true { _ = call(SemihostingCall.exitExtended, 0x20026, UInt32(truncatingIfNeeded: code), 0) }  // ADP_Stopped_ApplicationExit
  }

  /// Handles of the debugger may begin at 0, so they are shifted past the console's numbers.
  private static var firstFile: Int { 3 }

  private static func transfer(_ operation: UInt32, _ file: Int, _ buffer: UInt, _ count: Int) -> Int {
    let isConsole = file < firstFile
    let handle = isConsole ? console(file) : file - firstFile
    if handle < 0 { return -1 }
    let missing = call(operation, word(handle), UInt32(buffer), word(count))
    if isConsole { close(handle: handle) }
    return missing < 0 ? -1 : count - missing
  }

  /// Opens standard input (0), output (1) or error (2). Anew each time: transfers are few and long.
  private static func console(_ file: Int) -> Int {
    let name: StaticString = ":tt"
    let mode: UInt32 = file == 0 ? 0 : file == 1 ? 4 : 8  // "r", "w" and "a"
    return call(SemihostingCall.open, UInt32(UInt(bitPattern: name.utf8Start)), mode, 3)
  }

  private static func close(handle: Int) { _ = call(SemihostingCall.close, word(handle), 0, 0) }

  private static func word(_ value: Int) -> UInt32 { UInt32(truncatingIfNeeded: value) }

  @inline(__always)
  private static func call(_ operation: UInt32, _ a: UInt32, _ b: UInt32, _ c: UInt32) -> Int {
    var block: (UInt32, UInt32, UInt32) = (a, b, c)
    return withUnsafePointer(to: &block) { Int(edgepack_semihosting(operation, $0)) }
  }
}

/// Without an operating system there are no pages; the self-test's report has them as 0.
struct PageFaults {
  var minor: Int
  var major: Int
}

extension Kernel {
  static func pageFaults() -> PageFaults { PageFaults(minor: 0, major: 0) }
}
