import Foundation
import Testing

@testable import DeviceKernels

@Suite struct SoftmaxTests {
  /// The table that lowering makes.
  private func exponentials(scale: Double, columns: Int) -> [UInt32] {
    let exponent = min(23, 31 - Int(log2(Double(columns + 1)).rounded(.up)))
    return (0..<256).map { UInt32((exp(-Double($0) * scale) * pow(2, Double(exponent))).rounded()) }
  }

  @Test(arguments: [1, 2, 10, 255, 1000], [0.001, 0.02, 0.1, 1.0])
  func staysWithinOneUnitOfTheRealFunction(columns: Int, scale: Double) {
    var random = RandomSequence(seed: propertySeed)
    let input = (0..<columns * 4).map { _ in Int8(random.number(-128...127)) }
    var output = [Int8](repeating: 0, count: input.count)
    Portable.softmaxInt8(input, exponentials(scale: scale, columns: columns), &output, SoftmaxShape(rows: 4, columns: columns))
    for row in 0..<4 {
      let x = input[row * columns..<(row + 1) * columns]
      let largest = Double(x.max() ?? 0)
      let powers = x.map { exp((Double($0) - largest) * scale) }
      let sum = powers.reduce(0, +)
      for (i, power) in powers.enumerated() {
        let exact = min(power / sum * 256 - 128, 127)
        #expect(abs(Double(output[row * columns + i]) - exact) <= 0.51, "EDGEPACK_SEED=\(propertySeed)")
      }
    }
  }

  @Test func oneColumnIsCertain() {
    var output: [Int8] = [0]
    Portable.softmaxInt8([-5], exponentials(scale: 0.1, columns: 1), &output, SoftmaxShape(rows: 1, columns: 1))
    #expect(output == [127])
  }

  @Test func equalShares() {
    var output = [Int8](repeating: 0, count: 3)
    Portable.softmaxInt8([9, 9, 9], exponentials(scale: 0.1, columns: 3), &output, SoftmaxShape(rows: 1, columns: 3))
    // 256 / 3 = 85.33
    #expect(output == [-43, -43, -43])
  }

  /// 512 equal values: each has exactly half a unit, which goes to the even neighbour 0.
  @Test func halfAUnitGoesToEven() {
    var output = [Int8](repeating: 0, count: 512)
    Portable.softmaxInt8(
      [Int8](repeating: 3, count: 512), exponentials(scale: 0.1, columns: 512), &output, SoftmaxShape(rows: 1, columns: 512))
    #expect(output.allSatisfy { $0 == -128 })
  }
}
