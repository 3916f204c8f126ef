#if arch(arm64) || EDGEPACK_AVX2
/// Stores up to eight bytes of a word, the lowest first. Tuned kernels use it where a vector would write beyond the output.
@inline(__always)
func storeBytes(_ output: UnsafeMutablePointer<Int8>, _ bits: UInt64, count: Int) {
  var bits = bits
  var i = 0
  while i < count {
    output[i] = Int8(truncatingIfNeeded: bits)
    bits &>>= 8
    i &+= 1
  }
}

/// The part of a tile of channels that an output wants: tiles at the border of a group or at the end have channels of others.
struct TileTarget {
  private let output: UnsafeMutablePointer<Int8>
  private let skipped: Int
  private let count: Int

  /// - Parameters:
  ///   - output: channel 0 of the first row.
  ///   - tile: the tile's channels.
  ///   - channels: the channels wanted; some lie in the tile.
  @inline(__always) init(_ output: UnsafeMutablePointer<Int8>, tile: Range<Int>, wanted channels: Range<Int>) {
    let first = max(tile.lowerBound, channels.lowerBound)
    self.output = output + first
    skipped = first &- tile.lowerBound
    count = min(tile.upperBound, channels.upperBound) &- first
  }

  /// Stores one row of a tile that is as wide as `Word`.
  /// - Parameters:
  ///   - bits: the tile's bytes, the first channel lowest; bits above `Word` do not matter.
  ///   - offset: of the row, from the first one.
  @inline(__always)
  func store<Word: FixedWidthInteger & BitwiseCopyable>(_ bits: UInt64, as word: Word.Type, at offset: Int = 0) {
    if count == MemoryLayout<Word>.size {
      UnsafeMutableRawPointer(output + offset).storeBytes(of: Word(truncatingIfNeeded: bits), as: Word.self)
    } else {
      storeBytes(output + offset, bits &>> UInt64(truncatingIfNeeded: skipped &* 8), count: count)
    }
  }
}
#endif
