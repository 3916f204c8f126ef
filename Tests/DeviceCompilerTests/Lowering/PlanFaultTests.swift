import DeviceCompiler
import Diagnostics
import ModelGraph
import Testing

/// Plans that do not fit their graph, and layers that integers cannot hold: each refused with its code, none with a trap.
@Suite struct PlanFaultTests {
  /// A dense layer from four inputs to two outputs, with a plan that fits it.
  private struct Dense {
    var plan = Plan(
      model: "",
      activations: ["x": AffineQuantization(scale: 0.1, zeroPoint: 0), "dense": AffineQuantization(scale: 0.1, zeroPoint: 0)],
      layers: ["dense": LayerPlan(weightBits: 8, weightScales: [0.01, 0.01], biases: [5, -5])])
    var inputShape = [1, 4]

    func lowered() throws -> LoweredProgram {
      var graph = Graph(name: "test")
      let x = graph.addInput("x", TensorType(.float32, inputShape))
      let weights = graph.addConstant("w", Tensor([2, 4], [1, -1, 0.5, 0.25, 1, 1, 1, 1]))
      graph.outputs = [try graph.append(.gemm(Gemm()), [x, weights], name: "dense")]
      return try lower(graph, plan: plan, LoweringRequest(name: "test", instructionSets: []))
    }
  }

  private func code(_ change: (inout Dense) -> Void) -> DiagnosticCode? {
    var dense = Dense()
    change(&dense)
    do {
      _ = try dense.lowered()
      return nil
    } catch {
      return (error as? Failure)?.diagnostics.first?.code
    }
  }

  @Test func aPlanThatFitsIsLowered() { #expect(code { _ in } == nil) }

  @Test func aPlanWithoutAScaleOrALayerIsNotThisGraphs() {
    #expect(code { $0.plan.activations["dense"] = nil } == .planMismatch)
    #expect(code { $0.plan.layers = [:] } == .planMismatch)
    #expect(code { $0.plan.layers["dense"]?.weightScales.append(1) } == .planMismatch)
    #expect(code { $0.plan.layers["dense"]?.biases.removeLast() } == .planMismatch)
    #expect(code { $0.plan.layers["dense"]?.weightBits = 4 } == .planMismatch)
  }

  @Test(arguments: [0, -1, .nan, .infinity] as [Float]) func aScaleThatIsNoPositiveNumberIsDamage(_ scale: Float) {
    #expect(code { $0.plan.activations["x"]?.scale = scale } == .corruptPlan)
    #expect(code { $0.plan.layers["dense"]?.weightScales[1] = scale } == .corruptPlan)
  }

  @Test(arguments: [-129, 128, Int.max]) func aZeroPointOutsideOfInt8IsDamage(_ zeroPoint: Int) {
    #expect(code { $0.plan.activations["x"]?.zeroPoint = zeroPoint } == .corruptPlan)
  }

  @Test func factorsAndSumsBeyondTheContractAreRefused() {
    #expect(code { $0.plan.activations["dense"]?.scale = 0x1p-40 } == .multiplierRange)
    #expect(code { $0.plan.activations["dense"]?.scale = 0x1p60 } == .multiplierRange)
    #expect(code { $0.plan.layers["dense"]?.biases = [.max, 0] } == .accumulatorOverflow)
    #expect(code { $0.plan.layers["dense"]?.biases = [0, .min] } == .accumulatorOverflow)
  }

  @Test func aProgramTakesOneSampleAtATime() { #expect(code { $0.inputShape = [3, 4] } == .unsupportedOperator) }
}
