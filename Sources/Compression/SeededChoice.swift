/// A small generator with a fixed algorithm (SplitMix64, Steele et al. 2014), so that a seed means the same everywhere.
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// `wanted` different indices below `count` in ascending order, or all of them; the same for the same seed.
public func seededChoice(of wanted: Int, from count: Int, seed: UInt64) -> [Int] {
  guard wanted < count else { return Array(0..<count) }
  var generator = SplitMix64(seed: seed)
  return Array(seededShuffle(count, using: &generator).prefix(wanted)).sorted()
}

/// All indices below `count` in a seeded order (Fisher–Yates).
func seededShuffle(_ count: Int, using generator: inout SplitMix64) -> [Int] {
  var indices = Array(0..<count)
  for last in stride(from: count - 1, to: 0, by: -1) {
    indices.swapAt(last, Int(generator.next() % UInt64(last + 1)))
  }
  return indices
}
