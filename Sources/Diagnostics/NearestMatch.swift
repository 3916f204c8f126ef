/// The candidate that `word` was most likely meant to be: at most a third of its letters (and never fewer than two) differ.
/// Case does not count. Of equally near candidates the first one wins.
public func nearestMatch(to word: String, among candidates: [String]) -> String? {
  let allowed = max(2, word.count / 3)
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(word.lowercased(), candidate.lowercased())
    if distance <= allowed, distance < candidate.count, distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  return best?.candidate
}

/// Letters to insert, delete, replace or swap with their neighbour to get from `a` to `b` (optimal string alignment distance).
public func editDistance(_ a: String, _ b: String) -> Int {
  // What is longer than this is no typing error; the bound keeps the table small for hostile input.
  let a = Array(a.prefix(100)), b = Array(b.prefix(100))
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in 1...a.count {
    var current = [i]
    current.reserveCapacity(b.count + 1)
    for j in 1...b.count {
      var distance = min(last[j] + 1, current[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { distance = min(distance, beforeLast[j - 2] + 1) }
      current.append(distance)
    }
    beforeLast = last
    last = current
  }
  return last[b.count]
}

/// `a, b or c`, as sentences list alternatives.
public func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}
