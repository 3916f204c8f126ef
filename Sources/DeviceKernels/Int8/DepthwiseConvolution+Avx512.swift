#if EDGEPACK_AVX512
import CIntrinsics

extension Avx512 {
  /// See `Portable.depthwiseConvolutionInt8`. For each output row, the bytes of four rows of taps are laid side by side in scratch,
  /// `[column][channel][4]`, so that one `vpdpbusd` adds four taps of 16 channels. Weights in the order of
  /// `WeightTile.depthwiseOffset`; biases are those of unsigned inputs.
  #if EDGEPACK_SPECIALIZED
  @inline(__always)
  #endif
  public static func depthwiseConvolutionInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape
  ) {
    let channels = shape.inputChannels
    let rows = Avx512InterleavedRows(input, scratch, shape)
    let requantize = Avx512Requantizer(shape.output)
    let taps = rows.layout.groups &* shape.kernelWidth
    for step in 0..<shape.outputHeight {
      let row = shape.descending ? shape.outputHeight &- 1 &- step : step
      rows.stage(outputRow: row)
      var channel = 0
      while channel < channels {
        let constants = Avx512Channels(biases + channel, multipliers + channel)
        let target = Avx512QuadTarget(0..<channels, channel: channel, outputBytes: channels)
        let w = weights + channel &* taps &* 4
        let line = output + row &* shape.outputWidth &* channels
        var column = 0
        while column < shape.outputWidth {
          let sums = rows.sums(w, column: column, channel: channel)
          target.store(requantize(sums, constants, constants), line + (column &* channels &+ channel), shape.outputWidth &- column)
          column &+= 4
        }
        channel &+= 16
      }
    }
  }
}

/// The rows that one output row's windows span, as 32-bit words of four taps.
private struct Avx512InterleavedRows {
  let layout: InterleavedRows
  let input: UnsafePointer<Int8>
  let scratch: UnsafeMutablePointer<Int8>
  let shape: ConvolutionShape

  @inline(__always)
  init(_ input: UnsafePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape) {
    layout = InterleavedRows(shape)
    self.input = input
    self.scratch = scratch
    self.shape = shape
    Avx512.closeScratch(scratch, bytes: layout.bytes)
    // What taps outside the input read, instead of a row.
    edgepack_avx512_store(scratch, edgepack_avx512_splat_int8(Int8(truncatingIfNeeded: shape.inputZeroPoint)))
  }

  /// Sums of four pixels from `column` on and of 16 channels.
  @inline(__always)
  func sums(_ weights: UnsafePointer<Int8>, column: Int, channel: Int) -> Avx512Sums {
    var sums = Avx512Sums()
    var w = weights
    let step = shape.strideX &* shape.inputChannels &* 4
    for group in 0..<layout.groups {
      var x = scratch + (StagedRows.vector &+ group &* layout.lineBytes &+ channel &* 4 &+ column &* step)
      for _ in 0..<shape.kernelWidth {
        let v = edgepack_avx512_load(w)
        sums.a = edgepack_avx512_dot(sums.a, edgepack_avx512_load(x), v)
        sums.b = edgepack_avx512_dot(sums.b, edgepack_avx512_load(x + step), v)
        sums.c = edgepack_avx512_dot(sums.c, edgepack_avx512_load(x + 2 &* step), v)
        sums.d = edgepack_avx512_dot(sums.d, edgepack_avx512_load(x + 3 &* step), v)
        x += shape.dilationX &* shape.inputChannels &* 4
        w += 64
      }
    }
    return sums
  }

  @inline(__always) func stage(outputRow row: Int) {
    for group in 0..<layout.groups {
      let target = scratch + (StagedRows.vector &+ group &* layout.lineBytes)
      interleave(line(row, group &* 4), line(row, group &* 4 &+ 1), line(row, group &* 4 &+ 2), line(row, group &* 4 &+ 3), target)
    }
  }

  /// The input row of a row of taps: its first byte and the step from byte to byte, 0 for padding.
  @inline(__always) private func line(_ row: Int, _ tapRow: Int) -> (UnsafePointer<Int8>, Int) {
    let y = row &* shape.strideY &- shape.padTop &+ tapRow &* shape.dilationY
    guard y >= 0 && y < shape.inputHeight && tapRow < shape.kernelHeight else { return (UnsafePointer(scratch), 0) }
    return (input + y &* shape.inputWidth &* shape.inputChannels, 1)
  }

  @inline(__always)
  private func interleave(
    _ a: (UnsafePointer<Int8>, Int), _ b: (UnsafePointer<Int8>, Int), _ c: (UnsafePointer<Int8>, Int), _ d: (UnsafePointer<Int8>, Int),
    _ target: UnsafeMutablePointer<Int8>
  ) {
    let padding = edgepack_avx512_offset(edgepack_avx512_splat_int8(Int8(truncatingIfNeeded: shape.inputZeroPoint)))
    let left = min(shape.padLeft &* shape.inputChannels, layout.usedWords)
    let end = left &+ min(shape.inputWidth &* shape.inputChannels, layout.usedWords &- left)
    fill(target, 0..<left, padding)
    var i = 0
    while left &+ i < end {
      let words = edgepack_avx512_interleave(a.0 + i &* a.1, b.0 + i &* b.1, c.0 + i &* c.1, d.0 + i &* d.1)
      edgepack_avx512_store(target + (left &+ i) &* 4, edgepack_avx512_offset(words))
      i &+= 16
    }
    fill(target, end..<layout.usedWords, padding)
  }

  @inline(__always) private func fill(_ target: UnsafeMutablePointer<Int8>, _ words: Range<Int>, _ value: __m512i) {
    var i = words.lowerBound
    while i < words.upperBound {
      edgepack_avx512_store(target + i &* 4, value)
      i &+= 16
    }
  }
}
#endif
