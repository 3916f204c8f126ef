import Testing

@testable import DeviceKernels

@Suite struct WeightTileTests {
  @Test(arguments: [1, 4, 8], [1, 2, 4, 16]) func offsetsArePlacesOfTheirOwnInOrder(channels: Int, depth: Int) {
    let tile = WeightTile(channels: channels, depth: depth)
    let (outputs, inputs) = (11, 19)
    var seen: Set<Int> = []
    for o in 0..<outputs {
      for k in 0..<inputs {
        let groups = (inputs + depth - 1) / depth
        // The formula of the type's documentation.
        let documented = ((o / channels * groups + k / depth) * channels + o % channels) * depth + k % depth
        #expect(tile.offset(channel: o, input: k, depthCount: inputs) == documented)
        seen.insert(documented)
      }
      #expect(tile.channelOffset(o, depthCount: inputs) == tile.offset(channel: o, input: 0, depthCount: inputs))
    }
    #expect(seen.count == outputs * inputs)
    #expect(seen.allSatisfy { 0..<tile.paddedChannels(outputs) * tile.paddedDepth(inputs) ~= $0 })
  }

  @Test func rowsAreContiguous() {
    #expect(WeightTile.rows.offset(channel: 3, input: 5, depthCount: 7) == 26)
  }
}
