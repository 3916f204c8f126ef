import Foundation
import ModelGraph

/// Cross-layer equalization: exponents that bring the ranges of a layer's output channels and of the weights that read them together
/// (Nagel et al. 2021, §4.1), as powers of two, so that the float network computes what it did.
///
/// For channel i between two layers, r₁ the largest weight that makes it and r₂ the largest that reads it: dividing by s = √(r₁ / r₂) makes
/// both √(r₁ r₂). A layer may be both reader and maker, so the pairs are gone over until nothing moves any more.
/// - Returns: for `Graph.equalized(by:)`; empty where no channel gains a factor.
func equalizationExponents(_ graph: Graph) -> [String: [Int]] {
  let pairs = graph.equalizablePairs
  var ranges = Dictionary(uniqueKeysWithValues: Set(pairs.flatMap { [$0.producer, $0.consumer] }).map { ($0, WeightRanges(graph, $0)) })
  var exponents: [Int: [Int]] = [:]
  for _ in 0..<20 {
    var hasMoved = false
    for pair in pairs {
      guard let made = ranges[pair.producer]?.outputs, let read = ranges[pair.consumer]?.inputs, made.count == read.count else { continue }
      let moved = zip(made, read).map { made, read in
        made > 0 && read > 0 ? Int((log2(made / read) / 2).rounded(.toNearestOrEven)) : 0
      }
      guard moved.contains(where: { $0 != 0 }) else { continue }
      hasMoved = true
      ranges[pair.producer]?.divideOutputs(by: moved)
      ranges[pair.consumer]?.multiplyInputs(by: moved)
      exponents[pair.producer] = zip(exponents[pair.producer] ?? moved.map { _ in 0 }, moved).map { max(-40, min(40, $0 + $1)) }
    }
    if !hasMoved { break }
  }
  let moving = exponents.filter { $0.value.contains { $0 != 0 } }
  return Dictionary(uniqueKeysWithValues: moving.map { (graph.nodes[$0.key].name, $0.value) })
}

/// The largest weights of a layer by channel, as equalization changes them.
private struct WeightRanges {
  /// Magnitudes, `[O, C / groups]`, the largest over the window.
  private var magnitudes: [Double]
  private var outputCount: Int
  private var depth: Int
  private var groups: Int

  init(_ graph: Graph, _ node: Int) {
    let node = graph.nodes[node]
    groups = 1
    if case .convolution(let convolution) = node.operation { groups = convolution.groups }
    let weights = graph.constant(node.inputs[1])
    let floats = weights?.floats ?? []
    outputCount = weights?.shape.first ?? 0
    depth = weights?.shape.last ?? 0
    magnitudes = Array(repeating: 0, count: outputCount * depth)
    let reach = floats.count / max(1, outputCount)
    for (index, weight) in floats.enumerated() {
      let place = index / max(1, reach) * depth + index % max(1, depth)
      magnitudes[place] = max(magnitudes[place], Double(abs(weight)))
    }
  }

  /// By output channel.
  var outputs: [Double] {
    (0..<outputCount).map { output in magnitudes[output * depth..<(output + 1) * depth].max() ?? 0 }
  }

  /// By input channel.
  var inputs: [Double] {
    var result = Array(repeating: 0.0, count: depth * groups)
    for output in 0..<outputCount {
      let first = firstInput(of: output)
      for channel in 0..<depth { result[first + channel] = max(result[first + channel], magnitudes[output * depth + channel]) }
    }
    return result
  }

  mutating func divideOutputs(by exponents: [Int]) {
    for output in 0..<outputCount {
      for channel in 0..<depth { magnitudes[output * depth + channel] *= exp2(Double(-exponents[output])) }
    }
  }

  mutating func multiplyInputs(by exponents: [Int]) {
    for output in 0..<outputCount {
      let first = firstInput(of: output)
      for channel in 0..<depth { magnitudes[output * depth + channel] *= exp2(Double(exponents[first + channel])) }
    }
  }

  private func firstInput(of output: Int) -> Int { output / max(1, outputCount / groups) * depth }
}
