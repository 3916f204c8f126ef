import DeviceCompiler
import Diagnostics
import HostTwin
import ModelFormats
import ModelGraph
import TestSupport
import Testing

@testable import Compression

/// Recipes and layers tried out with real integer programs. Compiles the host's kernels when they are not cached.
struct RecipeSearchProcessTests {
  /// A network, random data for it, and the tools.
  private static func setting(_ model: ONNXModelBuilder, _ shape: [Int], samples: Int = 32) async throws -> (Graph, DataSet, MeasuringTools)
  {
    let folder = TemporaryFolder()
    var graph = try ONNXImporter.load(path: model.write(to: folder), shapes: [:]).graph
    _ = try Pipeline.simplify.run(&graph)
    var random = SeededGenerator(seed: 12)
    let data = try DataSet(
      path: "random", arrayName: "x",
      inputs: StoredArray(shape: [samples] + shape, floats: random.floats(samples * shape.reduce(1, *))), labels: nil)
    let kernels = try await HostKernels.load()
    return (graph, data, MeasuringTools(kernels: kernels, request: LoweringRequest(name: "n", instructionSets: kernels.instructionSets)))
  }

  @Test func theChosenRecipeIsTheBestMeasured() async throws {
    let (graph, data, tools) = try await Self.setting(.resNet8(channels: 8), [3, 32, 32])
    let recipes = RangeMethod.allCases.flatMap { ranges in
      [false, true].map { QuantizationRecipe(ranges: ranges, equalizes: $0) }
    }
    let (plan, measured) = try bestQuantization(graph, model: "", data: data, recipes: recipes, tools: tools)
    #expect(measured.count == recipes.count)
    let best = try #require(measured.max { $0.outputSQNR < $1.outputSQNR })
    #expect(plan.recipe["ranges"] == best.recipe.ranges.rawValue)
    #expect(plan.equalization.isEmpty != best.recipe.equalizes)
    var alone = try quantize(graph, model: "", data: data, recipe: best.recipe)
    alone.recipe = plan.recipe
    #expect(alone == plan)
  }

  @Test func everyLayerWithWeightsHasACostAndTheWorstOneIsFound() async throws {
    let (graph, data, tools) = try await Self.setting(.signalNetwork(length: 128), [1, 128])
    var plan = try quantize(graph, model: "", data: data, recipe: QuantizationRecipe())
    // Ruins one layer: with scales eight times too large its weights are but a few steps.
    let layers = graph.nodes.filter { plan.layers[$0.name] != nil }
    let ruined = try #require(layers.first).name
    var layer = try #require(plan.layers[ruined])
    layer.weightScales = layer.weightScales.map { $0 * 8 }
    layer.biases = layer.biases.map { $0 / 8 }
    plan.layers[ruined] = layer
    let costs = try leaveOneOut(graph, plan: plan, data: data, tools: tools)
    #expect(costs.map(\.layer) == layers.map(\.name))
    #expect(costs.max { $0.outputGain < $1.outputGain }?.layer == ruined, "\(costs)")
    #expect(costs.allSatisfy { $0.additionalBytes > 0 })
  }

  @Test func aNetworkThatStaysFloatComesNearerToFloatThanInInt8() async throws {
    let (graph, data, tools) = try await Self.setting(.resNet8(channels: 8), [3, 32, 32])
    let names = graph.nodes.filter(\.operation.hasWeights).map(\.name)
    let reference = try floatOutputs(graph, data)
    let float = try quantize(graph, model: "", data: data, recipe: QuantizationRecipe(floatLayers: names))
    #expect(float.layers.values.allSatisfy { $0.staysFloat && $0.reason == "asked for" })
    let int8 = try quantize(graph, model: "", data: data, recipe: QuantizationRecipe())
    #expect(try outputSQNR(graph, float, data, reference, tools) > outputSQNR(graph, int8, data, reference, tools))
  }

  @Test func unknownFloatLayersAreRefusedWithTheNearestName() async throws {
    let (graph, data, _) = try await Self.setting(.autoencoder(inputs: 16, hidden: [8]), [16])
    let name = try #require(graph.nodes.first { $0.operation.hasWeights }).name
    do throws(Failure) {
      _ = try quantize(graph, model: "", data: data, recipe: QuantizationRecipe(floatLayers: [name + "x"]))
      Issue.record("the layer does not exist")
    } catch {
      #expect(error.diagnostics.map(\.code) == [.usage] && error.diagnostics[0].hint == "did you mean \(name)?")
    }
  }
}
