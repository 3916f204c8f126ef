import Testing

@testable import DeviceKernels

@Suite struct DataMovementTests {
  @Test func transposesChannelsFirst() {
    // [2, 3, 4] (H, W, C) to [4, 2, 3].
    let input = (0..<24).map(Int8.init)
    var output = [Int8](repeating: -1, count: 24)
    let shape = StridedCopyShape(extents: (1, 2, 3, 4), inputStrides: (0, 12, 4, 1), outputStrides: (0, 3, 1, 6), outputOffset: 0)
    Portable.stridedCopyInt8(input, &output, shape)
    for h in 0..<2 {
      for w in 0..<3 {
        for c in 0..<4 { #expect(output[(c * 2 + h) * 3 + w] == input[(h * 3 + w) * 4 + c]) }
      }
    }
  }

  @Test func writesOnlyTheBoxIncludingLongLines() {
    // Two lines of 37 bytes into an output of pitch 40, after 2 bytes.
    let input = (0..<74).map(Int8.init)
    var output = [Int8](repeating: -1, count: 82)
    let shape = StridedCopyShape(extents: (1, 1, 2, 37), inputStrides: (0, 0, 37, 1), outputStrides: (0, 0, 40, 1), outputOffset: 2)
    Portable.stridedCopyInt8(input, &output, shape)
    let gap: [Int8] = [-1, -1, -1]
    let lines = [Array(gap[..<2]), Array(input[..<37]), gap, Array(input[37...]), gap]
    #expect(output == Array(lines.joined()))
  }

  @Test(arguments: [0, 1, 15, 16, 17, 100]) func fillsExactly(count: Int) {
    var output = [Int8](repeating: 1, count: count + 1)
    Portable.fillInt8(&output, count: count, value: -7)
    #expect(output == [Int8](repeating: -7, count: count) + [1])
  }

  @Test func lookupReadsItsTableByStoredValue() {
    let input = Array(Int8.min...Int8.max)
    let table = input.map { ~$0 }
    var output = [Int8](repeating: 0, count: 256)
    Portable.lookupInt8(input, table, &output, count: 256)
    #expect(output == table)
  }
}
