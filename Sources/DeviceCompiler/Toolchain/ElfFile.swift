/// The parts of an ELF file that packing looks at: 32 and 64 bits, little-endian.
public struct ElfFile: Sendable {
  /// One program header.
  public struct ProgramHeader: Hashable, Sendable {
    public var type: UInt32
    public var flags: UInt32
    public var fileBytes: Int
    public var memoryBytes: Int

    public static let load: UInt32 = 1
    public static let dynamic: UInt32 = 2
    public static let interpreter: UInt32 = 3
    public var isExecutable: Bool { flags & 1 != 0 }
    public var isWritable: Bool { flags & 2 != 0 }
  }

  public struct Section: Hashable, Sendable {
    public var name: String
    public var type: UInt32
    public var flags: UInt64
    public var address: Int
    public var offset: Int
    public var size: Int
    /// The index of the section that belongs to this one: of a symbol table, that of its names.
    public var link: Int

    static let noBits: UInt32 = 8
    var isLoaded: Bool { flags & 2 != 0 }
    var isWritable: Bool { flags & 1 != 0 }
    var isExecutable: Bool { flags & 4 != 0 }
  }

  public private(set) var is64Bit = true
  public private(set) var programHeaders: [ProgramHeader] = []
  public private(set) var sections: [Section] = []
  private let bytes: [UInt8]

  /// Nil if the bytes are no such file, or if a table leads out of it.
  public init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard bytes.count >= 52, bytes[0..<4].elementsEqual([0x7F, 0x45, 0x4C, 0x46]), bytes[4] == 1 || bytes[4] == 2, bytes[5] == 1 else {
      return nil
    }
    is64Bit = bytes[4] == 2
    guard readProgramHeaders(), readSections() else { return nil }
  }

  private mutating func readProgramHeaders() -> Bool {
    guard let start = word(is64Bit ? 32 : 28), let size = half(is64Bit ? 54 : 42), let count = half(is64Bit ? 56 : 44) else { return false }
    guard start <= bytes.count else { return false }
    for index in 0..<count {
      let entry = start + index * size
      guard let type = word32(entry), let flags = word32(entry + (is64Bit ? 4 : 24)), let fileBytes = word(entry + (is64Bit ? 32 : 16)),
        let memoryBytes = word(entry + (is64Bit ? 40 : 20))
      else { return false }
      programHeaders.append(ProgramHeader(type: UInt32(type), flags: UInt32(flags), fileBytes: fileBytes, memoryBytes: memoryBytes))
    }
    return true
  }

  private mutating func readSections() -> Bool {
    guard let start = word(is64Bit ? 40 : 32), let size = half(is64Bit ? 58 : 46), let count = half(is64Bit ? 60 : 48),
      let nameIndex = half(is64Bit ? 62 : 50)
    else { return false }
    guard start <= bytes.count else { return false }
    var nameOffsets: [Int] = []
    for index in 0..<count {
      let entry = start + index * size
      guard let name = word32(entry), let type = word32(entry + 4), let flags = word(entry + 8),
        let address = word(entry + (is64Bit ? 16 : 12)),
        let offset = word(entry + (is64Bit ? 24 : 16)), let length = word(entry + (is64Bit ? 32 : 20)),
        let link = word32(entry + (is64Bit ? 40 : 24))
      else { return false }
      nameOffsets.append(name)
      sections.append(
        Section(name: "", type: UInt32(type), flags: UInt64(flags), address: address, offset: offset, size: length, link: link))
    }
    guard sections.indices.contains(nameIndex) else { return count == 0 }
    let names = content(of: sections[nameIndex])
    for (index, offset) in nameOffsets.enumerated() where offset < names.count {
      sections[index].name = String(decoding: names[offset...].prefix { $0 != 0 }, as: UTF8.self)
    }
    return true
  }

  /// The bytes of a section; none for `.bss` and for a section that leads out of the file.
  public func content(of section: Section) -> [UInt8] {
    guard section.type != Section.noBits, section.offset >= 0, section.size >= 0, section.offset <= bytes.count,
      section.size <= bytes.count - section.offset
    else { return [] }
    return Array(bytes[section.offset..<section.offset + section.size])
  }

  private func number(_ offset: Int, bytes count: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - count else { return nil }
    let value = (0..<count).reduce(UInt64(0)) { $0 | UInt64(bytes[offset + $1]) << UInt64($1 * 8) }
    return Int(exactly: value)
  }

  private func half(_ offset: Int) -> Int? { number(offset, bytes: 2) }
  private func word32(_ offset: Int) -> Int? { number(offset, bytes: 4) }
  private func word(_ offset: Int) -> Int? { number(offset, bytes: is64Bit ? 8 : 4) }
}

extension ElfFile {
  /// Bytes of executable, of other read-only, of writable and of zero-initialised sections.
  public struct Sizes: Hashable, Sendable {
    public var text = 0
    public var constants = 0
    public var data = 0
    public var zeroed = 0
  }

  public var sizes: Sizes {
    sections.filter(\.isLoaded).reduce(into: Sizes()) { sizes, section in
      if section.isExecutable {
        sizes.text += section.size
      } else if section.type == Section.noBits {
        sizes.zeroed += section.size
      } else if !section.isWritable {
        sizes.constants += section.size
      } else {
        sizes.data += section.size
      }
    }
  }

  /// What a packed program must not have: anything for a dynamic linker, or memory that is writable and executable.
  public var faults: [String] {
    programHeaders.compactMap { header in
      switch header.type {
      case ProgramHeader.dynamic: "it has a dynamic section"
      case ProgramHeader.interpreter: "it names a dynamic linker"
      default: header.isWritable && header.isExecutable ? "a segment is writable and executable" : nil
      }
    }
  }

  /// The stack frame of each function by its address, from `.stack_sizes` (clang's -fstack-size-section): records of an address and an
  /// unsigned LEB128 number.
  var stackFrames: [Int: Int] {
    var frames: [Int: Int] = [:]
    for section in sections where section.name == ".stack_sizes" {
      let content = content(of: section)
      let addressBytes = is64Bit ? 8 : 4
      var position = 0
      while position + addressBytes < content.count {
        let address = (0..<addressBytes).reduce(0) { $0 | Int(content[position + $1]) << ($1 * 8) }
        position += addressBytes
        var size = 0
        var shift = 0
        while position < content.count, shift < 56 {
          let byte = content[position]
          position += 1
          size |= Int(byte & 0x7F) << shift
          shift += 7
          if byte & 0x80 == 0 { break }
        }
        frames[address] = max(frames[address] ?? 0, size)
      }
    }
    return frames
  }
}
