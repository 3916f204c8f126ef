extension ElfFile {
  /// One entry of the symbol table.
  public struct Symbol: Hashable, Sendable {
    public enum Binding: Hashable, Sendable { case local, global, weak, other }

    public var name: String
    public var binding: Binding
    /// False for what another file must define.
    public var isDefined: Bool

    /// `$x`, `$d` and kin tell disassemblers and linkers what lies where (ELF for the Arm 64-bit Architecture §5.5.4): labels of no thing.
    public var isMappingSymbol: Bool { name.hasPrefix("$") && (name.count == 2 || name.dropFirst(2).first == ".") }
  }

  /// The named symbols, sections and file names aside. Empty if there is no symbol table, or if it leads out of the file.
  public var symbols: [Symbol] {
    guard let table = sections.first(where: { $0.type == 2 }), sections.indices.contains(table.link) else { return [] }
    let entries = content(of: table)
    let names = content(of: sections[table.link])
    let entryBytes = is64Bit ? 24 : 16
    return stride(from: 0, to: entries.count - entries.count % entryBytes, by: entryBytes).compactMap { start in
      let nameOffset = (0..<4).reduce(0) { $0 | Int(entries[start + $1]) << ($1 * 8) }
      let info = entries[start + (is64Bit ? 4 : 12)]
      let section = start + (is64Bit ? 6 : 14)
      // Types 3 and 4 are sections and files.
      guard nameOffset > 0, nameOffset < names.count, info & 15 != 3, info & 15 != 4 else { return nil }
      let binding: Symbol.Binding =
        switch info >> 4 {
        case 0: .local
        case 1: .global
        case 2: .weak
        default: .other
        }
      return Symbol(
        name: String(decoding: names[nameOffset...].prefix { $0 != 0 }, as: UTF8.self), binding: binding,
        isDefined: entries[section] != 0 || entries[section + 1] != 0)
    }
  }
}
