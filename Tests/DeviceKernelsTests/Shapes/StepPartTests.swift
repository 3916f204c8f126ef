import DeviceKernels
import Testing

@Suite struct StepPartTests {
  /// Parts follow each other without gaps, begin at multiples of the unit, and differ by at most one unit.
  @Test func stretchesCoverTheAxisEvenly() {
    for extent in 1...70 {
      for unit in [1, 4, 16, 64] {
        let units = (extent + unit - 1) / unit
        for parts in 1...min(units, 9) {
          let stretches = (0..<parts).map { StepPart(index: $0, parts: parts).stretch(of: extent, unit: unit) }
          var end = 0
          for stretch in stretches {
            #expect(stretch.first == end && stretch.first % unit == 0 && stretch.count > 0)
            end += stretch.count
          }
          #expect(end == extent)
          let sizes = stretches.map { ($0.count + unit - 1) / unit }
          #expect(sizes.max()! - sizes.min()! <= 1)
        }
      }
    }
  }

  @Test func theWholeIsOnePart() {
    #expect(StepPart.whole.stretch(of: 37, unit: 8) == Stretch(first: 0, count: 37))
  }
}
