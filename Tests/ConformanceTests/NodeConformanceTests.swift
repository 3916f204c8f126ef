import Foundation
import TestSupport
import Testing

/// ONNX's own node tests, as the `onnx` package carries them. What passes is listed in `passing.txt`, so that the list can only grow.
///
/// `RECORD_CONFORMANCE=1` rewrites the list and fails once. `TRACE_CONFORMANCE=1` prints each name before its test, which shows where a
/// run crashes or hangs, and why a test is refused.
@Suite(.enabled(if: Peers.nodeTests != nil, Comment(rawValue: Peers.missing)))
struct NodeConformanceTests {
  private static let list = Peers.testFolder.appendingPathComponent("passing.txt")
  private static let isTraced = ProcessInfo.processInfo.environment["TRACE_CONFORMANCE"] == "1"
  private static let isRecorded = ProcessInfo.processInfo.environment["RECORD_CONFORMANCE"] == "1"

  @Test func exactlyTheListedNodeTestsPassAndNoneGivesWrongValues() throws {
    let folder = try #require(Peers.nodeTests)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("test_") }.sorted()
    #expect(names.count > 1500, "the onnx package carries its node tests")
    var passing: [String] = []
    let models = TemporaryFolder()
    for name in names {
      if Self.isTraced { print(name) }
      guard let test = try NodeCase(folder.appendingPathComponent(name)) else { continue }
      switch try test.verdict(in: models) {
      case .passes: passing.append(name)
      case .refused(let reason): if Self.isTraced { print("  refused: \(reason)") }
      case .wrong(let difference): Issue.record("\(name) is imported but computes something else: \(difference)")
      }
    }
    print("\(passing.count) of ONNX's \(names.count) node tests pass")
    try compareWithList(passing)
  }

  private func compareWithList(_ passing: [String]) throws {
    if Self.isRecorded {
      try (passing.joined(separator: "\n") + "\n").write(to: Self.list, atomically: true, encoding: .utf8)
      Issue.record("recorded \(Self.list.path); run again without RECORD_CONFORMANCE")
      return
    }
    let listed = try String(contentsOf: Self.list, encoding: .utf8).split(separator: "\n").map(String.init)
    let isSorted = zip(listed, listed.dropFirst()).allSatisfy { $0 < $1 }
    #expect(isSorted, "passing.txt is sorted and names each test once")
    for name in Set(listed).subtracting(passing).sorted() { Issue.record("\(name) is listed in passing.txt but does not pass any more") }
    for name in Set(passing).subtracting(listed).sorted() {
      Issue.record("\(name) passes now; RECORD_CONFORMANCE=1 adds it to passing.txt")
    }
  }
}
