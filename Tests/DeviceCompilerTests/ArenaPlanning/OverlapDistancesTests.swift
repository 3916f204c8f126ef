import Testing

@testable import DeviceCompiler

@Suite struct OverlapDistancesTests {
  @Test func aDepthwiseLayerStaysTwoRowsAway() {
    let rows = SlidingRows(
      inputRows: 25, inputRowBytes: 320, outputRows: 25, outputRowBytes: 320, windowRows: 3, stride: 1, padTop: 1)
    #expect(OverlapDistances.sliding(rows) == OverlapDistances(ascending: 640, descending: 640))
  }

  @Test func aStridedWindowPaddedBelowIsNearerFirstRowFirst() {
    // 96 × 96 × 3 to 48 × 48 × 8. First row first, row 0 is the nearest: it ends at 384 while all input is needed. Last row first, the
    // nearest is row 46: it begins two rows before the output's end while the input is needed but for its last row.
    let rows = SlidingRows(
      inputRows: 96, inputRowBytes: 288, outputRows: 48, outputRowBytes: 384, windowRows: 3, stride: 2, padTop: 0)
    #expect(OverlapDistances.sliding(rows).ascending == 384)
    #expect(OverlapDistances.sliding(rows).descending == 2 * 384 - 288)
  }

  @Test func aGlobalPoolSharesNothing() {
    let rows = SlidingRows(inputRows: 3, inputRowBytes: 96, outputRows: 1, outputRowBytes: 32, windowRows: 3, stride: 1, padTop: 0)
    #expect(OverlapDistances.sliding(rows) == OverlapDistances(ascending: 32, descending: 32))
  }

  @Test func blocksOfPixelsStayOneBlockAway() {
    #expect(
      OverlapDistances.blocks(rows: 125, block: 4, inputRowBytes: 64, outputRowBytes: 64)
        == OverlapDistances(ascending: 256, descending: 256))
    // Growing rows: the last block is the nearest. Eight rows of 2 become eight rows of 3.
    #expect(OverlapDistances.blocks(rows: 8, block: 2, inputRowBytes: 2, outputRowBytes: 3).ascending == 8 * 3 - 6 * 2)
  }

  @Test func lastRowFirstIsFirstRowFirstOfTheMirroredWindow() {
    for seed in 0..<1_000 {
      var generator = SplitMix64(state: UInt64(seed))
      let (windowRows, stride) = (1 + generator.next(below: 5), 1 + generator.next(below: 3))
      let (padTop, padBottom) = (generator.next(below: windowRows), generator.next(below: windowRows))
      let outputRows = 1 + generator.next(below: 9)
      let inputRows = (outputRows - 1) * stride + windowRows - padTop - padBottom
      guard inputRows > 0 else { continue }
      var rows = SlidingRows(
        inputRows: inputRows, inputRowBytes: 1 + generator.next(below: 9), outputRows: outputRows,
        outputRowBytes: 1 + generator.next(below: 9), windowRows: windowRows, stride: stride, padTop: padTop)
      let distances = OverlapDistances.sliding(rows)
      rows.padTop = padBottom
      let mirrored = OverlapDistances.sliding(rows)
      #expect(distances.ascending == mirrored.descending && distances.descending == mirrored.ascending, "seed \(seed)")
    }
  }
}
