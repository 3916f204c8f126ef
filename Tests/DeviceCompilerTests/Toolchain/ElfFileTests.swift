import DeviceCompiler
import TestSupport
import Testing

@Suite struct ElfFileTests {
  /// The header of a 64-bit little-endian file without any table.
  private var header: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 64)
    bytes.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
    return bytes
  }

  @Test func aHeaderWithoutTablesIsAnEmptyFile() throws {
    let elf = try #require(ElfFile(header))
    #expect(elf.is64Bit && elf.sections.isEmpty && elf.programHeaders.isEmpty && elf.faults.isEmpty)
  }

  /// Offsets near the largest number must not overflow on the way to being refused.
  @Test(arguments: [(start: 32, size: 54, count: 56), (start: 40, size: 58, count: 60)])
  func aTableThatBeginsOutsideOfTheFileIsRefused(start: Int, size: Int, count: Int) {
    var bytes = header
    bytes.replaceSubrange(start..<start + 8, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
    bytes[size] = 64
    bytes[count] = 3
    #expect(ElfFile(bytes) == nil)
  }

  @Test func damagedHeadersAreReadOrRefusedButNeverTrap() {
    for seed in SeededGenerator.seeds(2_000) {
      var random = SeededGenerator(seed: seed)
      var bytes = header + [UInt8](repeating: 0, count: 256)
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        bytes[Int.random(in: 4..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let elf = ElfFile(bytes)
      _ = elf?.faults
      _ = elf?.symbols
    }
  }
}
