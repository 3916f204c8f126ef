import Foundation
import Testing

@testable import DeviceKernels

@Suite struct AddTests {
  @Test func everyPairOfBytesFollowsTheFormula() {
    let shape = AddShape(
      count: 65_536, zeroPointA: -7, multiplierA: 20_011, zeroPointB: 19, multiplierB: -9_973, shift: 15,
      output: OutputRange(zeroPoint: 4, minimum: -100, maximum: 127), descending: false)
    let bytes = Int8.min...Int8.max
    let a = bytes.flatMap { value in bytes.map { _ in value } }
    let b = bytes.flatMap { _ in Array(bytes) }
    var output = [Int8](repeating: 0, count: shape.count)
    Portable.addInt8(a, b, &output, shape)
    let expected = zip(a, b).map { a, b in
      let sum = Double((Int(a) + 7) * 20_011 + (Int(b) - 19) * -9_973)
      return Int8(min(max((sum / 32_768 + 0.5).rounded(.down) + 4, -100), 127))
    }
    #expect(output == expected)
  }
}
