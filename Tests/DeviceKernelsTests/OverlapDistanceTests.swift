import Testing

@testable import DeviceKernels

@Suite struct OverlapDistanceTests {
  private func convolution(height: Int, channels: Int, outputs: Int, kernel: Int, stride: Int, pad: Int) -> ConvolutionShape {
    let outputHeight = (height + 2 * pad - kernel) / stride + 1
    return ConvolutionShape(
      inputHeight: height, inputWidth: height, inputChannels: channels, outputHeight: outputHeight, outputWidth: outputHeight,
      outputChannels: outputs, groups: 1, kernelHeight: kernel, kernelWidth: kernel, strideY: stride, strideX: stride, dilationY: 1,
      dilationX: 1, padTop: pad, padLeft: pad, inputZeroPoint: 0, output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127),
      descending: false)
  }

  /// 3 × 3, stride 1, padding 1: row r reads from row r − 1 on, so the output trails by two rows; the mirror image is the same.
  @Test func sameSizeThreeByThreeTrailsByTwoRows() {
    let distance = convolution(height: 8, channels: 4, outputs: 4, kernel: 3, stride: 1, pad: 1).overlapDistance
    #expect(distance == OverlapDistance(ascending: 64, descending: 64))
  }

  /// 2 × 2 windows of stride 2 without padding, same channels: an output row is a quarter of the two input rows that it frees.
  @Test func halvingWindowsTrailByOneOutputRow() {
    let distance = convolution(height: 8, channels: 4, outputs: 4, kernel: 2, stride: 2, pad: 0).overlapDistance
    #expect(distance == OverlapDistance(ascending: 16, descending: 16))
  }

  /// 96 × 96 × 3 to 48 × 48 × 8, padded below only. First row first, row 0 is the nearest: it ends at 384 while all input is needed. Last
  /// row first, the nearest is row 46: it begins two rows before the output's end while the input is needed but for its last row.
  @Test func aStridedWindowPaddedBelowIsNearerFirstRowFirst() {
    let rows = RowWindow(
      inputHeight: 96, inputRowBytes: 288, outputHeight: 48, outputRowBytes: 384, kernelHeight: 3, stride: 2, dilation: 1, padTop: 0)
    #expect(rows.overlapDistance == OverlapDistance(ascending: 384, descending: 2 * 384 - 288))
  }

  @Test func aGlobalPoolSharesNothing() {
    let rows = RowWindow(
      inputHeight: 3, inputRowBytes: 96, outputHeight: 1, outputRowBytes: 32, kernelHeight: 3, stride: 1, dilation: 1, padTop: 0)
    #expect(rows.overlapDistance == OverlapDistance(ascending: 32, descending: 32))
  }

  @Test func lastRowFirstIsFirstRowFirstOfTheMirroredWindow() {
    var random = RandomSequence(seed: propertySeed)
    for index in 0..<1_000 {
      let (kernel, stride) = (random.number(1...5), random.number(1...3))
      let (padTop, padBottom) = (random.number(0...kernel - 1), random.number(0...kernel - 1))
      let outputHeight = random.number(1...9)
      let inputHeight = (outputHeight - 1) * stride + kernel - padTop - padBottom
      guard inputHeight > 0 else { continue }
      var rows = RowWindow(
        inputHeight: inputHeight, inputRowBytes: random.number(1...9), outputHeight: outputHeight, outputRowBytes: random.number(1...9),
        kernelHeight: kernel, stride: stride, dilation: 1, padTop: padTop)
      let distance = rows.overlapDistance
      rows.padTop = padBottom
      let mirrored = rows.overlapDistance
      #expect(
        distance.ascending == mirrored.descending && distance.descending == mirrored.ascending,
        "case \(index), EDGEPACK_SEED=\(propertySeed)")
    }
  }

  /// One block behind. The short block is the last one in both directions: ten rows of 8 become ten of 3.
  @Test func matmulDistancesFollowTheBlock() {
    let shape = MatmulShape(
      rows: 10, depth: 8, columns: 8, output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
    #expect(shape.overlapDistance(block: 1) == OverlapDistance(ascending: 8, descending: 8))
    #expect(shape.overlapDistance(block: 4) == OverlapDistance(ascending: 32, descending: 32))
    let narrowing = MatmulShape(
      rows: 10, depth: 8, columns: 3, output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
    #expect(narrowing.overlapDistance(block: 4) == OverlapDistance(ascending: 4 * 3, descending: 10 * 8 - 8 * 3 + 10 * (3 - 8)))
  }

  /// Any distance is the least one for which no byte of an output row is written while a later row still needs it; checked byte by byte
  /// against the set of rows that each output row reads.
  @Test func distancesAreExactlyWhatTheRowOrderAllows() {
    forRandomCases(300) { check, replay in
      let shape = check.convolutionShape(depthwise: false)
      let inputRow = shape.inputWidth * shape.inputChannels
      let outputRow = shape.outputWidth * shape.outputStride
      /// Input rows that an output row's window spans, gaps of the dilation included.
      func rows(_ r: Int) -> Range<Int> {
        let top = r * shape.strideY - shape.padTop
        let end = min(top + (shape.kernelHeight - 1) * shape.dilationY + 1, shape.inputHeight)
        return max(top, 0)..<max(end, max(top, 0))
      }
      func isSafe(outputStart: Int, order: [Int]) -> Bool {
        for (position, row) in order.enumerated() {
          let written = outputStart + row * outputRow..<outputStart + (row + 1) * outputRow
          for later in order[position...] where !rows(later).isEmpty {
            let read = rows(later).lowerBound * inputRow..<rows(later).upperBound * inputRow
            if written.overlaps(read) { return false }
          }
        }
        return true
      }
      let distance = shape.overlapDistance
      let ascending = Array(0..<shape.outputHeight)
      let descendingStart = shape.inputHeight * inputRow + distance.descending - shape.outputHeight * outputRow
      #expect(isSafe(outputStart: -distance.ascending, order: ascending), "\(shape), \(replay)")
      #expect(isSafe(outputStart: descendingStart, order: ascending.reversed()), "\(shape), \(replay)")
      if (0..<shape.outputHeight).allSatisfy({ !rows($0).isEmpty }) {
        #expect(!isSafe(outputStart: -distance.ascending + 1, order: ascending), "\(shape), \(replay)")
        #expect(!isSafe(outputStart: descendingStart - 1, order: ascending.reversed()), "\(shape), \(replay)")
      }
    }
  }

  /// The placements of the cross-check would notice a kernel that needs more: a full row closer than allowed, bytes differ.
  @Test func oneRowCloserDestroysInputs() {
    let shape = convolution(height: 8, channels: 4, outputs: 4, kernel: 3, stride: 1, pad: 1)
    withCrossCheckMemory { raw in
      let memory = CrossCheck.Memory(raw)
      var random = RandomSequence(seed: propertySeed)
      random.fill(memory.input, count: 256, pattern: .anything, minimum: -128)
      random.fill(memory.weights, count: 144, pattern: .anything, minimum: -127)
      let biases = [Int32](repeating: 0, count: 4)
      let multipliers = [Float](repeating: 0x1p-9, count: 4)
      func run(distance: Int) -> [Int8] {
        let input = memory.arena + 256
        input.update(from: memory.input, count: 256)
        Portable.convolutionInt8(
          input, memory.weights, biases, multipliers, input - distance, memory.scratch, shape, .rows)
        return Array(UnsafeBufferPointer(start: input - distance, count: 256))
      }
      let apart = run(distance: 256)
      #expect(run(distance: shape.overlapDistance.ascending) == apart)
      #expect(run(distance: shape.overlapDistance.ascending - 32) != apart)
    }
  }
}
