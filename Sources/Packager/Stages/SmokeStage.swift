import Deployment
import Diagnostics
import Foundation

/// Runs the staged build where the target is proven, and insists on equal bytes.
/// - Throws: `output-differs` naming what differs; `missing-tool` where the emulator is missing.
func prove(
  _ build: CompiledBuild, _ folder: RunFolder, _ report: StageRunner.Report
) async throws(Failure) -> (SmokeResult, summary: String) {
  let place = build.model.baseline.model.inputs.proof
  let staged = BuildFolder(url: URL(fileURLWithPath: folder.staging), manifest: build.manifest)
  let result = try await staged.smokeTest(
    at: place, environment: RunEnvironment(scratchFolder: URL(fileURLWithPath: folder.work)))
  try result.requirePassed()
  return (result, "\(result.casesEqual) of \(result.cases) cases equal byte for byte on \(place.title)")
}
