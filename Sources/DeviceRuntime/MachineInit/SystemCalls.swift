// The system calls of the emulated machine's process 1, all of them. The packed program's own list is Linux/SystemCalls.swift.
import CIntrinsics

/// Linux system calls by the number of the architecture; results are the kernel's, −4095…−1 being error numbers.
enum SystemCall {
  #if arch(arm64)
  static let makeFolder = 34
  static let open = 56
  static let close = 57
  static let read = 63
  static let write = 64
  static let mount = 40
  static let clone = 220
  static let execute = 221
  static let wait = 260
  static let synchronize = 81
  static let exitGroup = 94
  static let reboot = 142
  #elseif arch(x86_64)
  static let makeFolder = 258
  static let open = 257
  static let close = 3
  static let read = 0
  static let write = 1
  static let mount = 165
  static let clone = 56
  static let execute = 59
  static let wait = 61
  static let synchronize = 162
  static let exitGroup = 231
  static let reboot = 169
  #endif

  @inline(__always)
  @discardableResult
  static func call(_ number: Int, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, _ d: Int = 0, _ e: Int = 0, _ f: Int = 0) -> Int {
    edgepack_system_call(number, a, b, c, d, e, f)
  }

  @inline(__always)
  static func address(_ text: StaticString) -> Int { Int(bitPattern: text.utf8Start) }
}
