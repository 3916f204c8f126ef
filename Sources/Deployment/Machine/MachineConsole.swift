/// What the emulated machine wrote to its serial console, taken apart: the program's own output and how it ended.
struct MachineConsole: Hashable, Sendable {
  /// The program's standard output and error as they came, line ends restored.
  var output: String
  /// From the line `edgepack-exit: N`, which process 1 writes last; nil if the machine stopped before.
  var exitCode: Int?
  /// From the lines behind `edgepack-memory:`; nil if nothing was limited.
  var memory: EnforcedMemory?

  private static let marker = "\nedgepack-exit: "

  /// The console turns `\n` into `\r\n`. The line end before the last exit line belongs to process 1, not to the program.
  init(_ bytes: [UInt8]) {
    var unixBytes: [UInt8] = []
    unixBytes.reserveCapacity(bytes.count)
    for (index, byte) in bytes.enumerated() {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      if byte == 0x0D && next == 0x0A { continue }
      unixBytes.append(byte)
    }
    let marker = Array(Self.marker.utf8)
    guard let start = Self.lastIndex(of: marker, in: unixBytes) else {
      output = String(decoding: unixBytes, as: UTF8.self)
      exitCode = nil
      return
    }
    let written = String(decoding: unixBytes[..<start], as: UTF8.self)
    (output, memory) = Self.separated(written)
    let rest = unixBytes[(start + marker.count)...]
    // A number without its line end is a console that broke off.
    guard let end = rest.firstIndex(of: 0x0A) else {
      exitCode = nil
      return
    }
    exitCode = Int(String(decoding: rest[..<end], as: UTF8.self)).flatMap { (0...255).contains($0) ? $0 : nil }
  }

  private static let memoryStart = "\nedgepack-memory: limit "
  private static let memoryEnd = "\nedgepack-memory: end\n"

  /// The program's output and what process 1 says behind it about the memory: `limit N peak N`, then lines of a name and a number.
  private static func separated(_ text: String) -> (String, EnforcedMemory?) {
    guard text.hasSuffix(memoryEnd), let start = text.range(of: memoryStart, options: .backwards) else { return (text, nil) }
    let report = text[start.upperBound...].dropLast(memoryEnd.count)
    let words = ("limit " + report).split { $0 == " " || $0 == "\n" }
    let numbers = Dictionary(
      stride(from: 0, to: words.count - 1, by: 2).compactMap { index in Int(words[index + 1]).map { (words[index], $0) } },
      uniquingKeysWith: { $1 })
    guard let limit = numbers["limit"], let peak = numbers["peak"], let oomKills = numbers["oom_kill"] else { return (text, nil) }
    return (
      String(text[..<start.lowerBound]),
      EnforcedMemory(limit: limit, peak: peak, reclaims: numbers["max"] ?? 0, oomKills: oomKills)
    )
  }

  /// The last lines before the machine stopped, for a diagnostic: up to a kernel panic's first line, whose call trace says nothing more.
  var lastLines: [String] {
    let lines = output.split(separator: "\n").map(String.init)
    let panic = lines.firstIndex { $0.contains("Kernel panic") } ?? lines.endIndex - 1
    return Array(lines.prefix(panic + 1).suffix(8))
  }

  private static func lastIndex(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= pattern.count else { return nil }
    return (0...(bytes.count - pattern.count)).last { bytes[$0..<($0 + pattern.count)].elementsEqual(pattern) }
  }
}
