import DeviceKernels
import ModelGraph

// Layers whose weights may not be in memory at once: several steps, each with rows of the weight matrix, fill one output.
extension Lowering {
  /// The rows of each step: all of them where a layer need not be divided.
  func rowBlocks(_ quantized: QuantizedWeights, tile: WeightTile) -> [Range<Int>] {
    let rows = quantized.channels
    // A row's weights, and its bias and its multiplier.
    let rowBytes = tile.paddedDepth(quantized.depth) + 8
    guard let limit = request.weightLimit, rows * rowBytes > WeightResidence.largestBlock(limit) else { return [0..<rows] }
    let count = (rows * rowBytes + WeightResidence.rowBlock(limit) - 1) / WeightResidence.rowBlock(limit)
    let step = tile.paddedChannels((rows + count - 1) / count)
    return stride(from: 0, to: rows, by: step).map { $0..<min($0 + step, rows) }
  }

  /// One step a block. With several, the input is read until the last one, so the output shares none of its bytes.
  /// - Parameters:
  ///   - overlap: how far the output must keep from its input where one step computes all of it.
  ///   - kind: the kernel for so many rows, with its sections.
  mutating func appendRowBlocks(
    _ node: Node, _ blocks: [Range<Int>], _ quantized: QuantizedWeights, tile: WeightTile, input: BufferID, output: BufferID,
    scratchBytes: Int = 0, overlap: OverlapDistance, kind: (Int, ConvolutionSections) -> StepKind
  ) {
    let operations = graph.multiplyAccumulates(of: node)
    for rows in blocks {
      let (bytes, sections) = packWeights(quantized.rows(rows), tile: tile)
      appendStep(
        blocks.count == 1 ? node.name : "\(node.name) rows \(rows.lowerBound)–\(rows.upperBound - 1)", layer: node.name,
        kind: kind(rows.count, sections), inputs: [input], output: output, outputOffset: rows.lowerBound, scratchBytes: scratchBytes,
        constants: bytes, overlaps: blocks.count == 1 ? [overlap] : [],
        multiplyAccumulates: operations / quantized.channels * rows.count)
    }
  }
}

extension QuantizedWeights {
  /// Some output channels alone.
  fileprivate func rows(_ rows: Range<Int>) -> QuantizedWeights {
    if rows.count == channels { return self }
    return QuantizedWeights(
      channels: rows.count, depth: depth, weights: Array(weights[rows.lowerBound * depth..<rows.upperBound * depth]),
      foldedBiases: Array(foldedBiases[rows]), multipliers: Array(multipliers[rows]))
  }
}
