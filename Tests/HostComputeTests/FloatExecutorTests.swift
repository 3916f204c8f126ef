import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import HostCompute

struct FloatExecutorTests {
  @Test func convolutionEqualsNaiveLoopsForRandomShapes() throws {
    for seed in SeededGenerator.seeds(120) {
      var random = SeededGenerator(seed: seed)
      let problem = ConvolutionProblem(&random)
      let outputs = try FloatExecutor(try problem.graph()).run([problem.input])
      expectClose(outputs[0].floats ?? [], problem.naiveResult(), tolerance: 1e-5, "seed \(seed): \(problem)")
    }
  }

  @Test func aBatchGivesWhatItsSamplesGiveAlone() throws {
    var random = SeededGenerator(seed: 5)
    var graph = Graph(name: "residual")
    let x = graph.addInput("x", TensorType(.float32, [1, 6, 5, 8]))
    let w = graph.addConstant("w", Tensor([8, 3, 3, 8], random.floats(576)))
    let window = Window2D(kernel: (3, 3), pads: (1, 1, 1, 1))
    let y = try graph.append(.convolution(Convolution(window: window, activation: .relu)), [x, w], name: "conv")
    let z = try graph.append(.elementwiseBinary(ElementwiseBinary(kind: .add)), [y, x], name: "add")
    let flat = try graph.append(.reshape(Reshape(shape: [1, 240])), [z], name: "flatten")
    graph.outputs = [flat, z]
    let executor = try FloatExecutor(graph)
    let samples = (0..<150).map { _ in random.floats(240) }
    let together = try executor.run([Tensor([150, 6, 5, 8], samples.flatMap { $0 })])
    #expect(together.map(\.shape) == [[150, 240], [150, 6, 5, 8]])
    for (index, sample) in samples.enumerated() {
      let alone = try executor.run([Tensor([1, 6, 5, 8], sample)])[0].floats ?? []
      expectClose(Array((together[0].floats ?? [])[index * 240..<(index + 1) * 240]), alone, tolerance: 1e-6, "sample \(index)")
    }
  }

  @Test func observersSeeInputsAndEveryValueInOrder() throws {
    var graph = Graph(name: "chain")
    let x = graph.addInput("x", TensorType(.float32, [1, 3]))
    let y = try graph.append(.elementwiseUnary(ElementwiseUnary(kind: .clip(.relu))), [x], name: "relu")
    let c = graph.addConstant("c", Tensor([3], [1, 2, 3]))
    let z = try graph.append(.elementwiseBinary(ElementwiseBinary(kind: .add)), [y, c], name: "add")
    graph.outputs = [z]
    var seen: [ValueID: Tensor] = [:]
    var order: [ValueID] = []
    let outputs = try FloatExecutor(graph).run([Tensor([2, 3], [-1, 0, 1, 2, -2, 3])]) { id, tensor in
      seen[id] = tensor
      order.append(id)
    }
    #expect(order == [x, y, z])
    #expect(seen[y]?.floats == [0, 0, 1, 2, 0, 3])
    #expect(outputs[0].floats == [1, 2, 4, 3, 2, 6])
  }

  @Test func outputsMayBeInputsConstantsAndRepeated() throws {
    var graph = Graph(name: "outputs")
    let x = graph.addInput("x", TensorType(.float32, [1, 2]))
    let c = graph.addConstant("c", Tensor([1, 2], [5, 6]))
    let y = try graph.append(.elementwiseUnary(ElementwiseUnary(kind: .clip(.relu))), [x], name: "relu")
    graph.outputs = [x, c, y, y]
    let executor = try FloatExecutor(graph)
    let expected: [[Float]] = [[-1, 2, 3, -4], [5, 6, 5, 6], [0, 2, 3, 0], [0, 2, 3, 0]]
    let input = Tensor([2, 2], [-1, 2, 3, -4])
    #expect(try executor.run([input]).map(\.floats) == expected)
    #expect(try executor.run([input]) { _, _ in }.map(\.floats) == expected)
  }

  @Test func inputsThatDoNotFitAreRefusedWithBothShapes() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.float32, [1, 3]))
    graph.outputs = [try graph.append(.softmax(Softmax()), [x], name: "softmax")]
    let executor = try FloatExecutor(graph)
    for inputs in [[], [Tensor([1, 4], [0, 0, 0, 0])], [Tensor([1, 3], integers: [1, 2, 3])]] {
      #expect { try executor.run(inputs) } throws: { ($0 as? Failure)?.diagnostics.first?.code == .shapeMismatch }
    }
  }

  @Test func computedWeightsAreRefused() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.float32, [1, 3]))
    let w = graph.addInput("w", TensorType(.float32, [1, 3]))
    graph.outputs = [try graph.append(.gemm(Gemm()), [x, w], name: "dense")]
    #expect { try FloatExecutor(graph) } throws: { ($0 as? Failure)?.diagnostics.first?.code == .invalidGraph }
  }
}

/// A random convolution, and what it gives by the definition.
private struct ConvolutionProblem: CustomStringConvertible {
  var operation: Convolution
  var input, weights, bias: Tensor

  var description: String { "\(operation) on \(input.shape) with \(weights.shape)" }

  init(_ random: inout SeededGenerator) {
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let groups = [1, 1, 2, 3, 16][pick(0...4)]
    let (depth, groupOutputs) = (groups == 16 ? 1 : pick(1...5), groups == 16 ? 1 : pick(1...5))
    let (kernel, dilation) = ((pick(1...4), pick(1...4)), (pick(1...3), pick(1...3)))
    let pads = (top: pick(0...3), left: pick(0...3), bottom: pick(0...3), right: pick(0...3))
    let height = max(1, (kernel.0 - 1) * dilation.0 + 1 - pads.top - pads.bottom) + pick(0...6)
    let width = max(1, (kernel.1 - 1) * dilation.1 + 1 - pads.left - pads.right) + pick(0...6)
    let window = Window2D(kernel: kernel, stride: (pick(1...3), pick(1...3)), dilation: dilation, pads: pads)
    let bounds = ActivationBounds(minimum: Bool.random(using: &random) ? -0.5 : -.infinity, maximum: 2)
    operation = Convolution(window: window, groups: groups, activation: bounds)
    let batch = pick(1...3)
    input = Tensor([batch, height, width, groups * depth], random.floats(batch * height * width * groups * depth))
    let shape = [groups * groupOutputs, kernel.0, kernel.1, depth]
    weights = Tensor(shape, random.floats(shape.reduce(1, *)))
    bias = Tensor([shape[0]], random.floats(shape[0]))
  }

  func graph() throws -> Graph {
    var graph = Graph(name: "convolution")
    let x = graph.addInput("x", TensorType(.float32, [1] + input.shape.dropFirst()))
    let operands = [x, graph.addConstant("w", weights), graph.addConstant("b", bias)]
    graph.outputs = [try graph.append(.convolution(operation), operands, name: "conv")]
    return graph
  }

  func naiveResult() -> [Float] {
    let (shape, window) = (input.shape, operation.window)
    guard let x = input.floats, let w = weights.floats, let b = bias.floats,
      let size = window.outputSize(height: shape[1], width: shape[2])
    else { return [] }
    let (outputs, depth) = (weights.shape[0], weights.shape[3])
    var result: [Float] = []
    for n in 0..<shape[0] {
      for y in 0..<size.height {
        for column in 0..<size.width {
          for o in 0..<outputs {
            let firstChannel = o / (outputs / operation.groups) * depth
            var sum = Double(b[o])
            for ky in 0..<window.kernelHeight {
              for kx in 0..<window.kernelWidth {
                let row = y * window.strideY - window.padTop + ky * window.dilationY
                let place = column * window.strideX - window.padLeft + kx * window.dilationX
                guard (0..<shape[1]).contains(row), (0..<shape[2]).contains(place) else { continue }
                for c in 0..<depth {
                  let tap = w[((o * window.kernelHeight + ky) * window.kernelWidth + kx) * depth + c]
                  sum += Double(tap) * Double(x[((n * shape[1] + row) * shape[2] + place) * shape[3] + firstChannel + c])
                }
              }
            }
            result.append(operation.activation.apply(Float(sum)))
          }
        }
      }
    }
    return result
  }
}
