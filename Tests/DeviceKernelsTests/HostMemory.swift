import DeviceKernels
import Foundation

/// Runs a body with the cross-check's regions on the host, zeroed.
func withCrossCheckMemory<Result>(_ body: (UnsafeMutableRawPointer) throws -> Result) rethrows -> Result {
  let memory = UnsafeMutableRawPointer.allocate(byteCount: CrossCheck.Memory.bytes, alignment: 64)
  defer { memory.deallocate() }
  memory.initializeMemory(as: UInt8.self, repeating: 0, count: CrossCheck.Memory.bytes)
  return try body(memory)
}

/// The seed of property tests: `EDGEPACK_SEED`, or a fixed one.
let propertySeed: UInt32 = ProcessInfo.processInfo.environment["EDGEPACK_SEED"].flatMap(UInt32.init) ?? 20_240_901

/// Draws `cases` times from one seeded sequence. The body gets the generator, with its regions, and a sentence that tells how to replay.
func forRandomCases(_ cases: Int, _ body: (inout CrossCheck, String) throws -> Void) rethrows {
  try withCrossCheckMemory { memory in
    var crossCheck = CrossCheck(
      memory: memory, seed: propertySeed, convolution: .best(.convolution, for: []),
      depthwiseConvolution: .best(.depthwiseConvolution, for: []), matmul: .best(.matmul, for: []))
    for index in 0..<cases { try body(&crossCheck, "case \(index), EDGEPACK_SEED=\(propertySeed)") }
  }
}

/// What a kernel wrote: the bytes of the region for expected outputs, without gaps.
func expectedBytes(_ crossCheck: CrossCheck, _ count: Int, width: Int = 1, stride: Int = 1) -> [Int8] {
  (0..<count).map { crossCheck.memory.expected[$0 / width * stride + $0 % width] }
}
