/// The first file system of a booted Linux kernel: a cpio archive in the `newc` format (kernel documentation,
/// driver-api/early-userspace/buffer-format), written without a tool. Equal entries give equal bytes: owner 0, time 0.
public struct Initramfs: Sendable {
  public enum Entry: Hashable, Sendable {
    case folder(path: String)
    case file(path: String, content: [UInt8], executable: Bool)
    /// A character device such as `dev/console` (5, 1).
    case characterDevice(path: String, major: UInt32, minor: UInt32)
  }

  /// In the order of the archive; a folder comes before what it holds. Paths are relative to the root, without a leading slash.
  public var entries: [Entry]

  public init(_ entries: [Entry]) { self.entries = entries }

  /// What the emulated machine needs to run one program (docs/program-interface.md).
  public static func machine(initialProcess: [UInt8], program: [UInt8]) -> Initramfs {
    Initramfs([
      .folder(path: "dev"),
      // Without it process 1 starts with no standard input, output and error.
      .characterDevice(path: "dev/console", major: 5, minor: 1),
      .folder(path: "proc"),
      .folder(path: "cgroup"),
      .file(path: "init", content: initialProcess, executable: true),
      .file(path: "program", content: program, executable: true),
    ])
  }

  public var bytes: [UInt8] {
    var archive: [UInt8] = []
    for (index, entry) in entries.enumerated() {
      Self.append(entry, inode: UInt32(index + 1), to: &archive)
    }
    Self.appendRecord(Record(path: "TRAILER!!!", inode: 0, mode: 0, links: 1, device: (0, 0)), content: [], to: &archive)
    return archive
  }

  private struct Record {
    var path: String
    var inode: UInt32
    var mode: UInt32
    var links: UInt32
    var device: (major: UInt32, minor: UInt32)
  }

  private static func append(_ entry: Entry, inode: UInt32, to archive: inout [UInt8]) {
    switch entry {
    case .folder(let path):
      appendRecord(Record(path: path, inode: inode, mode: 0o040755, links: 2, device: (0, 0)), content: [], to: &archive)
    case .file(let path, let content, let executable):
      let mode: UInt32 = executable ? 0o100755 : 0o100644
      appendRecord(Record(path: path, inode: inode, mode: mode, links: 1, device: (0, 0)), content: content, to: &archive)
    case .characterDevice(let path, let major, let minor):
      appendRecord(Record(path: path, inode: inode, mode: 0o020600, links: 1, device: (major, minor)), content: [], to: &archive)
    }
  }

  /// The magic, 13 fields of 8 hexadecimal digits, the name with its zero byte, the content; name and content end on multiples of 4.
  private static func appendRecord(_ record: Record, content: [UInt8], to archive: inout [UInt8]) {
    let name = Array(record.path.utf8) + [0]
    precondition(content.count <= UInt32.max, "a cpio entry holds less than 4 GiB")
    let fields: [UInt32] = [
      record.inode, record.mode, 0, 0, record.links, 0, UInt32(content.count), 0, 0, record.device.major, record.device.minor,
      UInt32(name.count), 0,
    ]
    archive += "070701".utf8
    for field in fields { appendHexadecimal(field, to: &archive) }
    archive += name
    pad(&archive)
    archive += content
    pad(&archive)
  }

  private static func appendHexadecimal(_ value: UInt32, to archive: inout [UInt8]) {
    let digits = Array("0123456789ABCDEF".utf8)
    for shift in stride(from: UInt32(28), through: 0, by: -4) { archive.append(digits[Int(value >> shift & 0xF)]) }
  }

  private static func pad(_ archive: inout [UInt8]) {
    while archive.count % 4 != 0 { archive.append(0) }
  }
}
