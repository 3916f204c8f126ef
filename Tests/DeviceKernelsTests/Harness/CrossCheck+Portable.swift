#if !hasFeature(Embedded)
import DeviceKernels
#endif

// The operations that are portable everywhere: their hashes must agree between targets, and their placements must hold.
extension CrossCheck {
  /// Sums of float32 in one order: a fused or reordered addition anywhere would change the hash.
  mutating func checkFloatConvolution(cases: Int) {
    for index in 0..<cases {
      let shape = convolutionShape(depthwise: random.once(in: 4))
      let inputBytes = shape.inputHeight * shape.inputWidth * shape.inputChannels
      let outputBytes = (shape.outputHeight * shape.outputWidth - 1) * shape.outputStride + shape.outputChannels
      random.fill(memory.input, count: inputBytes, pattern: random.once(in: 4) ? .extremes : .anything, minimum: -128)
      let weights = UnsafeMutableRawPointer(memory.weights).assumingMemoryBound(to: Float.self)
      // Below 2^-3 with either sign and all mantissas.
      for position in 0..<shape.patchDepth * shape.outputChannels {
        weights[position] = Float(bitPattern: random.next() & 0x81FF_FFFF | 0x3C00_0000)
      }
      for channel in 0..<shape.outputChannels { memory.multipliers[channel] = Float(bitPattern: random.next() & 0x83FF_FFFF | 0x4000_0000) }
      let memory = self.memory
      Portable.convolutionFloat32(memory.input, weights, memory.multipliers, memory.expected, memory.scratch, shape)
      let layout = OutputLayout(width: shape.outputChannels, stride: shape.outputStride)
      absorbExpected(count: outputBytes, layout: layout)
      compare(
        caseIndex: index, inputBytes: inputBytes, outputBytes: outputBytes, layout: layout, distance: shape.overlapDistance
      ) { input, output, descending in
        var shape = shape
        shape.descending = descending
        Portable.convolutionFloat32(input, weights, memory.multipliers, output, memory.scratch, shape)
      }
    }
  }

  mutating func checkAdd(cases: Int) {
    for index in 0..<cases {
      let count = random.number(1...300)
      let larger = Int32(random.number(16384...32767))
      let smaller = Int32(random.number(-32767...32767))
      let swaps = random.once(in: 2)
      let shape = AddShape(
        count: count, zeroPointA: Int32(random.number(-128...127)), multiplierA: swaps ? smaller : larger,
        zeroPointB: Int32(random.number(-128...127)), multiplierB: swaps ? larger : smaller, shift: Int32(random.number(1...20)),
        output: outputRange(), descending: false)
      random.fill(memory.input, count: count, pattern: .anything, minimum: -128)
      random.fill(memory.secondInput, count: count, pattern: random.once(in: 4) ? .extremes : .anything, minimum: -128)
      let memory = self.memory
      Portable.addInt8(memory.input, memory.secondInput, memory.expected, shape)
      absorbExpected(count: count)
      compare(caseIndex: index, inputBytes: count, outputBytes: count, distance: shape.overlapDistance) { input, output, descending in
        var shape = shape
        shape.descending = descending
        Portable.addInt8(input, memory.secondInput, output, shape)
      }
    }
  }

  mutating func checkMaximumPool(cases: Int) {
    for index in 0..<cases {
      let shape = poolingShape()
      let inputBytes = shape.inputHeight * shape.inputWidth * shape.channels
      let outputBytes = shape.outputHeight * shape.outputWidth * shape.channels
      random.fill(memory.input, count: inputBytes, pattern: .anything, minimum: -128)
      let memory = self.memory
      Portable.maximumPoolInt8(memory.input, memory.expected, shape)
      absorbExpected(count: outputBytes)
      compare(caseIndex: index, inputBytes: inputBytes, outputBytes: outputBytes, distance: shape.overlapDistance) {
        input, output, descending in
        var shape = shape
        shape.descending = descending
        Portable.maximumPoolInt8(input, output, shape)
      }
    }
  }

  mutating func checkAveragePool(cases: Int) {
    for index in 0..<cases {
      let shape = poolingShape()
      let inputBytes = shape.inputHeight * shape.inputWidth * shape.channels
      let outputBytes = shape.outputHeight * shape.outputWidth * shape.channels
      random.fill(memory.input, count: inputBytes, pattern: random.once(in: 4) ? .extremes : .anything, minimum: -128)
      let ratio = Float(bitPattern: UInt32(126 + random.number(0...1)) &<< 23 | random.next() & 0x7F_FFFF)
      for count in 1...shape.kernelHeight * shape.kernelWidth {
        // An exact ratio of 1 makes ties of windows with an even count.
        memory.multipliers[count - 1] = (index % 3 == 0 ? 1 : ratio) / Float(count)
      }
      let memory = self.memory
      Portable.averagePoolInt8(memory.input, memory.multipliers, memory.expected, shape)
      absorbExpected(count: outputBytes)
      compare(caseIndex: index, inputBytes: inputBytes, outputBytes: outputBytes, distance: shape.overlapDistance) {
        input, output, descending in
        var shape = shape
        shape.descending = descending
        Portable.averagePoolInt8(input, memory.multipliers, output, shape)
      }
    }
  }

  mutating func checkSoftmax(cases: Int) {
    for index in 0..<cases {
      let shape = SoftmaxShape(rows: random.number(1...5), columns: random.number(1...60))
      let count = shape.rows * shape.columns
      random.fill(memory.input, count: count, pattern: random.once(in: 4) ? .small : .anything, minimum: -128)
      let memory = self.memory
      // Any decreasing table will do for bytes to agree: e ← e · (2^16 − decay) / 2^8 from 2^23.
      let exponentials = UnsafeMutableRawPointer(memory.weights).assumingMemoryBound(to: UInt32.self)
      let decay = UInt32(random.number(1...117))
      exponentials[0] = 1 << 23
      for i in 1..<256 { exponentials[i] = exponentials[i - 1] - (exponentials[i - 1] >> 8) * decay }
      Portable.softmaxInt8(memory.input, exponentials, memory.expected, shape)
      absorbExpected(count: count)
      compare(caseIndex: index, inputBytes: count, outputBytes: count, distance: shape.overlapDistance) { input, output, _ in
        Portable.softmaxInt8(input, exponentials, output, shape)
      }
    }
  }

  mutating func checkLookup(cases: Int) {
    for index in 0..<cases {
      let count = random.number(1...300)
      random.fill(memory.input, count: count, pattern: .anything, minimum: -128)
      random.fill(memory.weights, count: 256, pattern: .anything, minimum: -128)
      let memory = self.memory
      Portable.lookupInt8(memory.input, memory.weights, memory.expected, count: count)
      absorbExpected(count: count)
      compare(
        caseIndex: index, inputBytes: count, outputBytes: count, distance: .elementwiseAscending(count: count)
      ) { input, output, _ in
        Portable.lookupInt8(input, memory.weights, output, count: count)
      }
    }
  }

  /// Transposes and slices of `[i, j, k, l]` boxes into a filled output.
  mutating func checkStridedCopy(cases: Int) {
    for index in 0..<cases {
      let extents = (random.number(1...4), random.number(1...4), random.number(1...5), random.number(1...40))
      let inputStrides = (extents.1 * extents.2 * extents.3, extents.2 * extents.3, extents.3, 1)
      let gap = random.number(0...3)
      let outputStrides =
        random.once(in: 2)
        ? (extents.1 * extents.2 * (extents.3 + gap), extents.2 * (extents.3 + gap), extents.3 + gap, 1)
        : (extents.1 * extents.2, extents.2, 1, extents.0 * extents.1 * extents.2)
      let inputBytes = extents.0 * inputStrides.0
      let outputBytes = extents.0 * extents.1 * extents.2 * (extents.3 + gap) + 5
      let shape = StridedCopyShape(
        extents: extents, inputStrides: inputStrides, outputStrides: outputStrides, outputOffset: random.number(0...5))
      random.fill(memory.input, count: inputBytes, pattern: .anything, minimum: -128)
      let value = Int8(random.number(-128...127))
      let memory = self.memory
      Portable.fillInt8(memory.expected, count: outputBytes, value: value)
      Portable.stridedCopyInt8(memory.input, memory.expected, shape)
      absorbExpected(count: outputBytes)
      // The two may not share a byte, so the closest placements touch.
      let disjoint = OverlapDistance(ascending: outputBytes, descending: outputBytes)
      compare(caseIndex: index, inputBytes: inputBytes, outputBytes: outputBytes, distance: disjoint) { input, output, _ in
        Portable.fillInt8(output, count: outputBytes, value: value)
        Portable.stridedCopyInt8(input, output, shape)
      }
    }
  }

  mutating func poolingShape() -> PoolingShape {
    let window = windowExtents()
    let vertical = axis(taps: window.height, outputs: random.number(1...4))
    let horizontal = axis(taps: window.width, outputs: random.number(1...6))
    return PoolingShape(
      inputHeight: vertical.extent, inputWidth: horizontal.extent, channels: random.number(1...20), outputHeight: vertical.outputs,
      outputWidth: horizontal.outputs, kernelHeight: window.height, kernelWidth: window.width, strideY: vertical.stride,
      strideX: horizontal.stride, dilationY: vertical.dilation, dilationX: horizontal.dilation, padTop: vertical.padding,
      padLeft: horizontal.padding, inputZeroPoint: Int32(random.number(-128...127)), output: outputRange(), descending: false)
  }
}
