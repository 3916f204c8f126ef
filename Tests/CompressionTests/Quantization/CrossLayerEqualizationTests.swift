import Diagnostics
import HostCompute
import ModelFormats
import ModelGraph
import TestSupport
import Testing

@testable import Compression

struct CrossLayerEqualizationTests {
  /// Two dense layers whose hidden channels differ by factors of a thousand.
  private static func unbalanced(activation: ActivationBounds) throws -> Graph {
    var graph = Graph(name: "unbalanced")
    let x = graph.addInput("x", TensorType(.float32, [1, 4]))
    var random = SeededGenerator(seed: 4)
    let scales: [Float] = [0.001, 1, 30, 0.2, 0.004, 8]
    let first = (0..<6).flatMap { row in random.floats(4).map { $0 * scales[row] } }
    let hidden = try graph.append(
      .gemm(Gemm(activation: activation)),
      [x, graph.addConstant("w1", Tensor([6, 4], first)), graph.addConstant("b1", Tensor([6], scales))], name: "first")
    let second = (0..<3).flatMap { _ in zip(random.floats(6), scales).map { $0 / $1 } }
    let y = try graph.append(.gemm(Gemm()), [hidden, graph.addConstant("w2", Tensor([3, 6], second))], name: "second")
    graph.outputs = [y]
    return graph
  }

  private static let relu = ActivationBounds(minimum: 0, maximum: .infinity)

  @Test func equalizedRangesMeet() throws {
    let graph = try Self.unbalanced(activation: Self.relu)
    let exponents = equalizationExponents(graph)
    #expect(exponents["first"]?.count == 6 && exponents["second"] == nil)
    let equalized = try graph.equalized(by: exponents)
    let made = try #require(equalized.constant(equalized.nodes[0].inputs[1])?.floats)
    let read = try #require(equalized.constant(equalized.nodes[1].inputs[1])?.floats)
    for channel in 0..<6 {
      let largestMade = made[channel * 4..<channel * 4 + 4].map { abs($0) }.max() ?? 0
      let largestRead = (0..<3).map { abs(read[$0 * 6 + channel]) }.max() ?? 0
      // Within the power of two that factors are rounded to.
      #expect((0.49...2.05).contains(largestMade / largestRead), "channel \(channel): \(largestMade), \(largestRead)")
    }
  }

  @Test func theFloatNetworkComputesTheSameBits() throws {
    let graph = try Self.unbalanced(activation: Self.relu)
    let equalized = try graph.equalized(by: equalizationExponents(graph))
    var random = SeededGenerator(seed: 5)
    let input = Tensor([16, 4], random.floats(64))
    #expect(try FloatExecutor(equalized).run([input]) == FloatExecutor(graph).run([input]))
  }

  @Test func aBoundThatScalesKeepsFactorsFromMoving() throws {
    // ReLU6: dividing by 2 before it is not dividing by 2 behind it.
    #expect(equalizationExponents(try Self.unbalanced(activation: ActivationBounds(minimum: 0, maximum: 6))).isEmpty)
  }

  @Test func convolutionsWithGroupsAndPoolsBetweenStayTheSameNetwork() throws {
    let folder = TemporaryFolder()
    var graph = try ONNXImporter.load(path: ONNXModelBuilder.resNet8(channels: 8).write(to: folder), shapes: [:]).graph
    _ = try Pipeline.simplify.run(&graph)
    let exponents = equalizationExponents(graph)
    #expect(!exponents.isEmpty)
    var random = SeededGenerator(seed: 6)
    let input = Tensor([2] + graph.type(of: graph.inputs[0]).shape.dropFirst(), random.floats(2 * graph.type(of: graph.inputs[0]).count))
    #expect(try FloatExecutor(graph.equalized(by: exponents)).run([input]) == FloatExecutor(graph).run([input]))
  }

  private func code(_ graph: Graph, _ exponents: [String: [Int]]) -> DiagnosticCode? {
    do throws(Failure) {
      _ = try graph.equalized(by: exponents)
      return nil
    } catch {
      return error.diagnostics.first?.code
    }
  }

  @Test func aPlanForAnotherGraphIsRefused() throws {
    let graph = try Self.unbalanced(activation: Self.relu)
    #expect(code(graph, ["elsewhere": [0]]) == .planMismatch && code(graph, ["first": [1, 2]]) == .planMismatch)
    #expect(code(graph, ["second": [0, 0, 0]]) == .planMismatch, "nothing reads the last layer")
    #expect(code(graph, ["first": [0, 0, 0, 0, 0, 1000]]) == .corruptPlan)
  }
}
