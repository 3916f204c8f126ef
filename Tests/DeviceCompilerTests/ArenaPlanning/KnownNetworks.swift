@testable import DeviceCompiler

/// The four networks of MLPerf Tiny, layer by layer.
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
}
