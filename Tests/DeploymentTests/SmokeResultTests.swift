import Testing

@testable import Deployment

struct SmokeResultTests {
  private let passed = SmokeResult(
    on: .machine, cases: 6, casesEqual: 6, byteEqual: true, maxDifference: 0, arenaHighWater: 64, arenaBytes: 64, canary: true,
    residentPeak: 1000, pageFaults: nil, memory: EnforcedMemory(limit: 5000, peak: 1200, reclaims: 1, oomKills: 0), latency: nil,
    coldLatency: nil, throttledStart: nil, exitCode: 0, seconds: 1, threads: [1])

  /// A program that fails with several threads alone, or with one alone, has failed.
  @Test func ofTwoRunsTheWorseCounts() {
    var failed = passed
    (failed.casesEqual, failed.byteEqual, failed.maxDifference, failed.exitCode, failed.threads) = (4, false, 3, 1, [4])
    failed.arenaHighWater = 70
    #expect(passed.isPassed && !failed.isPassed)
    for worst in [passed.worst(with: failed), failed.worst(with: passed)] {
      #expect(worst.faults == failed.faults)
      #expect(worst.seconds == 2 && worst.threads.sorted() == [1, 4])
    }
    #expect(passed.worst(with: passed).isPassed)
  }

  @Test func memoryIsTheLargerPeakAndAllInterventions() {
    var larger = passed
    larger.residentPeak = 1500
    larger.memory = EnforcedMemory(limit: 5000, peak: 4000, reclaims: 2, oomKills: 1)
    let worst = passed.worst(with: larger)
    #expect(worst.memory == EnforcedMemory(limit: 5000, peak: 4000, reclaims: 3, oomKills: 1) && worst.residentPeak == 1500)
    larger.memory = nil
    #expect(passed.worst(with: larger).memory == passed.memory && larger.worst(with: passed).memory == passed.memory)
  }
}
