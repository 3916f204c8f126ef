@testable import DeviceCompiler
@testable import DeviceKernels

/// Builds arena requests layer by layer, as lowering does, so that a test reads as a list of layers. It also records what each layer
/// reads and writes, for `RowSimulation`.
struct LayerSequence {
  struct Tensor {
    var buffer: Int
    var height: Int
    var width: Int
    var channels: Int
    var rowBytes: Int { width * channels }
    var bytes: Int { height * rowBytes }
  }

  /// What a kernel computes in one go: bytes of its output, from bytes of each of its inputs.
  struct Unit {
    var writes: Range<Int>
    var reads: Range<Int>
  }

  struct Layer {
    var inputs: [Int]
    var output: Int
    var scratch: Int?
    /// First row to last.
    var units: [Unit]
    /// Whether a unit reads all its inputs before it writes anything.
    var readsFirst: Bool
  }

  /// Output pixels that pointwise and dense kernels compute together.
  var block = 4
  /// Working memory of each layer but elementwise ones; 0 for none.
  var scratchBytes: Int
  private(set) var buffers: [ArenaBuffer] = []
  private(set) var overlaps: [DiagonalOverlap] = []
  private(set) var layers: [Layer] = []

  init(scratchBytes: Int = 0) { self.scratchBytes = scratchBytes }

  mutating func input(_ height: Int, _ width: Int, _ channels: Int) -> Tensor {
    makeTensor("input", height, width, channels, firstStep: -1)
  }

  /// A window of `kernel` rows over the input, which is padded to yield `output`'s rows and columns.
  mutating func window(
    _ name: String, _ input: Tensor, to output: (Int, Int, Int), kernel: Int, stride: Int = 1, padTop: Int = 0
  ) -> Tensor {
    let result = makeTensor(name, output.0, output.1, output.2, firstStep: layers.count)
    let rows = RowWindow(
      inputHeight: input.height, inputRowBytes: input.rowBytes, outputHeight: result.height, outputRowBytes: result.rowBytes,
      kernelHeight: kernel, stride: stride, dilation: 1, padTop: padTop)
    addLayer(result, [input], rows.overlapDistance, LayerSequence.units(rows))
    return result
  }

  mutating func pointwise(_ name: String, _ input: Tensor, channels: Int) -> Tensor {
    let result = makeTensor(name, input.height, input.width, channels, firstStep: layers.count)
    addBlocks(result, input, rows: input.height * input.width)
    return result
  }

  mutating func dense(_ name: String, _ input: Tensor, channels: Int) -> Tensor {
    let result = makeTensor(name, 1, 1, channels, firstStep: layers.count)
    addBlocks(result, input, rows: 1)
    return result
  }

  mutating func globalPool(_ input: Tensor) -> Tensor {
    window("pool", input, to: (1, 1, input.channels), kernel: input.height)
  }

  mutating func elementwise(_ name: String, _ inputs: Tensor...) -> Tensor {
    let result = makeTensor(name, inputs[0].height, inputs[0].width, inputs[0].channels, firstStep: layers.count)
    let units = (0..<result.bytes).map { Unit(writes: $0..<$0 + 1, reads: $0..<$0 + 1) }
    addLayer(result, inputs, .elementwise, units, readsFirst: true)
    return result
  }

  /// The last tensor made is the network's output, read after the last layer.
  func request(alignment: Int) -> ArenaRequest {
    var buffers = buffers
    if let output = layers.last?.output { buffers[output].lastStep = layers.count }
    return ArenaRequest(buffers: buffers, overlaps: overlaps, alignment: alignment)
  }
}

extension LayerSequence {
  /// One output row each, from the input rows under its window.
  static func units(_ rows: RowWindow) -> [Unit] {
    (0..<rows.outputHeight).map { row in
      let firstRow = max(0, row * rows.stride - rows.padTop)
      let endRow = max(firstRow, min(row * rows.stride - rows.padTop + rows.kernelHeight, rows.inputHeight))
      return Unit(
        writes: row * rows.outputRowBytes..<(row + 1) * rows.outputRowBytes,
        reads: firstRow * rows.inputRowBytes..<endRow * rows.inputRowBytes)
    }
  }

  /// Blocks of rows, counted from row 0.
  static func units(_ shape: MatmulShape, block: Int) -> [Unit] {
    stride(from: 0, to: shape.rows, by: block).map { row in
      let end = min(row + block, shape.rows)
      return Unit(writes: row * shape.columns..<end * shape.columns, reads: row * shape.depth..<end * shape.depth)
    }
  }

  private mutating func addBlocks(_ result: Tensor, _ input: Tensor, rows: Int) {
    let shape = MatmulShape(
      rows: rows, depth: input.bytes / rows, columns: result.bytes / rows,
      output: OutputRange(zeroPoint: 0, minimum: -128, maximum: 127), descending: false)
    addLayer(result, [input], shape.overlapDistance(block: block), LayerSequence.units(shape, block: block))
  }

  private mutating func makeTensor(_ name: String, _ height: Int, _ width: Int, _ channels: Int, firstStep: Int) -> Tensor {
    buffers.append(ArenaBuffer(name: name, bytes: height * width * channels, firstStep: firstStep, lastStep: firstStep))
    return Tensor(buffer: buffers.count - 1, height: height, width: width, channels: channels)
  }

  private mutating func addLayer(
    _ output: Tensor, _ inputs: [Tensor], _ distance: OverlapDistance, _ units: [Unit], readsFirst: Bool = false
  ) {
    let step = layers.count
    var layer = Layer(inputs: inputs.map(\.buffer), output: output.buffer, units: units, readsFirst: readsFirst)
    for input in inputs {
      buffers[input.buffer].lastStep = step
      overlaps.append(
        DiagonalOverlap(
          step: step, input: input.buffer, output: output.buffer, ascending: distance.ascending, descending: distance.descending))
    }
    if scratchBytes > 0 && !readsFirst {
      layer.scratch = buffers.count
      buffers.append(ArenaBuffer(name: "scratch \(step)", bytes: scratchBytes, firstStep: step, lastStep: step))
    }
    layers.append(layer)
  }
}
