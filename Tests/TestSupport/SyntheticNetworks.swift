/// Networks of the shapes that edge devices run, with seeded random weights. They are as exporters write them: batch normalization
/// and activations are nodes of their own.
extension ONNXModelBuilder {
  /// A keyword spotter after "Hello Edge" (Zhang et al. 2017), as in MLPerf Tiny: one convolution and four depthwise separable blocks.
  /// `[N, 1, 49, 10]` → `[N, 12]`.
  public static func keywordSpotter(channels: Int = 64, seed: UInt64 = 1) -> ONNXModelBuilder {
    var model = ONNXModelBuilder(seed: seed)
    var x = model.input("input", ["N", 1, 49, 10])
    x = model.convolutionBlock(x, "conv", [channels, 1, 10, 4], stride: 2, pads: [4, 1, 5, 1])
    for block in 1...4 {
      x = model.convolutionBlock(x, "dw\(block)", [channels, 1, 3, 3], groups: channels)
      x = model.convolutionBlock(x, "pw\(block)", [channels, channels, 1, 1])
    }
    model.classifier(x, features: channels, classes: 12)
    return model
  }

  /// ResNet-8 for 32×32 images, as in MLPerf Tiny. `[N, 3, 32, 32]` → `[N, 10]`.
  public static func resNet8(channels: Int = 16, seed: UInt64 = 1) -> ONNXModelBuilder {
    var model = ONNXModelBuilder(seed: seed)
    var x = model.input("input", ["N", 3, 32, 32])
    x = model.convolutionBlock(x, "stem", [channels, 3, 3, 3])
    var width = channels
    for stage in 1...3 {
      let output = channels << (stage - 1)
      let stride = stage == 1 ? 1 : 2
      let pads = stride == 1 ? [1, 1, 1, 1] : [0, 0, 1, 1]
      var branch = model.convolutionBlock(x, "stage\(stage).a", [output, width, 3, 3], stride: stride, pads: pads)
      branch = model.convolutionBlock(branch, "stage\(stage).b", [output, output, 3, 3], activation: nil)
      if stride != 1 { x = model.convolutionBlock(x, "stage\(stage).skip", [output, width, 1, 1], stride: 2, activation: nil) }
      x = model.node("Relu", [model.node("Add", [x, branch], name: "stage\(stage).add")], name: "stage\(stage).relu")
      width = output
    }
    model.classifier(x, features: width, classes: 10)
    return model
  }

  /// A small MobileNet: depthwise separable blocks with ReLU6, stride 2 every other block. `[N, 3, size, size]` → `[N, classes]`.
  public static func mobileNet(size: Int = 32, channels: Int = 8, blocks: Int = 5, classes: Int = 10, seed: UInt64 = 1) -> ONNXModelBuilder
  {
    var model = ONNXModelBuilder(seed: seed)
    var x = model.input("input", ["N", 3, .size(size), .size(size)])
    x = model.convolutionBlock(x, "stem", [channels, 3, 3, 3], stride: 2, activation: "Clip")
    var width = channels
    for block in 0..<blocks {
      let output = block.isMultiple(of: 2) ? width * 2 : width
      x = model.convolutionBlock(
        x, "dw\(block)", [width, 1, 3, 3], stride: block.isMultiple(of: 2) ? 1 : 2, groups: width, activation: "Clip")
      x = model.convolutionBlock(x, "pw\(block)", [output, width, 1, 1], activation: "Clip")
      width = output
    }
    model.classifier(x, features: width, classes: classes)
    return model
  }

  /// A dense autoencoder, as MLPerf Tiny's for anomaly detection. `[N, inputs]` → `[N, inputs]`.
  public static func autoencoder(inputs: Int = 640, hidden: [Int] = [128, 128, 8, 128, 128], seed: UInt64 = 1) -> ONNXModelBuilder {
    perceptron([inputs] + hidden + [inputs], seed: seed)
  }

  /// Dense layers of the given widths with ReLU between them. `[N, first]` → `[N, last]`.
  public static func perceptron(_ widths: [Int], seed: UInt64 = 1) -> ONNXModelBuilder {
    var model = ONNXModelBuilder(seed: seed)
    var x = model.input("input", ["N", .size(widths[0])])
    for (index, (width, size)) in zip(widths, widths.dropFirst()).enumerated() {
      let weights = model.random("fc\(index).weight", [size, width], fanIn: width)
      let bias = model.random("fc\(index).bias", [size], in: -0.1...0.1)
      x = model.node("Gemm", [x, weights, bias], ["transB": .int(1)], name: "fc\(index)")
      if index < widths.count - 2 { x = model.node("Relu", [x], name: "fc\(index).relu") }
    }
    model.output(x)
    return model
  }

  /// A one-dimensional network for vibration or audio. `[N, 1, length]` → `[N, classes]`.
  public static func signalNetwork(length: Int = 512, channels: Int = 16, classes: Int = 10, seed: UInt64 = 1) -> ONNXModelBuilder {
    var model = ONNXModelBuilder(seed: seed)
    var x = model.input("input", ["N", 1, .size(length)])
    x = model.convolutionBlock(x, "conv0", [channels, 1, 16], stride: 4, pads: [6, 6])
    x = model.node("MaxPool", [x], ["kernel_shape": .ints([2]), "strides": .ints([2])], name: "pool")
    x = model.convolutionBlock(x, "conv1", [2 * channels, channels, 3], pads: [1, 1])
    model.classifier(x, features: 2 * channels, classes: classes)
    return model
  }

  // MARK: Blocks

  /// Convolution, batch normalization and activation.
  /// - Parameters:
  ///   - weights: `[O, I / groups, Kh, Kw]`.
  ///   - pads: by default those that keep the size at stride 1.
  ///   - activation: `Relu`, `Clip` (ReLU6), or none.
  public mutating func convolutionBlock(
    _ input: String, _ name: String, _ weights: [Int], stride: Int = 1, pads: [Int]? = nil, groups: Int = 1, activation: String? = "Relu"
  ) -> String {
    let (kernel, channels) = (Array(weights.dropFirst(2)), weights[0])
    let same = kernel.map { $0 / 2 }
    let w = random("\(name).weight", weights, fanIn: weights.dropFirst().reduce(1, *))
    let convolution = node(
      "Conv", [input, w],
      [
        "kernel_shape": .ints(kernel), "strides": .ints(kernel.map { _ in stride }), "pads": .ints(pads ?? same + same),
        "group": .int(groups),
      ], name: name)
    let parameters = [
      random("\(name).bn.scale", [channels], in: 0.5...1.5), random("\(name).bn.bias", [channels], in: -0.3...0.3),
      random("\(name).bn.mean", [channels], in: -0.3...0.3), random("\(name).bn.variance", [channels], in: 0.5...1.5),
    ]
    let normalized = node("BatchNormalization", [convolution] + parameters, name: "\(name).bn")
    guard let activation else { return normalized }
    guard activation == "Clip" else { return node(activation, [normalized], name: "\(name).act") }
    let bounds = [self.weights("\(name).min", [], [0]), self.weights("\(name).max", [], [6])]
    return node("Clip", [normalized] + bounds, name: "\(name).act")
  }

  /// Global average pool, dense layer and softmax; the model's output.
  public mutating func classifier(_ input: String, features: Int, classes: Int) {
    let pooled = node("Flatten", [node("GlobalAveragePool", [input], name: "pool.global")], name: "flatten")
    let weights = random("fc.weight", [classes, features], fanIn: features)
    let bias = random("fc.bias", [classes], in: -0.1...0.1)
    let logits = node("Gemm", [pooled, weights, bias], ["transB": .int(1)], name: "fc")
    output(node("Softmax", [logits], name: "softmax"))
  }
}
