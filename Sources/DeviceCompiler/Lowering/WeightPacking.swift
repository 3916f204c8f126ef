import DeviceKernels

/// Lays out a layer's constants for its kernel: biases, multipliers, weights, each section at a multiple of 16 bytes.
func packWeights(_ quantized: QuantizedWeights, tile: WeightTile, groups: Int = 1) -> (bytes: [UInt8], sections: ConvolutionSections) {
  var bytes: [UInt8] = []
  let padding = tile.paddedChannels(quantized.channels) - quantized.channels
  let biases = appendSection(&bytes, quantized.foldedBiases + Array(repeating: 0, count: groups == 1 ? padding : 0))
  let multipliers = appendSection(&bytes, quantized.multipliers + Array(repeating: 0, count: groups == 1 ? padding : 0))
  var ordered: [Int8] = []
  let channelsInGroup = quantized.channels / groups
  for group in 0..<groups {
    let rows = quantized.weights[group * channelsInGroup * quantized.depth..<(group + 1) * channelsInGroup * quantized.depth]
    ordered += tiled(Array(rows), channels: channelsInGroup, depth: quantized.depth, tile: tile)
  }
  let weights = appendSection(&bytes, ordered)
  return (bytes, ConvolutionSections(biases: biases, multipliers: multipliers, weights: weights))
}

/// Depthwise weights: one row of channels for each tap, `[Kh · Kw][C]`.
func packDepthwiseWeights(_ quantized: QuantizedWeights) -> (bytes: [UInt8], sections: ConvolutionSections) {
  var bytes: [UInt8] = []
  let biases = appendSection(&bytes, quantized.foldedBiases)
  let multipliers = appendSection(&bytes, quantized.multipliers)
  var taps: [Int8] = []
  for tap in 0..<quantized.depth {
    for channel in 0..<quantized.channels { taps.append(quantized.weights[channel * quantized.depth + tap]) }
  }
  let weights = appendSection(&bytes, taps)
  return (bytes, ConvolutionSections(biases: biases, multipliers: multipliers, weights: weights))
}

/// Reorders `[O, K]` into the order of `WeightTile`, missing channels and inputs 0.
func tiled(_ rows: [Int8], channels: Int, depth: Int, tile: WeightTile) -> [Int8] {
  let groups = tile.paddedDepth(depth) / tile.depth
  var result = Array(repeating: Int8(0), count: tile.paddedChannels(channels) * groups * tile.depth)
  for channel in 0..<channels {
    let (block, lane) = (channel / tile.channels, channel % tile.channels)
    for position in 0..<depth {
      let group = (block * groups + position / tile.depth) * tile.channels + lane
      result[group * tile.depth + position % tile.depth] = rows[channel * depth + position]
    }
  }
  return result
}

/// Appends little-endian elements at the next multiple of 16 and returns where they begin.
func appendSection<Element: BitwiseCopyable>(_ bytes: inout [UInt8], _ elements: [Element]) -> Int {
  while bytes.count % 16 != 0 { bytes.append(0) }
  let start = bytes.count
  elements.withUnsafeBytes { bytes.append(contentsOf: $0) }
  return start
}
