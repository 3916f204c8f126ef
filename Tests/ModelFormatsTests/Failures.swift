import Diagnostics

/// What `body` throws; nil if it succeeds.
func failure<Result>(of body: () throws(Failure) -> Result) -> Failure? {
  do throws(Failure) {
    _ = try body()
    return nil
  } catch { return error }
}

extension Failure {
  var codes: [DiagnosticCode] { diagnostics.map(\.code) }
  /// Everything that the user reads, for `contains`.
  var text: String {
    diagnostics.map {
      ([$0.message] + $0.details + [$0.location?.file ?? "", $0.location?.element ?? "", $0.hint ?? ""]).joined(separator: "\n")
    }
    .joined(separator: "\n")
  }
}
