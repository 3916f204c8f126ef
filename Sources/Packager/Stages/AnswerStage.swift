import Deployment
import Diagnostics
import Report

/// What a pack ends with.
public struct PackOutcome: Sendable {
  public var answer: Answer
  /// The folder that holds the build.
  public var folder: String
}

/// Holds the build against the budget, writes the report, and moves the build to its place.
func answer(
  _ build: CompiledBuild, _ smoke: SmokeResult, _ folder: RunFolder, _ report: StageRunner.Report
) throws(Failure) -> (PackOutcome, summary: String) {
  let writer = BuildWriter(model: build.model, program: build.program, folder: folder.staging)
  accuracyWarnings(build.model).forEach(report.warn)
  try writer.write(Array(readMe(build.manifest).utf8), to: "README.txt")
  let answer = try makeAnswer(build, smoke, files: try listFiles(folder.staging))
  try writer.write(Array((try JSONText.encode(answer) + "\n").utf8), to: "report.json")
  try writer.write(Array(try checksums(folder.staging).utf8), to: "SHA256SUMS")
  let place = try folder.publish(fits: answer.answer == .fits)
  return (PackOutcome(answer: answer, folder: place), answer.answer.rawValue)
}
