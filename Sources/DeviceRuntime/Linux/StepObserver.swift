import CIntrinsics

/// Told after each step of the network. Silent by default; samples resident memory or notes the time when asked.
struct StepObserver {
  /// One test a step, whatever is asked for.
  private var isListening = false
  /// Whether to read `/proc/self/smaps_rollup` after each step.
  var samplesMemory = false { didSet { isListening = samplesMemory || stepEnds != nil } }
  /// Where the ticks of the clock (`edgepack_ticks`) at the end of each step go, by step; nil notes none.
  var stepEnds: UnsafeMutablePointer<Int>? { didSet { isListening = samplesMemory || stepEnds != nil } }
  /// Steps that `stepEnds` has room for; later ones are not noted.
  var stepLimit = 0
  /// Steps of the network, counted while they are timed.
  private(set) var stepCount = 0
  /// Largest `Rss` seen, in bytes; 0 if never sampled or not available.
  private(set) var residentPeak = 0

  @inline(__always)
  mutating func finished(step: Int) {
    if isListening { listen(step) }
  }

  @inline(never)
  private mutating func listen(_ step: Int) {
    if let stepEnds {
      if step < stepLimit { stepEnds[step] = edgepack_ticks() }
      stepCount = step &+ 1
    }
    if samplesMemory { residentPeak = max(residentPeak, Self.residentBytes()) }
  }

  /// `Rss` of this process, exact to the page (`VmHWM` and `ru_maxrss` move in steps of 64 pages); 0 if the system does not tell.
  private static func residentBytes() -> Int {
    // "/proc/self/smaps_rollup" and NUL as static text.
    let path: StaticString = "/proc/self/smaps_rollup\0"
    let file = Kernel.open(path.utf8Start, .reading)
    if file < 0 { return 0 }
    defer { Kernel.close(file) }
    var text = InlineArray<512, UInt8>(repeating: 0)
    return withUnsafeMutableBytes(of: &text) { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      let count = Kernel.read(file, base, bytes.count)
      return count > 0 ? kibibytes(after: "Rss:", in: bytes, count: count) &* 1024 : 0
    }
  }

  /// The first number behind `label`.
  private static func kibibytes(after label: StaticString, in text: UnsafeMutableRawBufferPointer, count: Int) -> Int {
    var position = 0
    while position + label.utf8CodeUnitCount <= count {
      var matched = 0
      while matched < label.utf8CodeUnitCount && text[position + matched] == label.utf8Start[matched] { matched += 1 }
      if matched == label.utf8CodeUnitCount { break }
      position += 1
    }
    position += label.utf8CodeUnitCount
    while position < count && text[position] == UInt8(ascii: " ") { position += 1 }
    var value = 0
    while position < count, text[position] >= UInt8(ascii: "0"), text[position] <= UInt8(ascii: "9") {
      value = value &* 10 &+ Int(text[position] &- UInt8(ascii: "0"))
      position += 1
    }
    return value
  }
}
