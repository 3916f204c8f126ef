import DeviceKernels

/// Lays out a layer's constants for its kernel: biases, multipliers, weights, each section at a multiple of 16 bytes.
func packWeights(_ quantized: QuantizedWeights, tile: WeightTile) -> (bytes: [UInt8], sections: ConvolutionSections) {
  var bytes: [UInt8] = []
  let padding = tile.paddedChannels(quantized.channels) - quantized.channels
  let biases = appendSection(&bytes, quantized.foldedBiases + Array(repeating: 0, count: padding))
  let multipliers = appendSection(&bytes, quantized.multipliers + Array(repeating: 0, count: padding))
  let weights = appendSection(&bytes, tiled(quantized.weights, channels: quantized.channels, depth: quantized.depth, tile: tile))
  return (bytes, ConvolutionSections(biases: biases, multipliers: multipliers, weights: weights))
}

/// Depthwise weights: one row of channels for each tap, `[Kh · Kw][C]`; the tile only pads biases and multipliers.
func packDepthwiseWeights(_ quantized: QuantizedWeights, tile: WeightTile) -> (bytes: [UInt8], sections: ConvolutionSections) {
  var bytes: [UInt8] = []
  let padding = tile.paddedChannels(quantized.channels) - quantized.channels
  let biases = appendSection(&bytes, quantized.foldedBiases + Array(repeating: 0, count: padding))
  let multipliers = appendSection(&bytes, quantized.multipliers + Array(repeating: 0, count: padding))
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
