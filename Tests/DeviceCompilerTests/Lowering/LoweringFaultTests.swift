import DeviceKernels
import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct LoweringFaultTests {
  private func dense(_ change: (inout TinyNetwork) -> Void) throws -> [Diagnostic] {
    var network = TinyNetwork()
    let x = network.input([1, 4], scale: 0.1, zeroPoint: 0)
    let y = try network.layer(.gemm(Gemm()), x, weights: [3, 4], name: "fc", scale: 0.1, zeroPoint: 0)
    change(&network)
    let failure = #expect(throws: Failure.self) { try network.lowered(output: y) }
    return failure?.diagnostics ?? []
  }

  @Test func aPlanThatLacksOrContradictsTheGraphIsRefused() throws {
    let faults = [
      try dense { $0.plan.layers["fc"] = nil }, try dense { $0.plan.layers["fc"]?.weightScales.removeLast() },
      try dense { $0.plan.layers["fc"]?.biases.append(0) }, try dense { $0.plan.activations["fc"] = nil },
      try dense { $0.plan.activations["x"] = nil }, try dense { $0.plan.layers["fc"]?.weightBits = 4 },
    ]
    #expect(faults.map { $0.map(\.code) } == Array(repeating: [.planMismatch], count: 6))
    #expect(faults[0].first?.message.contains("3 channels of fc") == true)
    #expect(faults[4].first?.message.contains("x") == true)
  }

  @Test func aPlanWithImpossibleScalesIsRefused() throws {
    let faults = [
      try dense { $0.plan.activations["fc"]?.scale = 0 }, try dense { $0.plan.activations["fc"]?.scale = .infinity },
      try dense { $0.plan.activations["x"]?.zeroPoint = 128 }, try dense { $0.plan.layers["fc"]?.weightScales[1] = -1 },
      try dense { $0.plan.layers["fc"]?.weightScales[1] = .nan },
    ]
    #expect(faults.map { $0.map(\.code) } == Array(repeating: [.corruptPlan], count: 5))
  }

  @Test func aSumThatCouldOverflowIsRefusedByName() throws {
    func diagnostics(depth: Int, bias: Int32) throws -> [Diagnostic] {
      var network = TinyNetwork()
      let x = network.input([1, depth], scale: 0.1, zeroPoint: -128)
      let weights = network.graph.addConstant("w", Tensor([1, depth], Array(repeating: 127, count: depth)))
      let y = try network.add(.gemm(Gemm()), [x, weights], name: "wide", scale: 1e5, zeroPoint: 0)
      network.plan.layers["wide"] = LayerPlan(weightBits: 8, weightScales: [1], biases: [bias])
      do throws(Failure) {
        _ = try network.lowered(output: y)
        return []
      } catch { return error.diagnostics }
    }
    // 255 · 127 · 66,311 + 1,912 = 2³¹ − 1: as deep as a layer may be.
    let largest: Int = 255 * 127 * 66_311 + 1912
    #expect(largest == Int(Int32.max))
    #expect(try diagnostics(depth: 66_311, bias: 0) == [])
    #expect(try diagnostics(depth: 66_311, bias: -1912) == [])
    for faults in [try diagnostics(depth: 66_312, bias: 0), try diagnostics(depth: 66_311, bias: 1913)] {
      #expect(faults.map(\.code) == [.accumulatorOverflow])
      #expect(faults.first?.message.contains("wide") == true && faults.first?.hint?.contains("split") == true)
    }
  }

  @Test func aFactorOutsideOfItsRangeIsRefusedByName() throws {
    // The weights' scales lie between 0.001 and 0.004.
    for scale in [Float(1e-6), 1e10] {
      let faults = try dense { $0.plan.activations["fc"]?.scale = scale }
      #expect(faults.map(\.code) == [.multiplierRange])
      #expect(faults.first?.message.contains("fc") == true && faults.first?.message.contains("channel 0") == true)
    }
  }

  @Test func allRefusedNodesAreNamedAtOnce() throws {
    var network = TinyNetwork()
    let x = network.input([1, 2, 2, 2], scale: 0.1, zeroPoint: 0)
    let parameters = (0..<4).map { network.graph.addConstant("p\($0)", Tensor([2], [1, 1])) }
    let a = try network.add(.batchNormalization(BatchNormalization(epsilon: 1e-5)), [x] + parameters, name: "bn", scale: 0.1, zeroPoint: 0)
    let b = try network.add(.elementwiseBinary(ElementwiseBinary(kind: .multiply)), [a, a], name: "square", scale: 0.1, zeroPoint: 0)
    let c = try network.layer(
      .convolution(Convolution(window: Window2D(kernel: (1, 1)))), b, weights: [2, 1, 1, 2], name: "conv", scale: 1e-7, zeroPoint: 0)
    let failure = #expect(throws: Failure.self) { try network.lowered(output: c) }
    #expect(failure?.diagnostics.map(\.code) == [.unsupportedOperator, .unsupportedOperator, .multiplierRange])
    for (name, diagnostic) in zip(["bn", "square", "conv"], failure?.diagnostics ?? []) { #expect(diagnostic.message.contains(name)) }
  }

  @Test func severalInputsOrOutputsAreRefused() throws {
    var network = TinyNetwork()
    let x = network.input([1, 4], scale: 0.1, zeroPoint: 0)
    let y = try network.layer(.gemm(Gemm()), x, weights: [3, 4], name: "fc", scale: 0.1, zeroPoint: 0)
    network.graph.outputs = [y, x]
    let request = LoweringRequest(name: "tiny", instructionSets: [.portable])
    let outputs = #expect(throws: Failure.self) { try lower(network.graph, plan: network.plan, request) }
    #expect(outputs?.diagnostics.first?.message.contains("2 outputs") == true)
    network.graph.addInput("second", TensorType(.float32, [1, 4]))
    let inputs = #expect(throws: Failure.self) { try lower(network.graph, plan: network.plan, request) }
    #expect(inputs?.diagnostics.first?.message.contains("2 inputs") == true)
    #expect(inputs?.diagnostics.first?.code == .unsupportedOperator)
  }
}
