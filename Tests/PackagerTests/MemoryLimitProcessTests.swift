import Deployment
import Diagnostics
import Foundation
import Report
import TestSupport
import Testing

@testable import Packager

/// A perceptron with 6 MiB of weights, two of whose layers are as large as its limit or larger.
struct MemoryLimitProcessTests {
  private static let limit = 2 * 1_048_576

  private static func packed(_ target: String) async throws -> (PackFiles, PackOutcome) {
    let files = PackFiles(perceptron: [1024, 2048, 2048, 64])
    var request = files.request(target, output: "build")
    request.budget.ram = "2MiB"
    return (files, try await pack(request) { _ in })
  }

  @Test(.enabled(if: Installed.canBoot, "not run: QEMU or the machine's kernel is missing; make setup"))
  func weightsLargerThanTheLimitRunInAControlGroupOfThatSize() async throws {
    let (files, outcome) = try await Self.packed("arm64-512mb")
    let answer = outcome.answer
    let smoke = try #require(answer.smoke)
    #expect(answer.answer == .fits && smoke.byteEqual && smoke.on == "machine")
    #expect(smoke.memoryLimit == Self.limit && smoke.oomKills == 0)
    #expect((1...Self.limit).contains(smoke.memoryPeak ?? 0))
    let resident = try #require(smoke.residentPeak)
    #expect(resident > answer.ram.weights / 2 && resident <= answer.ram.total)
    #expect(answer.ram.total <= Self.limit && answer.flash.reduce(0) { $0 + $1.bytes } > 3 * Self.limit)
    #expect(answer.arena.buffers.map(\.bytes) == [1024, 2048, 2048, 64], "row blocks fill one output")

    // The same program where the limit is far below what it was packed for.
    let folder = try BuildFolder(path: outcome.folder)
    var tight = folder
    tight.manifest.memoryLimit = 131_072
    let failure = await #expect(throws: Failure.self) { try await tight.smokeTest(at: .machine) }
    #expect(failure?.diagnostics.first?.code == .programFailed)
    #expect(failure?.diagnostics.first?.message.contains("limit of 128 KiB") == true)
    withExtendedLifetime(files) {}
  }

  @Test func theSameBytesComeOutNativelyWhereOnlyTheProgramKeepsTheLimit() async throws {
    let (files, outcome) = try await Self.packed("native")
    let answer = outcome.answer
    let smoke = try #require(answer.smoke)
    #expect(smoke.byteEqual && smoke.memoryLimit == nil && smoke.latency != nil)
    // What the program maps beyond its window at times, the system's cache decides: it may have pages of any size.
    #expect(answer.ram.total <= Self.limit && answer.ram.weights < Self.limit)
    // Files live as long as `files`; what was measured decides which folder of them it is.
    try withExtendedLifetime(files) { try expectThatChangedWeightsAreRefused(URL(fileURLWithPath: outcome.folder)) }
  }

  /// What was given back comes from storage again, which may answer otherwise than before: a byte of the first segment changes while the
  /// program waits for its last sample.
  private func expectThatChangedWeightsAreRefused(_ build: URL) throws {
    let sample = Data(count: 4096)
    try Data(repeating: 0, count: 12 * 4096).write(to: build.appending(path: "first"))
    try sample.write(to: build.appending(path: "last"))
    let place = 4096 + 1000
    let byte = try Data(contentsOf: build.appending(path: "dense.epk"))[place] ^ 1
    let script = """
      mkfifo go
      (cat first; cat go; cat last) | ./dense - > answers 2> messages &
      for i in $(seq 600); do [ -s answers ] && break; sleep 0.1; done
      printf '\\\(String(byte, radix: 8))' | dd of=dense.epk bs=1 seek=\(place) conv=notrunc 2> dd.messages
      : > go
      wait $!
      """
    let run = try FinishedProcess.run(["sh", "-c", script], in: build)
    let answers = try Data(contentsOf: build.appending(path: "answers"))
    let messages = try String(contentsOf: build.appending(path: "messages"), encoding: .utf8)
    #expect(!answers.isEmpty && run.exitCode == 2)
    #expect(messages.contains("byte 4096: weights damaged (segment checksum differs)"), "\(messages)")
  }
}
