import CIntrinsics

/// Runs the cases of the `.epk` and compares: golden cases byte for byte, generated ones by the CRC-32C of their output.
struct SelfTest {
  private let arena: UnsafeMutablePointer<Int8>
  private var weights: WeightStore
  private var observer = StepObserver()

  private var caseCount = 0
  private var casesEqual = 0
  private var maximumDifference = 0
  private var arenaHighWater = 0
  private var isCanaryIntact = true
  private var faultsBefore = PageFaults(minor: 0, major: 0)
  private var faultsOfFirstRun = PageFaults(minor: 0, major: 0)

  private let threads: Int

  init(arena: UnsafeMutablePointer<Int8>, weights: WeightStore, threads: Int = 1) {
    self.arena = arena
    self.weights = weights
    self.threads = threads
  }

  /// - Returns: the exit code.
  mutating func run(showsOutputs: Bool, asJSON: Bool) -> Int {
    var writer = TextWriter(1)
    // Before the test cases are touched: what is resident then is what a run needs.
    measureMemory()
    let tests = weights.tests()
    if tests.inputBytes != Network.inputBytes || tests.outputBytes != Network.outputCount {
      fail("the weights file's test cases have another size")
    }
    caseCount = tests.goldenCount + tests.generatedCount
    var index = 0
    while index < caseCount {
      paintCanary()
      if index < tests.goldenCount {
        runGolden(tests, index)
      } else {
        runGenerated(index - tests.goldenCount)
      }
      checkCanary()
      if compare(tests, index) { casesEqual += 1 }
      if showsOutputs && index < tests.goldenCount { show(index, &writer) }
      index += 1
    }
    if asJSON { writeJSON(&writer) } else { writeSentences(&writer) }
    writer.flush()
    return casesEqual == caseCount && isCanaryIntact ? 0 : 1
  }

  private mutating func runGolden(_ tests: TestSegment, _ index: Int) {
    let input = tests.goldenInput(index)
    var element = 0
    while element < Network.inputBytes {
      arena[Network.inputOffset &+ element] = input[element]
      element &+= 1
    }
    runNetwork()
  }

  private mutating func runGenerated(_ seed: Int) {
    var generator = GeneratedInput(seed: UInt32(truncatingIfNeeded: seed))
    generator.fill(arena + Network.inputOffset, count: Network.inputBytes)
    runNetwork()
  }

  /// The one call of the network in the self-test: it is inlined once.
  @inline(never)
  private mutating func runNetwork() { Network.run(arena, &weights, &observer) }

  private mutating func compare(_ tests: TestSegment, _ index: Int) -> Bool {
    let output = arena + Network.outputOffset
    if index >= tests.goldenCount {
      return Checksum.of(output, count: tests.outputBytes) == tests.generatedChecksum(index - tests.goldenCount)
    }
    let expected = tests.goldenOutput(index)
    var largest = 0
    var element = 0
    while element < tests.outputBytes {
      largest = max(largest, abs(Int(output[element]) - Int(expected[element])))
      element += 1
    }
    maximumDifference = max(maximumDifference, largest)
    return largest == 0
  }

  private func show(_ index: Int, _ writer: inout TextWriter) {
    writer.put("output ")
    writer.put(index)
    writer.put(UInt8(ascii: " "))
    var element = 0
    while element < Network.outputCount {
      writer.put(hexadecimal: UInt8(bitPattern: arena[Network.outputOffset + element]))
      element += 1
    }
    writer.put(UInt8(ascii: "\n"))
  }

  // The canary: the bytes behind the arena, which kernels may read but never write.

  private static var canary: Int8 { 0x6B }

  private func paintCanary() {
    (arena + Network.arenaBytes).update(repeating: Self.canary, count: Int(EDGEPACK_ARENA_SLACK))
  }

  private mutating func checkCanary() {
    var index = 0
    while index < Int(EDGEPACK_ARENA_SLACK) {
      if arena[Network.arenaBytes + index] != Self.canary { isCanaryIntact = false }
      index += 1
    }
  }

  /// Runs a generated input on an arena painted with one pattern, then with its complement: the highest byte that changed in either run
  /// was written. Resident memory is sampled in the second run, when every page that a run needs has been touched.
  private mutating func measureMemory() {
    faultsBefore = Kernel.pageFaults()
    measureHighWater(pattern: 0x5A)
    faultsOfFirstRun = Kernel.pageFaults()
    observer.samplesMemory = true
    measureHighWater(pattern: ~0x5A)
    observer.samplesMemory = false
  }

  private mutating func measureHighWater(pattern: Int8) {
    arena.update(repeating: pattern, count: Network.arenaBytes)
    paintCanary()
    runGenerated(0)
    checkCanary()
    var end = Network.arenaBytes
    while end > 0 && arena[end - 1] == pattern { end -= 1 }
    arenaHighWater = max(arenaHighWater, end)
  }

  private func writeJSON(_ writer: inout TextWriter) {
    let faultsAtEnd = Kernel.pageFaults()
    writer.put("{")
    writer.put(field: "cases", caseCount)
    writer.put(next: "cases_equal", casesEqual)
    writer.put(next: "max_difference", maximumDifference)
    writer.put(next: "arena_bytes", Network.arenaBytes)
    writer.put(next: "arena_high_water", arenaHighWater)
    writer.put(isCanaryIntact ? ",\"canary\":true" : ",\"canary\":false")
    writer.put(next: "resident_peak", observer.residentPeak)
    writer.put(",\"page_faults\":{")
    writer.put(field: "before_minor", faultsBefore.minor)
    writer.put(next: "before_major", faultsBefore.major)
    writer.put(next: "first_run_minor", faultsOfFirstRun.minor)
    writer.put(next: "first_run_major", faultsOfFirstRun.major)
    writer.put(next: "end_minor", faultsAtEnd.minor)
    writer.put(next: "end_major", faultsAtEnd.major)
    writer.put("}")
    writer.put(next: "threads", threads)
    writer.put(next: "segments", Network.segmentCount)
    writer.put(next: "segments_touched", weights.segmentsTouched)
    writer.put("}\n")
  }

  private func writeSentences(_ writer: inout TextWriter) {
    writer.put(casesEqual)
    writer.put(" of ")
    writer.put(caseCount)
    writer.put(" cases equal byte for byte\narena: ")
    writer.put(arenaHighWater)
    writer.put(" of ")
    writer.put(Network.arenaBytes)
    writer.put(" bytes used, ")
    writer.put(isCanaryIntact ? "nothing written behind it\n" : "BYTES BEHIND IT WERE WRITTEN\n")
    writer.put("resident memory: ")
    writer.put(observer.residentPeak)
    writer.put(" bytes at most\n")
  }
}

extension TextWriter {
  /// `"name":value`
  @inline(never)
  mutating func put(field name: StaticString, _ value: Int) {
    put(UInt8(ascii: "\""))
    put(name)
    put("\":")
    put(value)
  }

  /// `,"name":value`
  @inline(never)
  mutating func put(next name: StaticString, _ value: Int) {
    put(UInt8(ascii: ","))
    put(field: name, value)
  }
}
