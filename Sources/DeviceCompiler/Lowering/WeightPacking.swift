import DeviceKernels

/// A layer's constants for a convolution or a matrix product: weights in the order of the tile.
func packWeights(_ quantized: QuantizedWeights, tile: WeightTile) -> (bytes: [UInt8], sections: ConvolutionSections) {
  packSections(
    quantized, tile: tile, weights: tiled(quantized.weights, channels: quantized.channels, depth: quantized.depth, tile: tile))
}

/// A layer's constants for a depthwise convolution: weights in the order of `WeightTile.depthwiseOffset`.
func packDepthwiseWeights(
  _ quantized: QuantizedWeights, _ shape: ConvolutionShape, tile: WeightTile
) -> (bytes: [UInt8], sections: ConvolutionSections) {
  let (channels, height, width) = (quantized.channels, shape.kernelHeight, shape.kernelWidth)
  var taps = Array(repeating: Int8(0), count: tile.depthwiseBytes(channels: channels, kernelHeight: height, kernelWidth: width))
  for channel in 0..<channels {
    for tap in 0..<quantized.depth {
      let offset = tile.depthwiseOffset(
        channel: channel, tapRow: tap / width, tapColumn: tap % width, channels: channels, kernelHeight: height, kernelWidth: width)
      taps[offset] = quantized.weights[channel * quantized.depth + tap]
    }
  }
  return packSections(quantized, tile: tile, weights: taps)
}

/// Biases, multipliers, weights, each section at a multiple of 16 bytes; weights that are read in groups of 64 bytes at a multiple of 64,
/// so that no group lies in two cache lines.
private func packSections(
  _ quantized: QuantizedWeights, tile: WeightTile, weights: [Int8]
) -> (bytes: [UInt8], sections: ConvolutionSections) {
  var bytes: [UInt8] = []
  let padding = tile.paddedChannels(quantized.channels) - quantized.channels
  let biases = appendSection(&bytes, quantized.foldedBiases + Array(repeating: 0, count: padding))
  let multipliers = appendSection(&bytes, quantized.multipliers + Array(repeating: 0, count: padding))
  let start = appendSection(&bytes, weights, alignment: tile.channels * tile.depth % 64 == 0 ? 64 : 16)
  return (bytes, ConvolutionSections(biases: biases, multipliers: multipliers, weights: start))
}

/// Reorders `[O, K]` into the order of `WeightTile`, missing channels and inputs 0.
func tiled(_ rows: [Int8], channels: Int, depth: Int, tile: WeightTile) -> [Int8] {
  var result = Array(repeating: Int8(0), count: tile.paddedChannels(channels) * tile.paddedDepth(depth))
  let run = tile.run == 0 ? max(1, depth) : tile.run
  // Without bounds checks and divisions an element: models have tens of millions of them.
  result.withUnsafeMutableBufferPointer { result in
    rows.withUnsafeBufferPointer { rows in
      for channel in 0..<channels {
        var target = tile.channelOffset(channel, depthCount: depth)
        for first in stride(from: 0, to: depth, by: run) {
          let end = min(first + run, depth)
          for group in stride(from: first, to: end, by: tile.depth) {
            for input in 0..<min(tile.depth, end - group) { result[target + input] = rows[channel * depth + group + input] }
            target += tile.channels * tile.depth
          }
        }
      }
    }
  }
  return result
}

/// Appends little-endian elements at the next multiple of `alignment` and returns where they begin.
func appendSection<Element: BitwiseCopyable>(_ bytes: inout [UInt8], _ elements: [Element], alignment: Int = 16) -> Int {
  while bytes.count % alignment != 0 { bytes.append(0) }
  let start = bytes.count
  elements.withUnsafeBytes { bytes.append(contentsOf: $0) }
  return start
}

/// A block of one section.
func sectionBytes<Element: BitwiseCopyable>(_ elements: [Element]) -> [UInt8] {
  var bytes: [UInt8] = []
  _ = appendSection(&bytes, elements)
  return bytes
}
