import Testing

@testable import Targets

struct NonNegativeLeastSquaresTests {
  @Test func solvesWhatHasASolution() {
    let x = NonNegativeLeastSquares.solve([[1, 0], [1, 1], [1, 2]], [1, 3, 5])
    #expect(abs(x[0] - 1) < 1e-6 && abs(x[1] - 2) < 1e-6)
  }

  @Test func aCostThatWouldBeNegativeIsNoneAndTheOthersMakeTheBestOfIt() {
    // Without bounds: 3 − x. With them the best is the mean.
    let x = NonNegativeLeastSquares.solve([[1, 0], [1, 1], [1, 2]], [3, 2, 1])
    #expect(abs(x[0] - 2) < 1e-6 && x[1] == 0)
  }

  @Test func columnsOfVeryDifferentSizeDoNotHinderIt() {
    let x = NonNegativeLeastSquares.solve([[1, 1e6], [1, 2e6], [1, 9e6]], [5 + 3, 5 + 6, 5 + 27])
    #expect(abs(x[0] - 5) < 1e-4 && abs(x[1] - 3e-6) < 1e-11)
    let withEmptyColumn = NonNegativeLeastSquares.solve([[1, 0], [2, 0]], [1, 2])
    #expect(abs(withEmptyColumn[0] - 1) < 1e-9 && withEmptyColumn[1] == 0)
  }
}

struct CostFitTests {
  private static let costs: [WorkUnit: Double] = [
    .step: 3e-4, .mac: 1e-8, .idleMac: 4e-9, .output: 2e-7, .edge: 1e-7, .block: 5e-6, .patchRow: 2e-6, .patchByte: 3e-8, .element: 4e-7,
  ]

  /// Steps whose times are exactly what `costs` says.
  private func samples(_ kind: WorkKind, count: Int, seed: UInt64) -> [CostFit.Sample] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { index in
      let counts = kind.units.map { ($0, Double(Int.random(in: 10...100_000, using: &random))) }
      let work = StepWork(name: "\(index)", kind: kind, counts: Dictionary(uniqueKeysWithValues: counts))
      return CostFit.Sample(work, time: work.counts.reduce(0) { $0 + (Self.costs[$1.key] ?? 0) * $1.value })
    }
  }

  @Test(arguments: WorkKind.allCases) func costsAreFoundAgain(_ kind: WorkKind) throws {
    let result = try #require(CostFit.rows(from: samples(kind, count: 40, seed: 99)).first)
    for term in result.row.terms where term.unit != .step {
      let truth = try #require(Self.costs[term.unit])
      #expect(abs(term.cost.low - truth) < 0.02 * truth, "\(kind), \(term.unit): \(term.cost.low), not \(truth)")
    }
    #expect(result.row.terms.count >= kind.units.count && result.samples == 40)
    #expect(result.missesLeftOut.allSatisfy { abs($0) < 0.01 } && result.row.spread == 0.03)
  }

  @Test func theSpreadIsWhatTheTermsDoNotExplain() throws {
    var noisy = samples(.add, count: 40, seed: 5)
    for index in noisy.indices { noisy[index].time *= index.isMultiple(of: 2) ? 1.2 : 0.8 }
    let row = try #require(CostFit.rows(from: noisy).first).row
    #expect(row.spread > 0.15 && row.spread < 0.35)
  }

  @Test func fewSamplesGiveFewTermsAndOneSampleAWideSpread() throws {
    let two = try #require(CostFit.rows(from: samples(.convolution, count: 2, seed: 1)).first)
    #expect(two.row.terms.count <= 2)
    let one = try #require(CostFit.rows(from: samples(.softmax, count: 1, seed: 1)).first)
    #expect(one.row.spread == 0.5 && one.missesLeftOut.isEmpty)
  }
}
