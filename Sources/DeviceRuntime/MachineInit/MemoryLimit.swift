// The control group in which the program runs, and the limit that the kernel command line sets: `edgepack_memory=BYTES`, which the kernel
// hands to process 1 as an environment variable.

struct MemoryLimit {
  /// The digits, as text with a zero behind it.
  private let text: UnsafePointer<UInt8>
  private let count: Int

  /// Nil if the environment names no limit.
  init?(argumentsAndEnvironment stack: UnsafeRawPointer) {
    let name: StaticString = "edgepack_memory="
    let words = (stack + MemoryLayout<Int>.size).assumingMemoryBound(to: UnsafePointer<UInt8>?.self)
    var index = stack.load(as: Int.self) + 1
    while let word = words[index] {
      var length = 0
      while length < name.utf8CodeUnitCount && word[length] == name.utf8Start[length] { length += 1 }
      if length == name.utf8CodeUnitCount {
        text = word + length
        var digits = 0
        while text[digits] != 0 { digits += 1 }
        count = digits
        return
      }
      index += 1
    }
    return nil
  }

  /// Makes the group. - Returns: false if the kernel has no such groups.
  func enforce() -> Bool {
    mount("cgroup2", at: "/cgroup")
    guard Self.write("+memory", to: "/cgroup/cgroup.subtree_control") else { return false }
    SystemCall.call(SystemCall.makeFolder, Self.currentFolder, SystemCall.address("/cgroup/program"), 0o755)
    return Self.write(text, count, to: "/cgroup/program/memory.max")
  }

  /// Called by the child, which then becomes the program: it moves itself into the group.
  static func enter() {
    _ = write("0", to: "/cgroup/program/cgroup.procs")
  }

  /// Prints `edgepack-memory: limit N peak N`, the group's events, one a line as the kernel shows them (`max N`, `oom_kill N`, …), and
  /// `edgepack-memory: end`.
  func report() {
    printText("\nedgepack-memory: limit ")
    writeAll(Int(bitPattern: text), count: count)
    printText(" peak ")
    Self.copy("/cgroup/program/memory.peak")
    Self.copy("/cgroup/program/memory.events")
    printText("edgepack-memory: end\n")
  }

  private static let currentFolder = -100  // AT_FDCWD

  private static func write(_ text: StaticString, to path: StaticString) -> Bool {
    write(text.utf8Start, text.utf8CodeUnitCount, to: path)
  }

  private static func write(_ text: UnsafePointer<UInt8>, _ count: Int, to path: StaticString) -> Bool {
    let file = SystemCall.call(SystemCall.open, currentFolder, SystemCall.address(path), 1)  // O_WRONLY
    guard file >= 0 else { return false }
    let written = SystemCall.call(SystemCall.write, file, Int(bitPattern: text), count)
    SystemCall.call(SystemCall.close, file)
    return written == count
  }

  /// Prints a small file.
  private static func copy(_ path: StaticString) {
    let file = SystemCall.call(SystemCall.open, currentFolder, SystemCall.address(path), 0)
    guard file >= 0 else { return }
    var byte: UInt8 = 0
    withUnsafeMutablePointer(to: &byte) { place in
      while SystemCall.call(SystemCall.read, file, Int(bitPattern: place), 1) == 1 { writeAll(Int(bitPattern: place), count: 1) }
    }
    SystemCall.call(SystemCall.close, file)
  }
}
