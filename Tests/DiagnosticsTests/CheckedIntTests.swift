import Diagnostics
import Testing

struct CheckedIntTests {
  @Test func overflowLeavesNoValueAndSpreads() {
    #expect((CheckedInt(Int.max) + 1).value == nil)
    #expect((CheckedInt(Int.min) - 1).value == nil)
    #expect((CheckedInt(1 << 32) * CheckedInt(1 << 31)).value == nil)
    #expect((CheckedInt(Int.max) + 1 - 1).value == nil)
    #expect(CheckedInt(UInt64.max).value == nil)
    #expect((CheckedInt(Int.max) - 1 + 1).value == Int.max)
  }

  @Test func rangesIncludeTheirEnds() {
    #expect(CheckedInt(4).within(1...4) == 4)
    #expect(CheckedInt(5).within(1...4) == nil)
    #expect((CheckedInt(Int.max) * 2).within(Int.min...Int.max) == nil)
  }

  @Test func elementsAreTheProductOfSizes() {
    #expect(CheckedInt.elements(of: [2, 3, 4]).value == 24)
    #expect(CheckedInt.elements(of: [] as [Int]).value == 1)
    #expect(CheckedInt.elements(of: [5, 0]).value == 0)
    #expect(CheckedInt.elements(of: [2, -3]).value == nil)
    #expect(CheckedInt.elements(of: [-1, 0]).value == nil)
  }

  /// A product of some of the sizes must fit as well, so a zero does not excuse the others.
  @Test func aZeroHidesNoOverflow() { #expect(CheckedInt.elements(of: [0, 1 << 40, 1 << 40]).value == nil) }
}
