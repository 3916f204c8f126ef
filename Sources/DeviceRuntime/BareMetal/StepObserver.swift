import CIntrinsics

/// Told after each step of the network. The stack is painted at reset, so nothing needs to be sampled on the way.
struct StepObserver {
  var samplesMemory = false

  @inline(__always)
  mutating func finished(step: Int) {}

  /// RAM that the program has used so far: `.data`, `.bss` and the stack's high-water mark, in bytes.
  var residentPeak: Int { Int(edgepack_static_bytes()) + PaintedStack.highWater }
}

/// The stack, painted at reset with a pattern that a deepest frame has overwritten.
enum PaintedStack {
  /// As start.S paints it.
  private static var paint: UInt32 { 0xDEAD_BEEF }

  /// Bytes from the lowest word that is no longer paint to the stack's top. A frame that was reserved but not written does not count.
  static var highWater: Int {
    guard let limit = UnsafeRawPointer(edgepack_stack_limit()), let top = UnsafeRawPointer(edgepack_stack_top()) else { return 0 }
    var word = limit
    while word < top && word.load(as: UInt32.self) == paint { word += 4 }
    return top - word
  }
}
