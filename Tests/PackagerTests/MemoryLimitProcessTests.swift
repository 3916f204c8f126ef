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

  private static func packed(_ target: String) async throws -> (PackFiles, Answer) {
    let files = PackFiles(perceptron: [1024, 2048, 2048, 64])
    var request = files.request(target, output: "build")
    request.budget.ram = limit
    return (files, try await pack(request) { _ in }.answer)
  }

  @Test(.enabled(if: Installed.canBoot, "not run: QEMU or the machine's kernel is missing; make setup"))
  func weightsLargerThanTheLimitRunInAControlGroupOfThatSize() async throws {
    let (files, answer) = try await Self.packed("arm64-512mb")
    let smoke = try #require(answer.smoke)
    #expect(answer.answer == .fits && smoke.byteEqual && smoke.on == "machine")
    #expect(smoke.memoryLimit == Self.limit && smoke.oomKills == 0)
    #expect((1...Self.limit).contains(smoke.memoryPeak ?? 0))
    let resident = try #require(smoke.residentPeak)
    #expect(resident > answer.ram.weights / 2 && resident <= answer.ram.total)
    #expect(answer.ram.total <= Self.limit && answer.flash.reduce(0) { $0 + $1.bytes } > 3 * Self.limit)
    #expect(answer.arena.buffers.allSatisfy { $0.bytes <= 2048 }, "row blocks fill one output")

    // Weights that come from storage again are verified again: the last segment of the first layer is not pinned.
    let folder = try BuildFolder(path: files.folder.file("build"))
    var tight = folder
    tight.manifest.memoryLimit = 131_072
    let failure = await #expect(throws: Failure.self) { try await tight.smokeTest(at: .machine) }
    #expect(failure?.diagnostics.first?.code == .programFailed)
    #expect(failure?.diagnostics.first?.message.contains("limit of 128 KiB") == true)
  }

  @Test func theSameBytesComeOutNativelyWhereOnlyTheProgramKeepsTheLimit() async throws {
    let (_, answer) = try await Self.packed("native")
    let smoke = try #require(answer.smoke)
    #expect(smoke.byteEqual && smoke.memoryLimit == nil && smoke.latency != nil)
    // What the program maps beyond its window at times, the system's cache decides: it may have pages of any size.
    #expect(answer.ram.total <= Self.limit && answer.ram.weights < Self.limit)
  }
}
