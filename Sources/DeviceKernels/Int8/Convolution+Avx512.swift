#if EDGEPACK_AVX512
import CIntrinsics

extension Avx512 {
  /// See `Portable.convolutionInt8`. Stages the rows of a window once as unsigned bytes with their padding, then multiplies up to 16
  /// pixels of a row at a time: where they lie, or gathered where a window's rows are not contiguous. Tile 16 × 4 with a run for each row
  /// of the window, other tiles are not read; biases are those of unsigned inputs.
  #if EDGEPACK_SPECIALIZED
  @inline(__always)
  #endif
  public static func convolutionInt8(
    _ input: UnsafePointer<Int8>, _ weights: UnsafePointer<Int8>, _ biases: UnsafePointer<Int32>, _ multipliers: UnsafePointer<Float>,
    _ output: UnsafeMutablePointer<Int8>, _ scratch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape, _ tile: WeightTile
  ) {
    let block = convolutionVariant.block
    var rows = Avx512StagedRows(input, scratch, shape, block: block)
    let layout = rows.layout
    let window =
      layout.isDirect
      ? Avx512Window(
        segments: shape.kernelHeight, groups: (shape.kernelWidth &* shape.inputChannels &+ 3) / 4,
        pixelBytes: shape.strideX &* shape.inputChannels)
      : Avx512Window(segments: 1, groups: layout.patchBytes / 4, pixelBytes: layout.patchBytes)
    let multiply = Avx512Multiplication(
      weights: weights, biases: biases, multipliers: multipliers, window: window, requantize: Avx512Requantizer(shape.output),
      outputBytes: shape.outputStride)
    for step in 0..<shape.outputHeight {
      let row = shape.descending ? shape.outputHeight &- 1 &- step : step
      rows.stage(outputRow: row)
      var column = 0
      while column < shape.outputWidth {
        let count = min(block, shape.outputWidth &- column)
        let pixel = output + (row &* shape.outputWidth &+ column) &* shape.outputStride
        if layout.isDirect {
          let left = column &* window.pixelBytes
          multiply(count: count, channels: 0..<shape.outputChannels, pixel) { tapRow in
            UnsafePointer(rows.line(row &* shape.strideY &+ tapRow &* shape.dilationY) + left)
          }
        } else {
          multiplyPatches(rows, shape, multiply, row: row, column: column, count: count, pixel)
        }
        column &+= block
      }
    }
  }

  /// Gathers the windows of up to 16 pixels, one group of channels after the other, and multiplies them.
  @inline(__always)
  private static func multiplyPatches(
    _ rows: Avx512StagedRows, _ shape: ConvolutionShape, _ multiply: Avx512Multiplication, row: Int, column: Int, count: Int,
    _ pixel: UnsafeMutablePointer<Int8>
  ) {
    let patches = rows.scratch + rows.layout.patchOffset
    let groupInputs = shape.inputChannels / shape.groups
    let groupOutputs = shape.outputChannels / shape.groups
    for group in 0..<shape.groups {
      for i in 0..<count {
        var patch = patches + i &* rows.layout.patchBytes
        for tapRow in 0..<shape.kernelHeight {
          var x =
            rows.line(row &* shape.strideY &+ tapRow &* shape.dilationY) + (column &+ i) &* shape.strideX &* shape.inputChannels
            + group &* groupInputs
          for _ in 0..<shape.kernelWidth {
            copyRun(patch, x, count: groupInputs)
            patch += groupInputs
            x += shape.dilationX &* shape.inputChannels
          }
        }
      }
      multiply(count: count, channels: group &* groupOutputs..<(group &+ 1) &* groupOutputs, pixel) { _ in UnsafePointer(patches) }
    }
  }

  /// Copies in chunks of 16 bytes, up to 15 too many.
  @inline(__always)
  private static func copyRun(_ output: UnsafeMutablePointer<Int8>, _ input: UnsafePointer<Int8>, count: Int) {
    var i = 0
    while i < count {
      edgepack_copy_chunk(output + i, input + i)
      i &+= 16
    }
  }
}
#endif
