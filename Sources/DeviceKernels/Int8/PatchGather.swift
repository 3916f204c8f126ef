import CIntrinsics

/// Copies the window of one output pixel and group into `patch`: `[Kh, Kw, C / groups]`, the order of a weight row. Positions outside the
/// input become the input's zero point.
///
/// The window's rows are contiguous runs where the kernel is not dilated and there is one group; otherwise each tap is one. Runs are
/// copied in whole chunks in ascending order, so a chunk's overshoot is overwritten by what follows; behind the patch up to 15 bytes of
/// `gatherSlack` (or of the patches gathered next) are overwritten with any value. Reads at most 15 bytes past the input.
@inline(__always)
func gatherPatch(
  _ input: UnsafePointer<Int8>, _ patch: UnsafeMutablePointer<Int8>, _ shape: ConvolutionShape, group: Int, row: Int, column: Int
) {
  let groupChannels = shape.inputChannels / shape.groups
  // With one run a row, a "tap" is the whole row of the window.
  let contiguous = shape.dilationX == 1 && shape.groups == 1
  let padding = Int8(truncatingIfNeeded: shape.inputZeroPoint)
  let left = column &* shape.strideX &- shape.padLeft
  var output = patch
  for tapRow in 0..<shape.kernelHeight {
    let inputRow = row &* shape.strideY &- shape.padTop &+ tapRow &* shape.dilationY
    if inputRow < 0 || inputRow >= shape.inputHeight {
      output = fillRun(output, count: shape.kernelWidth &* groupChannels, padding)
    } else if contiguous {
      let line = input + inputRow &* shape.inputWidth &* groupChannels
      let first = min(max(0, 0 &- left), shape.kernelWidth)
      let end = max(first, min(shape.kernelWidth, shape.inputWidth &- left))
      output = fillRun(output, count: first &* groupChannels, padding)
      output = copyRun(output, line + (left &+ first) &* groupChannels, count: (end &- first) &* groupChannels)
      output = fillRun(output, count: (shape.kernelWidth &- end) &* groupChannels, padding)
    } else {
      let line = input + (inputRow &* shape.inputWidth &* shape.inputChannels &+ group &* groupChannels)
      for tapColumn in 0..<shape.kernelWidth {
        let inputColumn = left &+ tapColumn &* shape.dilationX
        if inputColumn < 0 || inputColumn >= shape.inputWidth {
          output = fillRun(output, count: groupChannels, padding)
        } else {
          output = copyRun(output, line + inputColumn &* shape.inputChannels, count: groupChannels)
        }
      }
    }
  }
}

/// Sets every byte of a convolution's scratch once. Gathers leave the padding of a patch's depth and some of the slack as they are; so no
/// result hangs on what lay there, and the arena's measured high-water mark is the planned one.
@inline(__always)
func clearScratch(_ scratch: UnsafeMutablePointer<Int8>, block: Int, patchBytes: Int) {
  Portable.fillInt8(scratch, count: block &* patchBytes &+ gatherSlack, value: 0)
}

/// Copies `count` bytes in whole chunks, so up to `EDGEPACK_CHUNK − 1` bytes too many; returns `output + count`.
@inline(__always)
private func copyRun(_ output: UnsafeMutablePointer<Int8>, _ input: UnsafePointer<Int8>, count: Int) -> UnsafeMutablePointer<Int8> {
  var i = 0
  while i < count {
    edgepack_copy_chunk(output + i, input + i)
    i &+= Int(EDGEPACK_CHUNK)
  }
  return output + count
}

/// Sets exactly `count` bytes; returns `output + count`.
@inline(__always)
private func fillRun(_ output: UnsafeMutablePointer<Int8>, count: Int, _ value: Int8) -> UnsafeMutablePointer<Int8> {
  Portable.fillInt8(output, count: count, value: value)
  return output + max(count, 0)
}
