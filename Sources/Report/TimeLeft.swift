/// How long a stage will still take, said only when it is known within a factor of two.
///
/// The estimate is `elapsed · remaining / done`. It counts as known when at least three units are done and the estimates made after
/// each of the last three units for the whole stage differ by less than a factor of two.
struct TimeLeft: Hashable {
  private let start: Double
  private var done = 0
  private var totals: [Double] = []
  private(set) var seconds: Double?

  init(start: Double) { self.start = start }

  /// - Parameter time: seconds on the clock that gave `start`.
  mutating func note(done: Int, total: Int, at time: Double) {
    guard done > self.done, total > 0 else { return }
    self.done = done
    let elapsed = time - start
    let whole = elapsed * Double(total) / Double(done)
    totals = Array((totals + [whole]).suffix(3))
    guard totals.count == 3, let smallest = totals.min(), let largest = totals.max(), smallest > 0, largest < 2 * smallest else {
      seconds = nil
      return
    }
    // Below two seconds a number would only flicker.
    let left = whole - elapsed
    seconds = left >= 2 ? left : nil
  }
}
