import DeviceCompiler
import Diagnostics
import HostCompute
import ModelFormats
import ModelGraph
import TestSupport
import Testing

@testable import Compression

struct PostTrainingQuantizationTests {
  private typealias Random = SeededGenerator

  private func data(_ shape: [Int], _ values: [Float]) throws -> DataSet {
    try DataSet(path: "data", arrayName: "x", inputs: StoredArray(shape: shape, floats: values), labels: nil)
  }

  /// `[1, inputs]` → dense layer of given weights.
  private func dense(_ weights: [Float], inputs: Int, biases: [Float]) throws -> Graph {
    var graph = Graph(name: "dense")
    let x = graph.addInput("x", TensorType(.float32, [1, inputs]))
    let w = graph.addConstant("w", Tensor([biases.count, inputs], weights))
    graph.outputs = [try graph.append(.gemm(Gemm()), [x, w, graph.addConstant("b", Tensor([biases.count], biases))], name: "fc")]
    return graph
  }

  /// Mean over samples of a channel's output, with weights and bias as the plan stores them and activations as floats.
  private func meanOutput(_ plan: Plan, _ weights: [Float], inputs: Int, channel: Int, _ samples: [Float]) throws -> Double {
    let layer = try #require(plan.layers["fc"])
    let input = try #require(plan.activations["x"])
    let scale = Double(layer.weightScales[channel])
    let stored = weights[channel * inputs..<(channel + 1) * inputs].map { (Double($0) / scale).rounded(.toNearestOrEven) * scale }
    let count = samples.count / inputs
    let sum = (0..<samples.count).reduce(0.0) { $0 + stored[$1 % inputs] * Double(samples[$1]) }
    return sum / Double(count) + Double(layer.biases[channel]) * Double(input.scale) * scale
  }

  @Test func biasCorrectionLowersTheErrorOfTheMean() throws {
    for seed in Random.seeds(4) {
      var random = Random(seed: seed)
      let (inputs, channels, count) = (24, 6, 300)
      let weights = random.floats(inputs * channels)
      let samples = random.floats(inputs * count).map { $0 + 1.5 }
      let graph = try dense(weights, inputs: inputs, biases: Array(repeating: 0.1, count: channels))
      var errors: [Double] = []
      for corrects in [false, true] {
        let plan = try quantize(
          graph, model: "", data: try data([count, inputs], samples), recipe: QuantizationRecipe(correctsBiases: corrects))
        var error = 0.0
        for channel in 0..<channels {
          var sum = 0.0
          for (index, sample) in samples.enumerated() { sum += Double(weights[channel * inputs + index % inputs]) * Double(sample) }
          let exact = sum / Double(count) + Double(Float(0.1))
          error += abs(try meanOutput(plan, weights, inputs: inputs, channel: channel, samples) - exact)
        }
        errors.append(error)
        #expect(plan.recipe["bias_correction"] == (corrects ? "on" : "off"))
      }
      #expect(errors[1] < errors[0] * 0.1, "seed \(seed): \(errors)")
    }
  }

  @Test func deadChannelsAreLoweredAndKeepTheirBias() throws {
    var random = Random(seed: 3)
    let (inputs, count) = (8, 120)
    // Nothing at all, a bias alone, a bias of nearly nothing, weights of nearly nothing, and a live channel.
    let weights = Array(repeating: Float(0), count: 3 * inputs) + Array(repeating: Float(1e-30), count: inputs) + random.floats(inputs)
    let graph = try dense(weights, inputs: inputs, biases: [0, 2, 1e-12, 0.5, 0])
    let plan = try quantize(
      graph, model: "", data: try data([count, inputs], random.floats(inputs * count)), recipe: QuantizationRecipe(ranges: .minmax))
    let program = try lower(graph, plan: plan, LoweringRequest(name: "dense", instructionSets: [.portable]))
    #expect(program.steps.count == 1)
    let layer = try #require(plan.layers["fc"])
    let input = try #require(plan.activations["x"])
    for (channel, bias) in [0, 2, 1e-12, 0.5].enumerated() {
      let kept = Double(layer.biases[channel]) * Double(input.scale) * Double(layer.weightScales[channel])
      #expect(abs(kept - bias) < 1e-6, "channel \(channel) keeps \(kept)")
    }
  }

  @Test func softmaxAndStoredInputsKeepTheirScale() throws {
    var graph = try dense([1, -1, 0.5, 2], inputs: 2, biases: [0, 0])
    graph.outputs = [try graph.append(.softmax(Softmax()), graph.outputs, name: "shares")]
    let bytes = (0..<400).map { UInt8(truncatingIfNeeded: $0 * 37) }
    let stored = try DataSet(
      path: "data", arrayName: "x", inputs: StoredArray(elementType: .uint8, shape: [200, 2], bytes: bytes), labels: nil,
      scale: 1.0 / 128, offset: -1)
    let plan = try quantize(graph, model: "hash", data: stored, recipe: QuantizationRecipe())
    #expect(plan.model == "hash")
    #expect(plan.activations["x"] == AffineQuantization(scale: 1 / 128, zeroPoint: 0))
    #expect(plan.activations["shares"] == Softmax.outputQuantization)
    #expect(try quantize(graph, model: "hash", data: stored, recipe: QuantizationRecipe()) == plan)
  }

  @Test func aValueThatIsNotANumberIsFoundAmongOthers() throws {
    // Channel 1, whose values come after those of channel 0, is fine.
    let graph = try dense([.nan, 1, 1, 1], inputs: 2, biases: [0, 0])
    let failure = #expect(throws: Failure.self) {
      try quantize(graph, model: "", data: try data([150, 2], Array(repeating: 3, count: 300)), recipe: QuantizationRecipe())
    }
    #expect(failure?.diagnostics.map(\.code) == [.notFinite])
    #expect(failure?.diagnostics.first?.message.contains("fc") == true)
  }

  @Test func theFirstOverflowIsTheOneThatIsNamed() throws {
    var graph = try dense([3e38, 3e38, 1, 1], inputs: 2, biases: [0, 0])
    for index in 0..<12 {
      graph.outputs = [
        try graph.append(.elementwiseUnary(ElementwiseUnary(kind: .leakyRelu(slope: 0.5))), graph.outputs, name: "r\(index)")
      ]
    }
    let failure = #expect(throws: Failure.self) {
      try quantize(graph, model: "", data: try data([2, 2], [3, 3, 3, 3]), recipe: QuantizationRecipe())
    }
    #expect(failure?.diagnostics.first?.message.hasSuffix("in fc") == true)
  }

  @Test func samplesOfAnotherSizeAreRefused() throws {
    let graph = try dense([1, 1], inputs: 2, biases: [0])
    let failure = #expect(throws: Failure.self) {
      try quantize(graph, model: "", data: try data([4, 3], Array(repeating: 1, count: 12)), recipe: QuantizationRecipe())
    }
    #expect(failure?.diagnostics.map(\.code) == [.shapeMismatch])
  }
}
