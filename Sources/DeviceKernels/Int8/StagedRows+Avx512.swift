#if EDGEPACK_AVX512
import CIntrinsics

/// The input rows of one output row, staged in scratch as unsigned bytes `x + 128`, padding as the zero point. A row is copied once, when
/// the first window needs it; so an output may overwrite input rows that no later window reads.
struct Avx512StagedRows {
  let layout: StagedRows
  let scratch: UnsafeMutablePointer<Int8>
  private let input: UnsafePointer<Int8>
  private let shape: ConvolutionShape
  /// Rows of the padded input that lie in the ring, row u in line `u mod lines`.
  private var staged = 0..<0

  @inline(__always)
  init(_ input: UnsafePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape, block: Int) {
    layout = StagedRows(shape, block: block)
    self.input = input
    self.scratch = scratch
    self.shape = shape
    Avx512.closeScratch(scratch, bytes: layout.bytes)
  }

  /// Makes the windows of an output row readable.
  @inline(__always) mutating func stage(outputRow row: Int) {
    let first = row &* shape.strideY
    let window = first..<first &+ layout.lines
    for u in window where !staged.contains(u) { copy(u) }
    staged = window
  }

  /// A line of the current window.
  @inline(__always) func line(_ u: Int) -> UnsafeMutablePointer<Int8> { scratch + (u % layout.lines) &* layout.lineBytes }

  @inline(never) private func copy(_ u: Int) {
    let line = line(u)
    let y = u &- shape.padTop
    let padding = edgepack_avx512_offset(edgepack_avx512_splat_int8(Int8(truncatingIfNeeded: shape.inputZeroPoint)))
    guard y >= 0 && y < shape.inputHeight else { return fill(line, from: 0, padding) }
    let left = min(shape.padLeft &* shape.inputChannels, layout.usedBytes)
    let count = min(shape.inputWidth &* shape.inputChannels, layout.usedBytes &- left)
    var i = 0
    while i < left {
      edgepack_avx512_store(line + i, padding)
      i &+= StagedRows.vector
    }
    Avx512.offset(input + y &* shape.inputWidth &* shape.inputChannels, line + left, count: count)
    fill(line, from: left &+ count, padding)
  }

  @inline(__always) private func fill(_ line: UnsafeMutablePointer<Int8>, from start: Int, _ value: __m512i) {
    var i = start
    while i < layout.usedBytes {
      edgepack_avx512_store(line + i, value)
      i &+= StagedRows.vector
    }
  }
}

extension Avx512 {
  /// Sets the last vector of a scratch of `bytes`, which the last pixels of a tile may read without a meaning; so the arena's measured
  /// high-water mark is the planned one.
  @inline(__always) static func closeScratch(_ scratch: UnsafeMutablePointer<Int8>, bytes: Int) {
    edgepack_avx512_store(scratch + bytes - StagedRows.vector, edgepack_avx512_zero())
  }

  /// Copies `count` int8 values as `x + 128`, in whole vectors: up to 63 bytes too many are read and written.
  @inline(__always)
  static func offset(_ input: UnsafePointer<Int8>, _ output: UnsafeMutablePointer<Int8>, count: Int) {
    var i = 0
    while i < count {
      edgepack_avx512_store(output + i, edgepack_avx512_offset(edgepack_avx512_load(input + i)))
      i &+= StagedRows.vector
    }
  }
}
#endif
