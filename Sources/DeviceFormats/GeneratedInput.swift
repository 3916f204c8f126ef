/// The self-test's generated inputs: bytes that the host and the device make alike, so that only a checksum of the answer is stored.
///
/// A linear congruential sequence, `state ← state · 1,664,525 + 1,013,904,223` modulo 2³² (Numerical Recipes, 2nd edition, §7.1), seeded
/// with the case's number; each step gives its highest byte. (The low byte of such a sequence repeats after 256 steps.)
public struct GeneratedInput {
  private var state: UInt32

  public init(seed: UInt32) { state = seed }

  public mutating func next() -> Int8 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return Int8(truncatingIfNeeded: state >> 24)
  }

  /// Fills `count` bytes.
  public mutating func fill(_ destination: UnsafeMutablePointer<Int8>, count: Int) {
    var index = 0
    while index < count {
      destination[index] = next()
      index &+= 1
    }
  }
}

#if !hasFeature(Embedded)
extension GeneratedInput {
  /// Generated input number `seed` of `count` bytes.
  public static func bytes(seed: UInt32, count: Int) -> [Int8] {
    var generator = GeneratedInput(seed: seed)
    return (0..<count).map { _ in generator.next() }
  }
}
#endif
