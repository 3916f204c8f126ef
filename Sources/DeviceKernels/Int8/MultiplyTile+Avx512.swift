#if EDGEPACK_AVX512
import CIntrinsics

/// Where a tile's inputs lie: each pixel's window is `segments` runs of `groups · 4` unsigned bytes.
struct Avx512Window {
  var segments: Int
  var groups: Int
  /// From a pixel's bytes to the next one's.
  var pixelBytes: Int
}

/// Sums of four vectors of 16 channels: four pixels, two pixels of two blocks of channels, or one pixel of four blocks.
///
/// `vpdpbusd` takes four cycles and two start in each, so eight independent sums are needed; a tile keeps 16 in registers, which leaves
/// room for weights and inputs. An input of four bytes is loaded into all lanes, which costs a load and no arithmetic.
struct Avx512Sums {
  var a = edgepack_avx512_zero()
  var b = edgepack_avx512_zero()
  var c = edgepack_avx512_zero()
  var d = edgepack_avx512_zero()

  /// Four pixels.
  @inline(__always) mutating func add(_ x: UnsafePointer<Int8>, _ pixelBytes: Int, _ w: __m512i) {
    a = edgepack_avx512_dot(a, edgepack_avx512_broadcast4(x), w)
    b = edgepack_avx512_dot(b, edgepack_avx512_broadcast4(x + pixelBytes), w)
    c = edgepack_avx512_dot(c, edgepack_avx512_broadcast4(x + 2 &* pixelBytes), w)
    d = edgepack_avx512_dot(d, edgepack_avx512_broadcast4(x + 3 &* pixelBytes), w)
  }

  /// Two pixels, the first one's blocks in a and b.
  @inline(__always) mutating func add(_ x: UnsafePointer<Int8>, _ pixelBytes: Int, _ w0: __m512i, _ w1: __m512i) {
    let first = edgepack_avx512_broadcast4(x)
    let second = edgepack_avx512_broadcast4(x + pixelBytes)
    a = edgepack_avx512_dot(a, first, w0)
    b = edgepack_avx512_dot(b, first, w1)
    c = edgepack_avx512_dot(c, second, w0)
    d = edgepack_avx512_dot(d, second, w1)
  }
}

/// Biases, multipliers and bounds: turns sums into bytes.
struct Avx512Requantizer {
  let high: __m512
  let zeroPoint: __m512i
  let minimum: __m512i

  @inline(__always) init(_ range: OutputRange) {
    high = edgepack_avx512_splat_float(edgepack_float_from_int32(range.maximum &- range.zeroPoint))
    zeroPoint = edgepack_avx512_splat_int16(Int16(truncatingIfNeeded: range.zeroPoint))
    minimum = edgepack_avx512_splat_int8(Int8(truncatingIfNeeded: range.minimum))
  }

  /// 64 bytes; the first 16 are those of `sums.a`.
  @inline(__always) func callAsFunction(_ sums: Avx512Sums, _ a: Avx512Channels, _ b: Avx512Channels) -> __m512i {
    edgepack_avx512_narrow(
      a.scale(sums.a, high), b.scale(sums.b, high), a.scale(sums.c, high), b.scale(sums.d, high), zeroPoint, minimum)
  }

  @inline(__always) func callAsFunction(
    _ sums: Avx512Sums, _ a: Avx512Channels, _ b: Avx512Channels, _ c: Avx512Channels, _ d: Avx512Channels
  ) -> __m512i {
    edgepack_avx512_narrow(
      a.scale(sums.a, high), b.scale(sums.b, high), c.scale(sums.c, high), d.scale(sums.d, high), zeroPoint, minimum)
  }
}

/// Bias and multiplier of 16 channels.
struct Avx512Channels {
  let bias: __m512i
  let multiplier: __m512

  @inline(__always) init(_ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>) {
    bias = edgepack_avx512_load(biases)
    multiplier = edgepack_avx512_load_float(multipliers)
  }

  @inline(__always) func scale(_ sum: __m512i, _ high: __m512) -> __m512i {
    edgepack_avx512_scale(edgepack_avx512_add(sum, bias), multiplier, high)
  }
}

/// Up to 16 pixels times the given channels.
struct Avx512Multiplication {
  let weights: UnsafePointer<Int8>
  let biases: UnsafePointer<Int32>
  let multipliers: UnsafePointer<Float>
  let window: Avx512Window
  let requantize: Avx512Requantizer
  /// From a pixel's outputs to the next one's.
  let outputBytes: Int

  /// From a block of 16 channels to the next one.
  private var blockBytes: Int { window.segments &* window.groups &* 64 }

  /// - Parameters:
  ///   - count: pixels, 1…16.
  ///   - channels: from `channels.lowerBound` on, whole blocks are multiplied together.
  ///   - output: channel 0 of the first pixel.
  ///   - segment: the first pixel's bytes in segment i.
  @inline(__always)
  func callAsFunction(
    count: Int, channels: Range<Int>, _ output: UnsafeMutablePointer<Int8>, _ segment: (Int) -> UnsafePointer<Int8>
  ) {
    var channel = channels.lowerBound & ~15
    if channel == channels.lowerBound {
      while channel &+ 32 <= channels.upperBound {
        pairs(count, channel, output + channel, segment)
        channel &+= 32
      }
    }
    while channel < channels.upperBound {
      singles(count, channel, channels, output + channel, segment)
      channel &+= 16
    }
  }

  // MARK: Two blocks of channels

  @inline(__always)
  private func pairs(
    _ count: Int, _ channel: Int, _ output: UnsafeMutablePointer<Int8>, _ segment: (Int) -> UnsafePointer<Int8>
  ) {
    var pixel = 0
    while count &- pixel > 4 {
      pairTile(pixel, eight: true, count &- pixel, channel, output + pixel &* outputBytes, segment)
      pixel &+= 8
    }
    if pixel < count { pairTile(pixel, eight: false, count &- pixel, channel, output + pixel &* outputBytes, segment) }
  }

  /// Eight pixels, or four, times 32 channels.
  @inline(__always)
  private func pairTile(
    _ pixel: Int, eight: Bool, _ count: Int, _ channel: Int, _ output: UnsafeMutablePointer<Int8>,
    _ segment: (Int) -> UnsafePointer<Int8>
  ) {
    var (s0, s1, s2, s3) = (Avx512Sums(), Avx512Sums(), Avx512Sums(), Avx512Sums())
    var w0 = weights + channel / 16 &* blockBytes
    var w1 = w0 + blockBytes
    let step = window.pixelBytes
    for i in 0..<window.segments {
      var x = segment(i) + pixel &* step
      for _ in 0..<window.groups {
        let (v0, v1) = (edgepack_avx512_load(w0), edgepack_avx512_load(w1))
        s0.add(x, step, v0, v1)
        s1.add(x + 2 &* step, step, v0, v1)
        if eight {
          s2.add(x + 4 &* step, step, v0, v1)
          s3.add(x + 6 &* step, step, v0, v1)
        }
        x += 4
        w0 += 64
        w1 += 64
      }
    }
    let a = Avx512Channels(biases + channel, multipliers + channel)
    let b = Avx512Channels(biases + channel + 16, multipliers + channel + 16)
    storePairs(requantize(s0, a, b), output, count)
    storePairs(requantize(s1, a, b), output + 2 &* outputBytes, count &- 2)
    if eight {
      storePairs(requantize(s2, a, b), output + 4 &* outputBytes, count &- 4)
      storePairs(requantize(s3, a, b), output + 6 &* outputBytes, count &- 6)
    }
  }

  @inline(__always) private func storePairs(_ bytes: __m512i, _ output: UnsafeMutablePointer<Int8>, _ count: Int) {
    if count >= 2 {
      edgepack_avx512_store_halves(output, output + outputBytes, bytes)
    } else if count == 1 {
      edgepack_avx512_store_masked(output, bytes, 0xFFFF_FFFF)
    }
  }

  // MARK: One block of channels

  @inline(__always)
  private func singles(
    _ count: Int, _ channel: Int, _ channels: Range<Int>, _ output: UnsafeMutablePointer<Int8>, _ segment: (Int) -> UnsafePointer<Int8>
  ) {
    var pixel = 0
    while pixel < count {
      let left = count &- pixel
      let quads = left > 12 ? 4 : left > 4 ? 2 : 1
      let target = output + pixel &* outputBytes
      if quads == 4 {
        singleTile(pixel, quads: 4, left, channel, channels, target, segment)
      } else if quads == 2 {
        singleTile(pixel, quads: 2, left, channel, channels, target, segment)
      } else {
        singleTile(pixel, quads: 1, left, channel, channels, target, segment)
      }
      pixel &+= 4 &* quads
    }
  }

  /// 16, 8 or 4 pixels times 16 channels, of which some may be unwanted.
  @inline(__always)
  private func singleTile(
    _ pixel: Int, quads: Int, _ count: Int, _ channel: Int, _ channels: Range<Int>, _ output: UnsafeMutablePointer<Int8>,
    _ segment: (Int) -> UnsafePointer<Int8>
  ) {
    var (s0, s1, s2, s3) = (Avx512Sums(), Avx512Sums(), Avx512Sums(), Avx512Sums())
    var w = weights + channel / 16 &* blockBytes
    let step = window.pixelBytes
    for i in 0..<window.segments {
      var x = segment(i) + pixel &* step
      for _ in 0..<window.groups {
        let v = edgepack_avx512_load(w)
        s0.add(x, step, v)
        if quads > 1 { s1.add(x + 4 &* step, step, v) }
        if quads > 2 {
          s2.add(x + 8 &* step, step, v)
          s3.add(x + 12 &* step, step, v)
        }
        x += 4
        w += 64
      }
    }
    let a = Avx512Channels(biases + channel, multipliers + channel)
    let target = Avx512QuadTarget(channels, channel: channel, outputBytes: outputBytes)
    target.store(requantize(s0, a, a), output, count)
    if quads > 1 { target.store(requantize(s1, a, a), output + 4 &* outputBytes, count &- 4) }
    if quads > 2 {
      target.store(requantize(s2, a, a), output + 8 &* outputBytes, count &- 8)
      target.store(requantize(s3, a, a), output + 12 &* outputBytes, count &- 12)
    }
  }
}

/// Where four pixels of one block of 16 channels go.
struct Avx512QuadTarget {
  private let outputBytes: Int
  /// One bit a wanted channel of the block.
  private let mask: UInt64

  @inline(__always) init(_ channels: Range<Int>, channel: Int, outputBytes: Int) {
    self.outputBytes = outputBytes
    let end = min(channels.upperBound &- channel, 16)
    let start = max(channels.lowerBound &- channel, 0)
    mask = (1 &<< UInt64(truncatingIfNeeded: end)) &- (1 &<< UInt64(truncatingIfNeeded: start))
  }

  /// - Parameter count: pixels that exist; at most the first four are stored.
  @inline(__always) func store(_ bytes: __m512i, _ output: UnsafeMutablePointer<Int8>, _ count: Int) {
    if mask == 0xFFFF && count >= 4 {
      edgepack_avx512_store_quarters(output, output + outputBytes, output + 2 &* outputBytes, output + 3 &* outputBytes, bytes)
    } else {
      // Bits of absent pixels lie in lanes that are not stored.
      edgepack_avx512_store_quarters_masked(output, outputBytes, bytes, UInt32(truncatingIfNeeded: mask), Int32(truncatingIfNeeded: count))
    }
  }
}
#endif
