import Testing

@testable import Diagnostics

struct NearestMatchTests {
  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("", "abc", 3), ("clock", "clokc", 1), ("clock", "clock", 0), ("kitten", "sitting", 3), ("ab", "ba", 1),
    ("MB/sec", "MB/s", 2),
  ])
  func distanceCountsLettersAndSwaps(_ a: String, _ b: String, _ distance: Int) {
    #expect(editDistance(a, b) == distance && editDistance(b, a) == distance)
  }

  @Test func aTypingErrorFindsItsWordAndNonsenseFindsNothing() {
    let words = ["arm64-512mb", "x86_64-avx2", "x86_64-avx512", "native"]
    #expect(nearestMatch(to: "ARM64-512MB", among: words) == "arm64-512mb")
    #expect(nearestMatch(to: "x86_64_avx512", among: words) == "x86_64-avx512")
    #expect(nearestMatch(to: "esp32", among: words) == nil && nearestMatch(to: "", among: words) == nil)
    #expect(nearestMatch(to: "b", among: ["B", "KiB"]) == "B" && nearestMatch(to: "zz", among: ["ab"]) == nil)
    #expect(nearestMatch(to: String(repeating: "a", count: 1_000_000), among: words) == nil)
  }

  @Test func alternativesReadAsASentence() {
    #expect(alternatives([]) == "" && alternatives(["a"]) == "a" && alternatives(["a", "b"]) == "a or b")
    #expect(alternatives(["a", "b", "c"]) == "a, b or c")
  }
}
