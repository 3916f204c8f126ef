import Foundation
import MutationSupport
import TestSupport
import Testing

/// Damaged files end in success or in one clear error: no crash, no hang over ten seconds, no allocation over four times the file and
/// 256 MiB. They are read by `edgepack-mutate`, so that a crash is a test's failure and not its end.
///
/// `EDGEPACK_MUTATIONS=20000` reads as many of each format, `EDGEPACK_SEED` chooses others.
@Suite(.serialized) struct MutationProcessTests {
  private static let program = Bundle.main.bundleURL.appendingPathComponent("edgepack-mutate").path
  private static let environment = ProcessInfo.processInfo.environment
  private static let cases = environment["EDGEPACK_MUTATIONS"].flatMap { Int($0) } ?? 1000
  private static let seed = environment["EDGEPACK_SEED"].flatMap { Int($0) } ?? 1

  @Test(arguments: FileFormat.allCases) func everyDamagedFileIsReadOrRefused(_ format: FileFormat) throws {
    let folder = TemporaryFolder()
    let run = try FinishedProcess.run(
      [Self.program, format.rawValue, "--seed", "\(Self.seed)", "--cases", "\(Self.cases)"], in: URL(fileURLWithPath: folder.path))
    #expect(run.exitCode == 0, "edgepack-mutate \(format.rawValue) --seed \(Self.seed):\n\(run.outputText)\(run.errorText)")
    guard run.exitCode == 0 else { return }
    let summary = try JSONValue(run.outputText)
    guard case .number(let accepted)? = summary["accepted"], case .number(let refused)? = summary["refused"] else {
      Issue.record("no summary: \(run.outputText)")
      return
    }
    #expect(Int(accepted + refused) == Self.cases)
    // Damage that nothing notices, and damage that is never survived, would both mean that the reader is not reached.
    #expect(accepted > 0.005 * Double(Self.cases) && refused > 0.5 * Double(Self.cases), "\(accepted) accepted, \(refused) refused")
    print("\(format.rawValue): \(run.outputText.prefix(400))")
  }

  /// The watching itself: a file that ends the reader must be told with its case.
  @Test(arguments: ["crash", "hang", "memory"]) func aCaseThatEndsTheReaderIsTold(_ ending: String) throws {
    let folder = TemporaryFolder()
    let run = try FinishedProcess.run(
      [Self.program, "yaml", "--cases", "3", "--rehearse", ending], in: URL(fileURLWithPath: folder.path))
    #expect(run.exitCode == 1)
    let expected = ending == "hang" ? "hang: yaml --seed 1 --first 1" : "crash: yaml --seed 1 --first 1"
    #expect(run.outputText.contains(expected), "\(run.outputText)\(run.errorText)")
    let summary = try JSONValue(String(run.outputText.split(separator: "\n").last ?? ""))
    guard case .number(let accepted)? = summary["accepted"], case .number(let refused)? = summary["refused"] else { return }
    #expect(accepted + refused == 2, "the cases around it are read")
  }
}
