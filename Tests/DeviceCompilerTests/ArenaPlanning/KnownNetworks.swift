@testable import DeviceCompiler

/// The four networks of MLPerf Tiny, layer by layer, and deeper ones of common make.
enum KnownNetworks {
  /// Keyword spotting: depthwise separable convolutions over 49 × 10 cepstra.
  static func keywordSpotter(scratchBytes: Int = 0) -> LayerSequence {
    var layers = LayerSequence(scratchBytes: scratchBytes)
    var tensor = layers.input(49, 10, 1)
    tensor = layers.window("convolution", tensor, to: (25, 5, 64), kernel: 10, stride: 2, padTop: 4)
    for index in 1...4 {
      tensor = layers.window("depthwise \(index)", tensor, to: (25, 5, 64), kernel: 3, padTop: 1)
      tensor = layers.pointwise("pointwise \(index)", tensor, channels: 64)
    }
    tensor = layers.globalPool(tensor)
    tensor = layers.dense("dense", tensor, channels: 12)
    _ = layers.elementwise("softmax", tensor)
    return layers
  }

  /// Image classification: ResNet-8 over 32 × 32 × 3.
  static func imageClassifier(scratchBytes: Int = 0) -> LayerSequence {
    var layers = LayerSequence(scratchBytes: scratchBytes)
    var tensor = layers.input(32, 32, 3)
    tensor = layers.window("convolution 0", tensor, to: (32, 32, 16), kernel: 3, padTop: 1)
    let first = layers.window("convolution 1", tensor, to: (32, 32, 16), kernel: 3, padTop: 1)
    let second = layers.window("convolution 2", first, to: (32, 32, 16), kernel: 3, padTop: 1)
    tensor = layers.elementwise("add 0", tensor, second)
    for (stage, shape) in [(16, 16, 32), (8, 8, 64)].enumerated() {
      // A 3 × 3 window at stride 2 is padded below and right only.
      let halved = layers.window("halving \(stage)", tensor, to: shape, kernel: 3, stride: 2)
      let convolved = layers.window("convolution \(stage + 3)", halved, to: shape, kernel: 3, padTop: 1)
      let shortcut = layers.window("shortcut \(stage)", tensor, to: shape, kernel: 1, stride: 2)
      tensor = layers.elementwise("add \(stage + 1)", shortcut, convolved)
    }
    tensor = layers.globalPool(tensor)
    tensor = layers.dense("dense", tensor, channels: 10)
    _ = layers.elementwise("softmax", tensor)
    return layers
  }

  /// Visual wake words: MobileNet v1, a quarter of the width, over 96 × 96 × 3.
  static func wakeWords(scratchBytes: Int = 0) -> LayerSequence {
    var layers = LayerSequence(scratchBytes: scratchBytes)
    var tensor = layers.input(96, 96, 3)
    tensor = layers.window("convolution", tensor, to: (48, 48, 8), kernel: 3, stride: 2)
    let middle = Array(repeating: (1, 128), count: 5)
    let blocks = [(1, 16), (2, 32), (1, 32), (2, 64), (1, 64), (2, 128)] + middle + [(2, 256), (1, 256)]
    for (index, (stride, channels)) in blocks.enumerated() {
      let shape = (tensor.height / stride, tensor.width / stride, tensor.channels)
      tensor = layers.window("depthwise \(index)", tensor, to: shape, kernel: 3, stride: stride, padTop: stride == 1 ? 1 : 0)
      tensor = layers.pointwise("pointwise \(index)", tensor, channels: channels)
    }
    tensor = layers.globalPool(tensor)
    tensor = layers.dense("dense", tensor, channels: 2)
    _ = layers.elementwise("softmax", tensor)
    return layers
  }

  /// Anomaly detection: an autoencoder of dense layers.
  static func anomalyDetector() -> LayerSequence {
    var layers = LayerSequence()
    var tensor = layers.input(1, 1, 640)
    for (index, channels) in [128, 128, 128, 128, 8, 128, 128, 128, 128, 640].enumerated() {
      tensor = layers.dense("dense \(index)", tensor, channels: channels)
    }
    return layers
  }

  /// An encoder and a decoder with shortcuts that live across the whole of what lies between them.
  static func shortcutsAcrossDepths(size: Int, depth: Int, scratchBytes: Int) -> LayerSequence {
    var layers = LayerSequence(scratchBytes: scratchBytes)
    var tensor = layers.input(size, size, 3)
    var shortcuts: [LayerSequence.Tensor] = []
    for level in 0..<depth {
      tensor = layers.window("down \(level)", tensor, to: (tensor.height, tensor.width, 8 << level), kernel: 3, padTop: 1)
      shortcuts.append(tensor)
      tensor = layers.window("halve \(level)", tensor, to: (tensor.height / 2, tensor.width / 2, 8 << level), kernel: 2, stride: 2)
    }
    for shortcut in shortcuts.reversed() {
      let shape = (shortcut.height, shortcut.width, shortcut.channels)
      // Every output row may read every input row: no overlap to be had, as with any resizing kernel that states nothing finer.
      let doubled = layers.window("double", tensor, to: shape, kernel: tensor.height, stride: 0)
      tensor = layers.elementwise("add", shortcut, doubled)
      tensor = layers.window("up", tensor, to: shape, kernel: 3, padTop: 1)
    }
    return layers
  }

  /// Inverted residual blocks: expand six times, depthwise, project, add.
  static func invertedResiduals(count: Int, scratchBytes: Int) -> LayerSequence {
    var layers = LayerSequence(scratchBytes: scratchBytes)
    var tensor = layers.input(56, 56, 3)
    tensor = layers.window("convolution", tensor, to: (28, 28, 16), kernel: 3, stride: 2)
    for index in 0..<count {
      let expanded = layers.pointwise("expand \(index)", tensor, channels: 6 * tensor.channels)
      let shape = (expanded.height, expanded.width, expanded.channels)
      let filtered = layers.window("depthwise \(index)", expanded, to: shape, kernel: 3, padTop: 1)
      let projected = layers.pointwise("project \(index)", filtered, channels: tensor.channels)
      tensor = layers.elementwise("add \(index)", tensor, projected)
    }
    return layers
  }

  /// Blocks of three parallel branches whose results are added.
  static func parallelBranches(count: Int) -> LayerSequence {
    var layers = LayerSequence()
    var tensor = layers.input(20, 20, 16)
    for index in 0..<count {
      let channels = 8 + 8 * (index % 4)
      let first = layers.pointwise("first \(index)", tensor, channels: channels)
      let narrow = layers.pointwise("narrow \(index)", tensor, channels: 8)
      let second = layers.window("second \(index)", narrow, to: (20, 20, channels), kernel: 3, padTop: 1)
      let wide = layers.window("wide \(index)", tensor, to: (20, 20, tensor.channels), kernel: 3, padTop: 1)
      let third = layers.pointwise("third \(index)", wide, channels: channels)
      tensor = layers.elementwise("sum \(index)", layers.elementwise("partial sum \(index)", first, second), third)
    }
    return layers
  }
}
