#if EDGEPACK_AVX512
import CIntrinsics

extension Avx512 {
  /// See `Portable.matmulInt8`. Tile 16 × 4; other tiles are not read; biases are those of unsigned inputs. Blocks of 16 rows are staged
  /// as unsigned bytes in `scratch` and multiplied; a single row is read where it lies.
  #if EDGEPACK_SPECIALIZED
  @inline(__always)
  #endif
  public static func matmulInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: MatmulShape, _ tile: WeightTile
  ) {
    if shape.rows == 1 { return multiplyRow(input, weights, biases, multipliers, output, shape) }
    let block = matmulVariant.block
    let rowBytes = (shape.depth &+ 3) & ~3
    let multiply = Avx512Multiplication(
      weights: weights, biases: biases, multipliers: multipliers,
      window: Avx512Window(segments: 1, groups: rowBytes / 4, pixelBytes: rowBytes), requantize: Avx512Requantizer(shape.output),
      outputBytes: shape.outputStride)
    closeScratch(scratch, bytes: matmulVariant.scratchBytes(matmul: shape))
    let blocks = (shape.rows &+ block &- 1) / block
    for step in 0..<blocks {
      let row = (shape.descending ? blocks &- 1 &- step : step) &* block
      let count = min(block, shape.rows &- row)
      stageRows(input + row &* shape.depth, scratch, count: count, depth: shape.depth, rowBytes: rowBytes)
      multiply(count: count, channels: 0..<shape.columns, output + row &* shape.outputStride) { _ in UnsafePointer(scratch) }
    }
  }

  /// Copies rows as unsigned bytes, each padded to whole groups of four.
  @inline(__always)
  private static func stageRows(
    _ input: UnsafePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, count: Int, depth: Int, rowBytes: Int
  ) {
    if depth == rowBytes { return offset(input, scratch, count: count &* depth) }
    for i in 0..<count { offset(input + i &* depth, scratch + i &* rowBytes, count: depth) }
  }

  /// One row: the time goes into reading the weights.
  @inline(__always)
  private static func multiplyRow(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ shape: MatmulShape
  ) {
    let groups = (shape.depth &+ 3) / 4
    let requantize = Avx512Requantizer(shape.output)
    func channels(_ column: Int) -> Avx512Channels { Avx512Channels(biases + column, multipliers + column) }
    var column = 0
    while column &+ 48 < shape.columns {
      let sums = fourBlocks(input, weights + column &* groups &* 4, groups: groups)
      let bytes = requantize(sums, channels(column), channels(column &+ 16), channels(column &+ 32), channels(column &+ 48))
      let count = shape.columns &- column
      if count >= 64 {
        edgepack_avx512_store(output + column, bytes)
      } else {
        edgepack_avx512_store_masked(output + column, bytes, (1 &<< UInt64(truncatingIfNeeded: count)) &- 1)
      }
      column &+= 64
    }
    while column < shape.columns {
      let sums = Avx512Sums(a: oneBlock(input, weights + column &* groups &* 4, groups: groups))
      let bytes = requantize(sums, channels(column), channels(column))
      edgepack_avx512_store_masked(output + column, bytes, (1 &<< UInt64(truncatingIfNeeded: min(16, shape.columns &- column))) &- 1)
      column &+= 16
    }
  }

  /// One row times four blocks of 16 channels, which stream side by side; two sums for each take turns along the depth.
  @inline(__always)
  private static func fourBlocks(_ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, groups: Int) -> Avx512Sums {
    let blockBytes = groups &* 64
    var (even, odd) = (Avx512Sums(), Avx512Sums())
    var w = weights
    var x = input
    var group = 0
    while group &+ 2 <= groups {
      even.addRow(x, w, blockBytes)
      odd.addRow(x + 4, w + 64, blockBytes)
      x += 8
      w += 128
      group &+= 2
    }
    if group < groups { even.addRow(x, w, blockBytes) }
    even.add(odd)
    return even
  }

  /// One row times 16 channels; four sums take turns along the depth.
  @inline(__always)
  private static func oneBlock(_ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, groups: Int) -> __m512i {
    var sums = Avx512Sums()
    var w = weights
    var x = input
    var group = 0
    while group &+ 4 <= groups {
      sums.addDepth(x, w)
      x += 16
      w += 256
      group &+= 4
    }
    while group < groups {
      sums.a = edgepack_avx512_dot(sums.a, edgepack_avx512_offset(edgepack_avx512_broadcast4(x)), edgepack_avx512_load(w))
      x += 4
      w += 64
      group &+= 1
    }
    return sums.total
  }
}

extension Avx512Sums {
  /// One pixel of signed inputs, four blocks of channels.
  @inline(__always) mutating func addRow(_ x: UnsafePointer<Int8>, _ w: UnsafePointer<Int8>, _ blockBytes: Int) {
    let value = edgepack_avx512_offset(edgepack_avx512_broadcast4(x))
    a = edgepack_avx512_dot(a, value, edgepack_avx512_load(w))
    b = edgepack_avx512_dot(b, value, edgepack_avx512_load(w + blockBytes))
    c = edgepack_avx512_dot(c, value, edgepack_avx512_load(w + 2 &* blockBytes))
    d = edgepack_avx512_dot(d, value, edgepack_avx512_load(w + 3 &* blockBytes))
  }

  /// One pixel of signed inputs, one block of channels, four groups of the depth.
  @inline(__always) mutating func addDepth(_ x: UnsafePointer<Int8>, _ w: UnsafePointer<Int8>) {
    a = edgepack_avx512_dot(a, edgepack_avx512_offset(edgepack_avx512_broadcast4(x)), edgepack_avx512_load(w))
    b = edgepack_avx512_dot(b, edgepack_avx512_offset(edgepack_avx512_broadcast4(x + 4)), edgepack_avx512_load(w + 64))
    c = edgepack_avx512_dot(c, edgepack_avx512_offset(edgepack_avx512_broadcast4(x + 8)), edgepack_avx512_load(w + 128))
    d = edgepack_avx512_dot(d, edgepack_avx512_offset(edgepack_avx512_broadcast4(x + 12)), edgepack_avx512_load(w + 192))
  }

  @inline(__always) mutating func add(_ other: Avx512Sums) {
    a = edgepack_avx512_add(a, other.a)
    b = edgepack_avx512_add(b, other.b)
    c = edgepack_avx512_add(c, other.c)
    d = edgepack_avx512_add(d, other.d)
  }

  var total: __m512i {
    @inline(__always) get { edgepack_avx512_add(edgepack_avx512_add(a, b), edgepack_avx512_add(c, d)) }
  }
}
#endif
