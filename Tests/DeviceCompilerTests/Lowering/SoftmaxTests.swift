import DeviceKernels
import Diagnostics
import Foundation
import ModelGraph
import TestSupport
import Testing

@testable import DeviceCompiler

struct SoftmaxLoweringTests {
  @Test(arguments: [(1, 23), (10, 23), (255, 23), (256, 22), (1000, 21), (1023, 21), (1024, 20), (100_000, 14)])
  func exponentialsHaveTheLargestScaleWhoseSumFits32Bits(_ columns: Int, _ bits: Int) {
    let table = exponentialTable(scale: 0.125, columns: columns)
    #expect(table.count == 256 && table[0] == 1 << bits)
    #expect(Int(table[0]) * columns < 1 << 32)
    for (index, entry) in table.enumerated() {
      #expect(abs(Double(entry) - exp(-0.125 * Double(index)) * Double(1 << bits)) <= 0.5)
    }
  }

  @Test func sharesAreWithinAStepOfTheRealOnes() throws {
    var network = TinyNetwork(seed: 31)
    let x = network.input([1, 3, 12], scale: 0.09, zeroPoint: 40)
    let y = try network.add(.softmax(Softmax()), [x], name: "shares", scale: 1 / 256, zeroPoint: -128)
    let values = network.values(36)
    let result = PortableMachine(program: try network.lowered(output: y)).run(values)
    for row in stride(from: 0, to: 36, by: 12) {
      let powers = values[row..<row + 12].map { exp(Double(Float(0.09)) * Double($0)) }
      let sum = powers.reduce(0, +)
      for (power, stored) in zip(powers, result[row..<row + 12]) {
        #expect(abs(Double(stored) + 128 - min(255, power / sum * 256)) <= 0.51)
      }
    }
  }

  @Test func anotherScaleIsAFaultOfThePlan() throws {
    var network = TinyNetwork()
    let x = network.input([1, 3], scale: 0.1, zeroPoint: 0)
    let y = try network.add(.softmax(Softmax()), [x], name: "shares", scale: 0.01, zeroPoint: -128)
    let failure = #expect(throws: Failure.self) { try network.lowered(output: y) }
    #expect(failure?.diagnostics.map(\.code) == [.planMismatch])
  }
}
