import DeviceKernels
import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct PoolingLoweringTests {
  static let windows: [(name: String, window: Window2D, countsPadding: Bool)] = [
    ("whole image", Window2D(kernel: (5, 6)), false),
    ("stride two", Window2D(kernel: (2, 3), stride: (2, 2)), false),
    ("padded", Window2D(kernel: (3, 3), stride: (2, 2), pads: (1, 1, 1, 1)), false),
    ("padded, padding counted", Window2D(kernel: (3, 3), stride: (2, 2), pads: (1, 1, 1, 1)), true),
    ("size rounded up", Window2D(kernel: (2, 4), stride: (2, 4), roundsUp: true), false),
    ("dilated", Window2D(kernel: (2, 2), dilation: (3, 2), pads: (1, 0, 0, 1)), false),
  ]

  @Test(arguments: windows.indices) func averagesEqualTheDefinition(_ index: Int) throws {
    let (name, window, countsPadding) = Self.windows[index]
    var network = TinyNetwork(seed: 11)
    let x = network.input([1, 5, 6, 3], scale: 0.04, zeroPoint: -20)
    let y = try network.add(
      .pooling(Pooling(kind: .average(countsPadding: countsPadding), window: window)), [x], name: "pool", scale: 0.03, zeroPoint: 14)
    let program = try network.lowered(output: y)
    let values = network.values(90)
    let expected = taps(window, network.graph.type(of: y).shape).flatMap { pixel in
      (0..<3).map { channel in
        let sum = pixel.reduce(0) { $0 + Int(values[$1 * 3 + channel]) + 20 }
        let count = countsPadding ? window.kernelHeight * window.kernelWidth : pixel.count
        return requantized(sum, Float(Double(Float(0.04)) / (Double(Float(0.03)) * Double(count))), zeroPoint: 14)
      }
    }
    #expect(PortableMachine(program: program).run(values) == expected, "\(name)")
  }

  @Test(arguments: windows.indices) func maximaEqualTheDefinitionAtTheInputsScale(_ index: Int) throws {
    let (name, window, _) = Self.windows[index]
    var network = TinyNetwork(seed: 12)
    let x = network.input([1, 5, 6, 3], scale: 0.04, zeroPoint: -20)
    let y = try network.add(.pooling(Pooling(kind: .maximum, window: window)), [x], name: "pool", scale: 0.04, zeroPoint: -20)
    let program = try network.lowered(output: y)
    let values = network.values(90)
    let expected = taps(window, network.graph.type(of: y).shape).flatMap { pixel in
      (0..<3).map { channel in pixel.map { values[$0 * 3 + channel] }.max() ?? -128 }
    }
    #expect(program.steps.count == 1)
    #expect(PortableMachine(program: program).run(values) == expected, "\(name)")
  }

  @Test func onlyCountsThatOccurHaveAMultiplier() throws {
    var network = TinyNetwork()
    let x = network.input([1, 4, 4, 1], scale: 0.5, zeroPoint: 0)
    let window = Window2D(kernel: (3, 3), pads: (1, 1, 1, 1))
    let y = try network.add(
      .pooling(Pooling(kind: .average(countsPadding: false), window: window)), [x], name: "pool", scale: 0.25, zeroPoint: 0)
    let multipliers = numbers(try network.lowered(output: y).weights[0].bytes, 0, 9, Float.self)
    #expect(multipliers == [0, 0, 0, 0.5, 0, Float(2.0 / 6), 0, 0, Float(2.0 / 9)])
  }

  @Test func aMaximumOfAnotherScaleIsRequantizedFirst() throws {
    var network = TinyNetwork(seed: 13)
    let x = network.input([1, 2, 2, 1], scale: 0.5, zeroPoint: 3)
    let y = try network.add(
      .pooling(Pooling(kind: .maximum, window: Window2D(kernel: (2, 2)))), [x], name: "pool", scale: 0.25, zeroPoint: -1)
    let program = try network.lowered(output: y)
    #expect(program.steps.map(\.name) == ["pool/requantize", "pool"])
    #expect(PortableMachine(program: program).run([-128, 5, 7, 0]) == [7])
    #expect(PortableMachine(program: program).run([127, 5, 7, 0]) == [127])
  }

  @Test func countedPaddingWithASizeRoundedUpIsRefused() throws {
    var network = TinyNetwork()
    let x = network.input([1, 4, 4, 1], scale: 0.5, zeroPoint: 0)
    let window = Window2D(kernel: (3, 3), stride: (2, 2), pads: (1, 1, 1, 1), roundsUp: true)
    let y = try network.add(
      .pooling(Pooling(kind: .average(countsPadding: true), window: window)), [x], name: "pool", scale: 0.25, zeroPoint: 0)
    let failure = #expect(throws: Failure.self) { try network.lowered(output: y) }
    #expect(failure?.diagnostics.map(\.code) == [.unsupportedOperator])
  }

  /// For each output pixel the positions of a 5×6 image that its window covers.
  private func taps(_ window: Window2D, _ output: [Int]) -> [[Int]] {
    (0..<output[1] * output[2]).map { pixel in
      var positions: [Int] = []
      for ky in 0..<window.kernelHeight {
        for kx in 0..<window.kernelWidth {
          let row = pixel / output[2] * window.strideY - window.padTop + ky * window.dilationY
          let column = pixel % output[2] * window.strideX - window.padLeft + kx * window.dilationX
          if (0..<5).contains(row), (0..<6).contains(column) { positions.append(row * 6 + column) }
        }
      }
      return positions
    }
  }
}
