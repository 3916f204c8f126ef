/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, initial value and final xor 0xFFFFFFFF; RFC 3720 §B.4).
///
/// Half a byte at a time through a table of 64 bytes: it must be small on the device, where every weight byte passes through it once.
public struct Checksum {
  private var state: UInt32

  @inlinable public init() { self.init(state: 0xFFFF_FFFF) }
  @usableFromInline init(state: UInt32) { self.state = state }

  public var value: UInt32 { ~state }

  /// Continues over `count` bytes.
  public mutating func add(_ bytes: UnsafeRawPointer, count: Int) {
    var crc = state
    var index = 0
    while index < count {
      crc = Self.step(crc, bytes.load(fromByteOffset: index, as: UInt8.self))
      index &+= 1
    }
    state = crc
  }

  /// Continues over `count` zero bytes.
  public mutating func addZeros(count: Int) {
    var index = 0
    while index < count {
      state = Self.step(state, 0)
      index &+= 1
    }
  }

  /// The checksum of `count` bytes.
  public static func of(_ bytes: UnsafeRawPointer, count: Int) -> UInt32 {
    var checksum = Checksum()
    checksum.add(bytes, count: count)
    return checksum.value
  }

  @inline(__always) private static func step(_ crc: UInt32, _ byte: UInt8) -> UInt32 {
    let low = crc ^ UInt32(byte)
    let high = (low >> 4) ^ halfByteTable[Int(low & 15)]
    return (high >> 4) ^ halfByteTable[Int(high & 15)]
  }
}

/// Entry i is the state i shifted through four zero bits.
private let halfByteTable: InlineArray<16, UInt32> = [
  0x0000_0000, 0x105E_C76F, 0x20BD_8EDE, 0x30E3_49B1, 0x417B_1DBC, 0x5125_DAD3, 0x61C6_9362, 0x7198_540D,
  0x82F6_3B78, 0x92A8_FC17, 0xA24B_B5A6, 0xB215_72C9, 0xC38D_26C4, 0xD3D3_E1AB, 0xE330_A81A, 0xF36E_6F75,
]

#if !hasFeature(Embedded)
extension Checksum {
  /// The checksum of `bytes`.
  public static func of(_ bytes: some Collection<UInt8>) -> UInt32 {
    bytes.withContiguousStorageIfAvailable { raw in
      guard let base = raw.baseAddress else { return Checksum().value }
      return of(base, count: raw.count)
    } ?? of(Array(bytes))
  }
}
#endif
