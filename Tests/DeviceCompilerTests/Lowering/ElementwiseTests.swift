import DeviceKernels
import Diagnostics
import Foundation
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct ElementwiseLoweringTests {
  /// Two 1×16 branches of different scales, of which the second is a negation of the input.
  private func sum(
    _ kind: ElementwiseBinary.Kind, scales: (Float, Float, Float), activation: ActivationBounds = .none
  ) throws -> (TinyNetwork, ValueID) {
    var network = TinyNetwork(seed: 21)
    let x = network.input([1, 16], scale: scales.0, zeroPoint: -4)
    let b = try network.add(
      .elementwiseUnary(ElementwiseUnary(kind: .leakyRelu(slope: 0.5))), [x], name: "b", scale: scales.1, zeroPoint: 17)
    let operation = ElementwiseBinary(kind: kind, activation: activation)
    let y = try network.add(.elementwiseBinary(operation), [x, b], name: "sum", scale: scales.2, zeroPoint: 6)
    return (network, y)
  }

  @Test(arguments: [ElementwiseBinary.Kind.add, .subtract], [(0.05, 0.03, 0.07), (0.01, 0.06, 0.02), (0.5, 0.001, 0.4)])
  func sumsAreWithinAStepOfTheRealSum(_ kind: ElementwiseBinary.Kind, _ scales: (Double, Double, Double)) throws {
    var (network, y) = try sum(kind, scales: (Float(scales.0), Float(scales.1), Float(scales.2)))
    let program = try network.lowered(output: y)
    guard case .add(let shape) = program.steps[1].kind else {
      Issue.record("the second step is the sum")
      return
    }
    let larger = max(abs(shape.multiplierA), abs(shape.multiplierB))
    #expect((1 << 14..<1 << 15).contains(larger) && (1...30).contains(shape.shift))
    let values = network.values(16)
    let machine = PortableMachine(program: program)
    let table = lookupTable(
      from: network.plan.activations["x"]!, to: network.plan.activations["b"]!, ElementwiseUnary.Kind.leakyRelu(slope: 0.5).function)
    for (value, result) in zip(values, machine.run(values)) {
      let (a, b) = (Int(value) + 4, Int(table[Int(value) + 128]) - 17)
      let sign: Double = kind == .subtract ? -1 : 1
      let real: Double = Double(a) * Double(Float(scales.0)) + sign * Double(b) * Double(Float(scales.1))
      let exact = max(-128, min(127, real / Double(Float(scales.2)) + 6))
      #expect(abs(Double(result) - exact) <= 0.52, "\(a) and \(b)")
      // The contract's own formula, in 64 bits.
      let half = 1 << (Int(shape.shift) - 1)
      let scaled = (a * Int(shape.multiplierA) + b * Int(shape.multiplierB) + half) >> Int(shape.shift)
      #expect(Int(result) == max(-128, min(127, scaled + 6)))
    }
  }

  @Test func aSumCarriesItsActivation() throws {
    var (network, y) = try sum(.add, scales: (0.05, 0.05, 0.05), activation: ActivationBounds(minimum: 0, maximum: 1))
    let outputs = PortableMachine(program: try network.lowered(output: y)).run(network.values(16))
    #expect(outputs.min() == 6 && outputs.max() == 26)
  }

  @Test func scalesThatAreTooFarApartAreRefused() throws {
    for (operand, result) in [(Float(1e-9), Float(10)), (1e5, 1e-3)] {
      var (network, y) = try sum(.add, scales: (operand, operand, result))
      let failure = #expect(throws: Failure.self) { try network.lowered(output: y) }
      #expect(failure?.diagnostics.map(\.code) == [.multiplierRange])
      #expect(failure?.diagnostics.first?.message.contains("sum") == true)
    }
  }

  @Test func productsAndConstantOperandsAreRefusedByName() throws {
    var (network, product) = try sum(.multiply, scales: (0.05, 0.05, 0.05))
    let constant = network.graph.addConstant("c", Tensor([1, 16], Array(repeating: 1, count: 16)))
    let y = try network.add(
      .elementwiseBinary(ElementwiseBinary(kind: .add)), [product, constant], name: "shifted", scale: 0.1, zeroPoint: 0)
    let failure = #expect(throws: Failure.self) { try network.lowered(output: y) }
    #expect(failure?.diagnostics.map(\.code) == [.unsupportedOperator, .unsupportedOperator])
    #expect(failure?.diagnostics.first?.message.contains("Mul sum") == true)
    #expect(failure?.diagnostics.last?.message.contains("c is a constant") == true)
  }

  static let kinds: [(ElementwiseUnary.Kind, @Sendable (Double) -> Double)] = [
    (.clip(ActivationBounds(minimum: -1, maximum: 2)), { min(2, max(-1, $0)) }),
    (.leakyRelu(slope: 0.25), { $0 < 0 ? 0.25 * $0 : $0 }),
    (.sigmoid, { 1 / (1 + exp(-$0)) }),
    (.hyperbolicTangent, { (exp(2 * $0) - 1) / (exp(2 * $0) + 1) }),
    (.hardSigmoid(slope: 0.2, offset: 0.5), { min(1, max(0, 0.2 * $0 + 0.5)) }),
    (.hardSwish, { $0 * min(1, max(0, $0 / 6 + 0.5)) }),
  ]

  @Test(arguments: kinds.indices) func functionsAreTablesOfAllValues(_ index: Int) throws {
    let (kind, function) = Self.kinds[index]
    var network = TinyNetwork()
    let x = network.input([1, 256], scale: 0.04, zeroPoint: 8)
    let y = try network.add(.elementwiseUnary(ElementwiseUnary(kind: kind)), [x], name: "f", scale: 0.02, zeroPoint: -30)
    let all = (-128...127).map { Int8($0) }
    let result = PortableMachine(program: try network.lowered(output: y)).run(all)
    for (stored, value) in zip(all, result) {
      let exact = function(Double(Float(0.04)) * (Double(stored) - 8)) / Double(Float(0.02)) - 30
      // Half a step, and a little for ties that fall to the other side.
      #expect(abs(Double(value) - max(-128, min(127, exact))) <= 0.5 + 1e-6, "\(stored)")
    }
  }
}
