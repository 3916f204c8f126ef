import Foundation
import Testing

@testable import Deployment

struct InitramfsTests {
  private let small = Initramfs([
    .folder(path: "dev"),
    .characterDevice(path: "dev/console", major: 5, minor: 1),
    .file(path: "init", content: Array("12345".utf8), executable: true),
  ])

  /// Written out by hand after the kernel's description of the format.
  @Test func archiveHasTheBytesThatTheFormatStates() {
    let expected =
      "070701" + "00000001" + "000041ED" + "00000000" + "00000000" + "00000002" + "00000000" + "00000000"
      + "00000000" + "00000000" + "00000000" + "00000000" + "00000004" + "00000000" + "dev\0" + "\0\0"
      + "070701" + "00000002" + "00002180" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000"
      + "00000000" + "00000000" + "00000005" + "00000001" + "0000000C" + "00000000" + "dev/console\0" + "\0\0"
      + "070701" + "00000003" + "000081ED" + "00000000" + "00000000" + "00000001" + "00000000" + "00000005"
      + "00000000" + "00000000" + "00000000" + "00000000" + "00000005" + "00000000" + "init\0" + "\0" + "12345" + "\0\0\0"
      + "070701" + "00000000" + "00000000" + "00000000" + "00000000" + "00000001" + "00000000" + "00000000"
      + "00000000" + "00000000" + "00000000" + "00000000" + "0000000B" + "00000000" + "TRAILER!!!\0" + "\0\0\0"
    #expect(String(decoding: small.bytes, as: UTF8.self) == expected)
  }

  @Test func contentOfEveryLengthIsReadBack() throws {
    for length in 0..<9 {
      let content = (0..<length).map { UInt8($0 + 1) }
      let archive = Initramfs([.file(path: "a", content: content, executable: false), .file(path: "bc", content: [7], executable: true)])
      let files = try CpioReader.read(archive.bytes)
      #expect(files.map(\.name) == ["a", "bc"])
      #expect(files.map(\.content) == [content, [7]])
      #expect(files.map(\.mode) == [0o100644, 0o100755])
    }
  }

  @Test func machineHoldsWhatTheKernelNeeds() throws {
    let files = try CpioReader.read(Initramfs.machine(initialProcess: [1, 2, 3], program: [4, 5]).bytes)
    #expect(files.map(\.name) == ["dev", "dev/console", "proc", "cgroup", "init", "program"])
    #expect(files.last?.content == [4, 5])
    let folders: Set = ["dev", "proc", "cgroup"]
    #expect(
      files.allSatisfy { (file) in
        let isProgram = file.mode & 0o111 != 0 && !folders.contains(file.name)
        return (file.mode & 0o170000 == 0o100000) == isProgram
      })
  }
}

/// Reads cpio archives by the format's description, to check the writer against something that is not the writer.
enum CpioReader {
  struct File {
    var name: String
    var mode: Int
    var content: [UInt8]
  }
  struct Fault: Error { var offset: Int }

  static func read(_ bytes: [UInt8]) throws -> [File] {
    var files: [File] = []
    var offset = 0
    while true {
      guard offset + 110 <= bytes.count, bytes[offset..<offset + 6].elementsEqual("070701".utf8) else { throw Fault(offset: offset) }
      let fields = try (0..<13).map { index -> Int in
        let start = offset + 6 + 8 * index
        guard let value = Int(String(decoding: bytes[start..<start + 8], as: UTF8.self), radix: 16) else { throw Fault(offset: start) }
        return value
      }
      let nameEnd = offset + 110 + fields[11]
      let name = String(decoding: bytes[offset + 110..<nameEnd - 1], as: UTF8.self)
      guard bytes[nameEnd - 1] == 0 else { throw Fault(offset: nameEnd) }
      if name == "TRAILER!!!" { return files }
      let start = (nameEnd + 3) / 4 * 4
      files.append(File(name: name, mode: fields[1], content: Array(bytes[start..<start + fields[6]])))
      offset = (start + fields[6] + 3) / 4 * 4
    }
  }
}
