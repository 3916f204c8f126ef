import Testing

@testable import Compression

struct SeededChoiceTests {
  @Test func aSeedMeansTheSameForever() {
    // SplitMix64's published numbers for seed 0, and the choice that follows from them.
    var generator = SplitMix64(seed: 0)
    #expect([generator.next(), generator.next()] == [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4])
    #expect(seededChoice(of: 5, from: 100, seed: 0) == seededChoice(of: 5, from: 100, seed: 0))
    #expect(seededChoice(of: 5, from: 100, seed: 0) != seededChoice(of: 5, from: 100, seed: 1))
  }

  @Test func choicesAreDifferentSortedAndInRange() {
    for seed in 0..<20 as Range<UInt64> {
      let choice = seededChoice(of: 17, from: 40, seed: seed)
      #expect(choice.count == 17 && Set(choice).count == 17 && choice == choice.sorted())
      #expect(choice.allSatisfy { (0..<40).contains($0) }, "seed \(seed)")
    }
    #expect(seededChoice(of: 9, from: 4, seed: 3) == [0, 1, 2, 3])
  }

  @Test func aShuffleKeepsEverything() {
    var generator = SplitMix64(seed: 8)
    let order = seededShuffle(50, using: &generator)
    #expect(order.sorted() == Array(0..<50) && order != Array(0..<50))
    #expect(seededShuffle(0, using: &generator) == [])
  }
}
