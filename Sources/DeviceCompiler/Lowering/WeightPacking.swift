import DeviceKernels

/// A layer's constants for a convolution or a matrix product: weights in the order of the tile.
func packWeights(_ quantized: QuantizedWeights, tile: WeightTile) -> (bytes: [UInt8], sections: ConvolutionSections) {
  packSections(
    quantized, tile: tile, weights: tiled(quantized.weights, channels: quantized.channels, depth: quantized.depth, tile: tile))
}

/// A layer's constants for a depthwise convolution: one row of channels for each tap, `[Kh · Kw][C]`; the tile only pads biases and
/// multipliers.
func packDepthwiseWeights(_ quantized: QuantizedWeights, tile: WeightTile) -> (bytes: [UInt8], sections: ConvolutionSections) {
  let taps = (0..<quantized.depth).flatMap { tap in
    (0..<quantized.channels).map { quantized.weights[$0 * quantized.depth + tap] }
  }
  return packSections(quantized, tile: tile, weights: taps)
}

/// Biases, multipliers, weights, each section at a multiple of 16 bytes.
private func packSections(
  _ quantized: QuantizedWeights, tile: WeightTile, weights: [Int8]
) -> (bytes: [UInt8], sections: ConvolutionSections) {
  var bytes: [UInt8] = []
  let padding = tile.paddedChannels(quantized.channels) - quantized.channels
  let biases = appendSection(&bytes, quantized.foldedBiases + Array(repeating: 0, count: padding))
  let multipliers = appendSection(&bytes, quantized.multipliers + Array(repeating: 0, count: padding))
  let start = appendSection(&bytes, weights)
  return (bytes, ConvolutionSections(biases: biases, multipliers: multipliers, weights: start))
}

/// Reorders `[O, K]` into the order of `WeightTile`, missing channels and inputs 0.
func tiled(_ rows: [Int8], channels: Int, depth: Int, tile: WeightTile) -> [Int8] {
  var result = Array(repeating: Int8(0), count: tile.paddedChannels(channels) * tile.paddedDepth(depth))
  // Without bounds checks and divisions an element: models have tens of millions of them.
  result.withUnsafeMutableBufferPointer { result in
    rows.withUnsafeBufferPointer { rows in
      for channel in 0..<channels {
        var target = tile.channelOffset(channel, depthCount: depth)
        for group in stride(from: 0, to: depth, by: tile.depth) {
          for input in 0..<min(tile.depth, depth - group) { result[target + input] = rows[channel * depth + group + input] }
          target += tile.channels * tile.depth
        }
      }
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

/// A block of one section.
func sectionBytes<Element: BitwiseCopyable>(_ elements: [Element]) -> [UInt8] {
  var bytes: [UInt8] = []
  _ = appendSection(&bytes, elements)
  return bytes
}
