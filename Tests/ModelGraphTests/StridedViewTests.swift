import ModelGraph
import TestSupport
import Testing

struct StridedViewTests {
  /// Against the elements themselves, moved one by one.
  @Test func followsElementsThroughRandomChains() {
    var (described, refused) = (0, 0)
    for seed in SeededGenerator.seeds(400) {
      var random = SeededGenerator(seed: seed)
      let source = randomShape(of: [1, 6, 12, 24, 30].randomElement(using: &random) ?? 12, &random)
      var view = StridedView(of: source)
      var elements = Tensor(source, integers: (0..<view.count).map(Int64.init))
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        if Bool.random(using: &random) {
          let shape = randomShape(of: view.count, &random)
          (view, elements) = (view.reshaped(to: shape), elements.reshaped(to: shape))
        } else {
          let permutation = Array(elements.shape.indices).shuffled(using: &random)
          guard let next = view.transposed(by: permutation) else {
            refused += 1
            break
          }
          (view, elements) = (next, elements.transposed(by: permutation))
        }
        described += 1
        let indices = elements.integers?.map { Int($0) } ?? []
        #expect(view.shape == elements.shape && view.indices() == indices, "seed \(seed)")
        #expect(view.keepsOrder == (indices == Array(0..<view.count)), "seed \(seed)")
        #expect(view.resultStrides(source: source) == strides(indices, source), "seed \(seed), \(source) → \(view)")
      }
    }
    // Most chains can be described; those that cannot must occur as well.
    #expect(described > 500 && refused > 0)
  }

  @Test func equalMovementsHaveEqualAxes() {
    let direct = StridedView(of: [1, 2, 3, 4]).transposed(by: [0, 2, 3, 1])
    let roundabout = StridedView(of: [1, 2, 3, 4]).reshaped(to: [2, 12]).transposed(by: [1, 0])
    #expect(direct?.axes == roundabout?.axes && direct?.shape == [1, 3, 4, 2] && roundabout?.shape == [12, 2])
  }

  @Test func sizeCostsNothing() {
    let view = StridedView(of: [1, 3, 1 << 20, 1 << 20]).transposed(by: [0, 2, 3, 1])
    #expect(view?.axes.map(\.size) == [1 << 40, 3] && view?.axes.map(\.stride) == [1, 1 << 40])
    #expect(view?.resultStrides(source: [1, 3, 1 << 20, 1 << 20]) == [0, 1, 3 << 20, 3])
  }

  @Test func aReshapeAcrossTransposedAxesIsRefused() {
    let view = StridedView(of: [2, 3]).transposed(by: [1, 0])?.reshaped(to: [2, 3])
    #expect(view != nil && view?.transposed(by: [1, 0]) == nil)
  }

  /// For each axis of the source, the distance of its neighbours in the result, if one number says it.
  private func strides(_ indices: [Int], _ source: [Int]) -> [Int]? {
    var positions = Array(repeating: 0, count: indices.count)
    for (position, element) in indices.enumerated() { positions[element] = position }
    var own = Array(repeating: 1, count: source.count)
    for axis in source.indices.dropLast().reversed() { own[axis] = own[axis + 1] * source[axis + 1] }
    let strides = source.indices.map { source[$0] > 1 ? positions[own[$0]] : 0 }
    for element in positions.indices {
      let expected = source.indices.reduce(0) { $0 + element / own[$1] % source[$1] * strides[$1] }
      if positions[element] != expected { return nil }
    }
    return strides
  }

  private func randomShape(of count: Int, _ random: inout SeededGenerator) -> [Int] {
    var (rest, shape) = (count, [Int]())
    while rest > 1 {
      let divisors = (2...rest).filter { rest % $0 == 0 }
      let size = divisors[Int.random(in: divisors.indices, using: &random)]
      shape.append(size)
      rest /= size
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) { shape.insert(1, at: Int.random(in: 0...shape.count, using: &random)) }
    return shape.isEmpty ? [1] : shape
  }
}
