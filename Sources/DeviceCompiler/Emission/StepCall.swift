import DeviceKernels

/// Prints the kernel calls of one step. Arguments are Swift expressions of pointers.
///
/// The call of a part differs from that of the whole step by what it adds: pointers move by the variable `stretch`, and the literal shape
/// is narrowed to it. So one call serves parts of any size.
struct StepCall {
  var inputs: [String]
  var output: String
  var outputBytes: Int
  var scratch: String
  /// The name of the pointer to the step's weight block.
  var block: String
  /// For the call of a part: how the step is split.
  var split: StepSplit?

  func lines(for kind: StepKind) -> [String] {
    guard let split else { return callLines(kind) }
    let strides = kind.partStrides(along: split.axis)
    var part = self
    part.inputs = inputs.map { moved($0, by: strides.input) }
    part.output = moved(output, by: strides.output)
    return ["let stretch = part.stretch(of: \(split.extent), unit: \(split.unit))"] + part.callLines(kind)
  }

  /// A pointer that advances by `stride` for each position of the split axis.
  private func moved(_ pointer: String, by stride: Int) -> String {
    stride == 0 ? pointer : pointer + " + stretch.first" + (stride == 1 ? "" : " * \(stride)")
  }

  private func callLines(_ kind: StepKind) -> [String] {
    switch kind {
    case .convolution(let shape, let variant, let sections):
      call(
        "\(namespace(variant)).convolutionInt8", weightArguments(kind, sections) + ", \(output), \(scratch)",
        [self.shape(shape), tile(variant.tile(shape))])
    case .depthwiseConvolution(let shape, let variant, let sections):
      call(
        "\(namespace(variant)).depthwiseConvolutionInt8", weightArguments(kind, sections) + ", \(output), \(scratch)",
        [self.shape(shape)])
    case .matmul(let shape, let variant, let sections):
      call(
        "\(namespace(variant)).matmulInt8", weightArguments(kind, sections) + ", \(output), \(scratch)",
        [self.shape(shape), tile(variant.tile)])
    case .floatConvolution(let shape, let sections):
      call(
        "Portable.convolutionFloat32",
        "\(inputs[0]), \(block).float32(at: \(sections.weights)), \(block).float32(at: \(sections.biases)), \(output), \(scratch)",
        [self.shape(shape)])
    case .add(let shape):
      call("Portable.addInt8", "\(inputs[0]), \(inputs[1]), \(output)", [self.shape(shape)])
    case .maximumPool(let shape):
      call("Portable.maximumPoolInt8", "\(inputs[0]), \(output)", [self.shape(shape)])
    case .averagePool(let shape):
      call("Portable.averagePoolInt8", "\(inputs[0]), \(block).float32(at: 0), \(output)", [self.shape(shape)])
    case .softmax(let shape):
      call(
        "Portable.softmaxInt8", "\(inputs[0]), \(block).uint32(at: 0), \(output)",
        [["SoftmaxShape(rows: \(shape.rows), columns: \(shape.columns))"]])
    case .lookup(let count):
      ["Portable.lookupInt8(\(inputs[0]), \(block).int8(at: 0), \(output), count: \(split == nil ? "\(count)" : "stretch.count"))"]
    case .stridedCopy(let shapes, let fill):
      (fill.map { ["Portable.fillInt8(\(output), count: \(outputBytes), value: \($0))"] } ?? [])
        + zip(inputs, shapes).flatMap { call("Portable.stridedCopyInt8", "\($0), \(output)", [shape($1)]) }
    }
  }

  /// What a step does, for the comment above it.
  static func summary(of kind: StepKind) -> String {
    switch kind {
    case .convolution(let shape, _, _): "convolution " + window(shape)
    case .depthwiseConvolution(let shape, _, _): "depthwise convolution " + window(shape)
    case .matmul(let shape, _, _): "[\(shape.rows), \(shape.depth)] · [\(shape.columns), \(shape.depth)]ᵀ"
    case .floatConvolution(let shape, _): "float32 convolution " + window(shape)
    case .add(let shape): "sum of \(shape.count) elements"
    case .maximumPool(let shape): "maximum " + window(shape)
    case .averagePool(let shape): "average " + window(shape)
    case .softmax(let shape): "softmax of \(shape.rows) × \(shape.columns)"
    case .lookup(let count): "table for \(count) elements"
    case .stridedCopy(let shapes, let fill):
      "\(shapes.count) strided \(shapes.count == 1 ? "copy" : "copies")" + (fill == nil ? "" : " into a filled buffer")
    }
  }

  private static func window(_ shape: ConvolutionShape) -> String {
    "\(shape.kernelHeight)×\(shape.kernelWidth): [\(shape.inputHeight), \(shape.inputWidth), \(shape.inputChannels)] → "
      + "[\(shape.outputHeight), \(shape.outputWidth), \(shape.outputChannels)]"
  }

  private static func window(_ shape: PoolingShape) -> String {
    "\(shape.kernelHeight)×\(shape.kernelWidth): [\(shape.inputHeight), \(shape.inputWidth), \(shape.channels)] → "
      + "[\(shape.outputHeight), \(shape.outputWidth), \(shape.channels)]"
  }

  // MARK: Calls

  /// `function(arguments, shape…)`, one line for the pointers and then each shape on lines of its own.
  private func call(_ function: String, _ arguments: String, _ shapes: [[String]]) -> [String] {
    var lines = ["\(function)(", "  \(arguments),"]
    for (index, shape) in shapes.enumerated() {
      let isLast = index == shapes.count - 1
      lines += shape.enumerated().map { "  " + $1 + ($0 == shape.count - 1 ? (isLast ? ")" : ",") : "") }
    }
    return lines
  }

  private func weightArguments(_ kind: StepKind, _ sections: ConvolutionSections) -> String {
    let strides = split.map { kind.partStrides(along: $0.axis) } ?? PartStrides()
    return [
      inputs[0], moved("\(block).int8(at: \(sections.weights))", by: strides.weights),
      moved("\(block).int32(at: \(sections.biases))", by: strides.channels),
      moved("\(block).float32(at: \(sections.multipliers))", by: strides.channels),
    ].joined(separator: ", ")
  }

  /// What narrows a literal shape to the part.
  private var narrowed: String {
    switch split?.axis {
    case nil: ""
    case .rows: ".rows(stretch)"
    case .columns: ".columns(stretch)"
    case .elements: ".elements(stretch)"
    }
  }

  private func namespace(_ variant: KernelVariant) -> String {
    switch variant.instructionSet {
    case .portable: "Portable"
    case .neon: "Neon"
    case .avx2: "Avx2"
    case .avx512: "Avx512"
    }
  }

  private func tile(_ tile: WeightTile) -> [String] {
    ["WeightTile(channels: \(tile.channels), depth: \(tile.depth)\(tile.run == 0 ? "" : ", run: \(tile.run)"))"]
  }

  // MARK: Shapes

  private func range(_ range: OutputRange) -> String {
    "OutputRange(zeroPoint: \(range.zeroPoint), minimum: \(range.minimum), maximum: \(range.maximum))"
  }

  private func shape(_ shape: ConvolutionShape) -> [String] {
    [
      "ConvolutionShape(",
      "  inputHeight: \(shape.inputHeight), inputWidth: \(shape.inputWidth), inputChannels: \(shape.inputChannels), "
        + "outputHeight: \(shape.outputHeight), outputWidth: \(shape.outputWidth), outputChannels: \(shape.outputChannels),",
      "  groups: \(shape.groups), kernelHeight: \(shape.kernelHeight), kernelWidth: \(shape.kernelWidth), "
        + "strideY: \(shape.strideY), strideX: \(shape.strideX), dilationY: \(shape.dilationY), dilationX: \(shape.dilationX), "
        + "padTop: \(shape.padTop), padLeft: \(shape.padLeft),",
      "  inputZeroPoint: \(shape.inputZeroPoint), output: \(range(shape.output)), descending: \(shape.descending)"
        + gap(shape.outputStride, after: shape.outputChannels) + ")\(narrowed)",
    ]
  }

  /// The argument for outputs that do not follow each other directly.
  private func gap(_ stride: Int, after width: Int) -> String { stride == width ? "" : ", outputStride: \(stride)" }

  private func shape(_ shape: MatmulShape) -> [String] {
    [
      "MatmulShape(rows: \(shape.rows), depth: \(shape.depth), columns: \(shape.columns), output: \(range(shape.output)), "
        + "descending: \(shape.descending)" + gap(shape.outputStride, after: shape.columns) + ")\(narrowed)"
    ]
  }

  private func shape(_ shape: AddShape) -> [String] {
    [
      "AddShape(",
      "  count: \(shape.count), zeroPointA: \(shape.zeroPointA), multiplierA: \(shape.multiplierA), zeroPointB: \(shape.zeroPointB), "
        + "multiplierB: \(shape.multiplierB), shift: \(shape.shift),",
      "  output: \(range(shape.output)), descending: \(shape.descending))\(narrowed)",
    ]
  }

  private func shape(_ shape: PoolingShape) -> [String] {
    [
      "PoolingShape(",
      "  inputHeight: \(shape.inputHeight), inputWidth: \(shape.inputWidth), channels: \(shape.channels), "
        + "outputHeight: \(shape.outputHeight), outputWidth: \(shape.outputWidth),",
      "  kernelHeight: \(shape.kernelHeight), kernelWidth: \(shape.kernelWidth), strideY: \(shape.strideY), strideX: \(shape.strideX), "
        + "dilationY: \(shape.dilationY), dilationX: \(shape.dilationX), padTop: \(shape.padTop), padLeft: \(shape.padLeft),",
      "  inputZeroPoint: \(shape.inputZeroPoint), output: \(range(shape.output)), descending: \(shape.descending))\(narrowed)",
    ]
  }

  private func shape(_ shape: StridedCopyShape) -> [String] {
    func tuple(_ value: (Int, Int, Int, Int)) -> String { "(\(value.0), \(value.1), \(value.2), \(value.3))" }
    return [
      "StridedCopyShape(extents: \(tuple(shape.extents)), inputStrides: \(tuple(shape.inputStrides)), "
        + "outputStrides: \(tuple(shape.outputStrides)), outputOffset: \(shape.outputOffset))"
    ]
  }
}
