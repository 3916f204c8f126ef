import Diagnostics

/// The whole tool on one screen: reads the inputs, compresses, compiles, proves, answers.
///
/// Earlier outputs in the folder stay as they are until the new build is complete; a build that does not fit goes to `best/`. Stages that
/// an earlier run has saved for the same inputs, options and code are reused.
/// - Parameter isStopping: asked before each stage; once it is true, none begins any more.
/// - Throws: every fault of the input at once; what the toolchain or the proof report; `folder-busy` while another run writes into the
///   folder; `interrupted` with what is saved, if it was stopped or its task cancelled.
public func pack(
  _ request: PackRequest, progress: @escaping ProgressSink, isStopping: @escaping @Sendable () -> Bool = { false }
) async throws(Failure) -> PackOutcome {
  let folder = try RunFolder(request.output, force: request.force)
  let store = StageStore(request.output, ignoresSaved: request.fresh)
  store.removeLitter()
  do throws(Failure) {
    return try await pack(request, into: folder, StageRunner(progress: progress, store: store, isStopping: isStopping))
  } catch {
    folder.discard()
    throw Task.isCancelled || error.diagnostics.contains { $0.code == .interrupted } ? interruption(store) : error
  }
}

private func pack(_ request: PackRequest, into folder: RunFolder, _ run: StageRunner) async throws(Failure) -> PackOutcome {
  // Reading and simplifying take no longer than reading a saved copy of their result would: both are as large as model and data.
  let imported = try await run.stage(.importModel) { (report) async throws(Failure) in try importModel(request, report) }
  let simplified = try await run.stage(.simplify) { (report) async throws(Failure) in try simplify(imported, request, report) }
  let code = try CodeIdentity.current()

  let baselineKey = StageKey.baseline(simplified, request, code: code)
  let baseline = try await run.stage(.baseline, key: baselineKey, upstream: { UpstreamValues().with(simplified) }) {
    (report) async throws(Failure) in try measureBaseline(simplified, request, report)
  }
  let compressKey = try StageKey.compress(baselineKey, simplified, request, code: code)
  let compressed = try await run.stage(.compress, key: compressKey, upstream: { UpstreamValues().with(baseline) }) {
    (report) async throws(Failure) in try await compress(baseline, request, report)
  }
  let compileKey = try StageKey.compile(compressKey, simplified, request, code: code)
  let compiled = try await run.stage(
    .compile, key: compileKey, upstream: { UpstreamValues().with(compressed) }, files: folder.staging
  ) {
    (report) async throws(Failure) in try await compile(compressed, request, folder, report)
  }
  let smokeKey = StageKey.smoke(compileKey, compiled, code: code)
  let proof = try await run.stage(.smoke, key: smokeKey, upstream: { UpstreamValues() }) {
    (report) async throws(Failure) in try await prove(compiled, folder, report)
  }
  return try await run.stage(.answer) { (report) async throws(Failure) in try answer(compiled, proof, folder, report) }
}

private func interruption(_ store: StageStore) -> Failure {
  let saved = store.savedNames.map(\.rawValue).joined(separator: ", ")
  return Failure(
    .interrupted, saved.isEmpty ? "nothing was saved yet; earlier results are as they were" : "saved: \(saved); the same command continues")
}
