import DeviceKernels
import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

/// The lowered integer program against sums written out from the definition.
struct ConvolutionLoweringTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var input: [Int]
    var outputs: Int
    var window: Window2D
    var groups = 1
    var activation = ActivationBounds.none
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "plain", input: [1, 6, 5, 3], outputs: 7, window: Window2D(kernel: (3, 3), pads: (1, 1, 1, 1)), activation: .relu),
    Case(
      name: "stride, dilation and one-sided padding", input: [1, 9, 8, 4], outputs: 5,
      window: Window2D(kernel: (3, 2), stride: (2, 1), dilation: (2, 3), pads: (0, 2, 1, 0))),
    Case(name: "grouped", input: [1, 5, 5, 6], outputs: 9, window: Window2D(kernel: (2, 2), pads: (1, 0, 0, 1)), groups: 3),
    Case(name: "pointwise", input: [1, 4, 3, 10], outputs: 6, window: Window2D(kernel: (1, 1)), activation: .relu),
    Case(name: "pointwise with stride", input: [1, 5, 4, 6], outputs: 3, window: Window2D(kernel: (1, 1), stride: (2, 2))),
    Case(
      name: "depthwise", input: [1, 7, 6, 5], outputs: 5, window: Window2D(kernel: (3, 3), stride: (2, 2), pads: (1, 1, 1, 1)), groups: 5,
      activation: ActivationBounds(minimum: 0, maximum: 2)),
    Case(name: "depthwise with two outputs a channel", input: [1, 4, 4, 3], outputs: 6, window: Window2D(kernel: (3, 3)), groups: 3),
  ]

  @Test(arguments: cases) func equalsTheSumsOfTheDefinition(_ test: Case) throws {
    for seed in SeededGenerator.seeds(4) {
      var network = TinyNetwork(seed: seed)
      let x = network.input(test.input, scale: 0.05, zeroPoint: -11)
      let operation = Convolution(window: test.window, groups: test.groups, activation: test.activation)
      let weights = [test.outputs, test.window.kernelHeight, test.window.kernelWidth, test.input[3] / test.groups]
      let y = try network.layer(.convolution(operation), x, weights: weights, name: "conv", scale: 0.06, zeroPoint: 9)
      let program = try network.lowered(output: y)
      let values = network.values(test.input.reduce(1, *))
      let expected = reference(network, operation, values, output: network.graph.type(of: y).shape)
      #expect(PortableMachine(program: program).run(values) == expected, "seed \(seed)")
    }
  }

  /// Input scale 0.05, zero point −11; output scale 0.06, zero point 9, as above.
  private func reference(_ network: TinyNetwork, _ operation: Convolution, _ x: [Int8], output: [Int]) -> [Int8] {
    let (weights, biases, scales) = network.integers(of: "conv")
    let input = network.graph.type(of: network.graph.inputs[0]).shape
    let (window, depth) = (operation.window, input[3] / operation.groups)
    let outputsOfGroup = output[3] / operation.groups
    let low = max(-128, operation.activation.minimum == 0 ? 9 : -128)
    let high = operation.activation.maximum == 2 ? 9 + 33 : 127
    var result: [Int8] = []
    for row in 0..<output[1] {
      for column in 0..<output[2] {
        for channel in 0..<output[3] {
          var sum = biases[channel]
          for ky in 0..<window.kernelHeight {
            for kx in 0..<window.kernelWidth {
              let (sourceRow, sourceColumn) = (
                row * window.strideY - window.padTop + ky * window.dilationY,
                column * window.strideX - window.padLeft + kx * window.dilationX
              )
              guard (0..<input[1]).contains(sourceRow), (0..<input[2]).contains(sourceColumn) else { continue }
              for k in 0..<depth {
                let source = channel / outputsOfGroup * depth + k
                let value = Int(x[(sourceRow * input[2] + sourceColumn) * input[3] + source]) + 11
                sum += value * weights[((channel * window.kernelHeight + ky) * window.kernelWidth + kx) * depth + k]
              }
            }
          }
          let multiplier = Float(Double(Float(0.05)) * Double(scales[channel]) / Double(Float(0.06)))
          result.append(requantized(sum, multiplier, zeroPoint: 9, low...high))
        }
      }
    }
    return result
  }

  @Test func kernelsAreChosenByForm() throws {
    func kind(_ test: Case) throws -> String {
      var network = TinyNetwork()
      let x = network.input(test.input, scale: 0.05, zeroPoint: 0)
      let operation = Convolution(window: test.window, groups: test.groups)
      let shape = [test.outputs, test.window.kernelHeight, test.window.kernelWidth, test.input[3] / test.groups]
      let y = try network.layer(.convolution(operation), x, weights: shape, name: "conv", scale: 0.06, zeroPoint: 0)
      switch try network.lowered(output: y).steps[0].kind {
      case .convolution: return "convolution"
      case .depthwiseConvolution: return "depthwise"
      case .matmul: return "matmul"
      case .floatConvolution, .add, .maximumPool, .averagePool, .softmax, .lookup, .stridedCopy: return "other"
      }
    }
    let kinds = try Self.cases.map(kind)
    #expect(kinds == ["convolution", "convolution", "convolution", "matmul", "convolution", "depthwise", "convolution"])
  }
}
