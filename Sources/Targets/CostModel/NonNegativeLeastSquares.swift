/// Least squares whose solution has no negative entries: costs are never below 0, and so a fit of costs must not be.
enum NonNegativeLeastSquares {
  /// Minimises `|A·x − b|²` over `x ≥ 0` by coordinate descent on the normal equations. The problem is convex and each step is exact,
  /// so it ends at the minimum; with a handful of unknowns that takes microseconds.
  /// - Parameters:
  ///   - rows: of `A`, all of one length.
  ///   - targets: `b`, one a row.
  static func solve(_ rows: [[Double]], _ targets: [Double]) -> [Double] {
    precondition(rows.count == targets.count, "one target a row")
    let unknowns = rows.first?.count ?? 0
    // Columns of very different size converge slowly: each is scaled to length 1.
    let lengths = (0..<unknowns).map { column in rows.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot() }
    let scaled = rows.map { row in zip(row, lengths).map { $1 > 0 ? $0 / $1 : 0 } }
    let gram = (0..<unknowns).map { i in (0..<unknowns).map { j in scaled.reduce(0) { $0 + $1[i] * $1[j] } } }
    let moments = (0..<unknowns).map { i in zip(scaled, targets).reduce(0) { $0 + $1.0[i] * $1.1 } }
    var x = [Double](repeating: 0, count: unknowns)
    for _ in 0..<20_000 {
      var change = 0.0
      for i in 0..<unknowns where gram[i][i] > 0 {
        let gradient = moments[i] - zip(gram[i], x).reduce(0) { $0 + $1.0 * $1.1 }
        let next = max(0, x[i] + gradient / gram[i][i])
        change = max(change, abs(next - x[i]))
        x[i] = next
      }
      if change <= 1e-12 * (x.max() ?? 0) { break }
    }
    return zip(x, lengths).map { $1 > 0 ? $0 / $1 : 0 }
  }
}
