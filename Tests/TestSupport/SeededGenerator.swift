import Foundation

/// Random numbers that a seed repeats (SplitMix64, Steele, Lea and Flood 2014). `EDGEPACK_SEED` replays a failed run; tests print the seed.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }

  /// `count` numbers in −1…1.
  public mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &self) } }

  /// The seeds of `count` runs: `EDGEPACK_SEED` alone if it is set, else consecutive ones from `first`.
  public static func seeds(_ count: Int, first: UInt64 = 1) -> [UInt64] {
    if let text = ProcessInfo.processInfo.environment["EDGEPACK_SEED"], let seed = UInt64(text) { return [seed] }
    return (0..<UInt64(count)).map { first + $0 }
  }
}
