import Diagnostics

/// The whole tool on one screen: reads the inputs, compresses, compiles, proves, answers.
///
/// Earlier outputs in the folder stay as they are until the new build is complete; a build that does not fit goes to `best/`.
/// - Throws: every fault of the input at once; what the toolchain or the proof report.
public func pack(_ request: PackRequest, progress: @escaping ProgressSink) async throws(Failure) -> PackOutcome {
  let folder = try RunFolder(request.output, force: request.force)
  do throws(Failure) {
    return try await pack(request, into: folder, StageRunner(progress: progress))
  } catch {
    folder.discard()
    throw error
  }
}

private func pack(_ request: PackRequest, into folder: RunFolder, _ run: StageRunner) async throws(Failure) -> PackOutcome {
  let imported = try await run.stage(.importModel) { (report) async throws(Failure) in try importModel(request, report) }
  let simplified = try await run.stage(.simplify) { (report) async throws(Failure) in try simplify(imported, request, report) }
  let baseline = try await run.stage(.baseline) { (report) async throws(Failure) in try measureBaseline(simplified, request, report) }
  let compressed = try await run.stage(.compress) { (report) async throws(Failure) in try await compress(baseline, request, report) }
  let compiled = try await run.stage(.compile) { (report) async throws(Failure) in
    try await compile(compressed, request, folder, report)
  }
  let proof = try await run.stage(.smoke) { (report) async throws(Failure) in try await prove(compiled, folder, report) }
  return try await run.stage(.answer) { (report) async throws(Failure) in try answer(compiled, proof, folder, report) }
}
