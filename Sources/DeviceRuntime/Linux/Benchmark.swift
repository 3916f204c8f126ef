import CIntrinsics

/// Times single runs on generated input 0 by the monotonic clock. Filling the input is not counted.
struct Benchmark {
  private let arena: UnsafeMutablePointer<Int8>
  private var weights: WeightStore
  private var observer = StepObserver()

  init(arena: UnsafeMutablePointer<Int8>, weights: WeightStore) {
    self.arena = arena
    self.weights = weights
  }

  /// One run that reads the weights, then `count` further ones.
  mutating func run(count: Int, asJSON: Bool) {
    let times = UnsafeMutableRawPointer(streamBuffer).assumingMemoryBound(to: Int.self)
    let first = time()
    var done = 0
    while done < count {
      insert(time(), into: times, count: done)
      done += 1
    }
    let (minimum, median, slow) = (times[0], times[count / 2], times[min(count - 1, count * 95 / 100)])
    var line = InlineArray<256, UInt8>(repeating: 0)
    withUnsafeMutableBytes(of: &line) { bytes in
      guard let base = bytes.baseAddress else { return }
      var writer = TextWriter(1, buffer: base.assumingMemoryBound(to: UInt8.self), capacity: 256)
      if asJSON {
        writer.put("{")
        writer.put(field: "runs", count)
        writer.put(next: "first_ns", first)
        writer.put(next: "median_ns", median)
        writer.put(next: "minimum_ns", minimum)
        writer.put(next: "p95_ns", slow)
        writer.put("}\n")
      } else {
        writer.put(count)
        writer.put(" runs: median ")
        writer.put(thousandths: median)
        writer.put(" us, minimum ")
        writer.put(thousandths: minimum)
        writer.put(" us, 95 % within ")
        writer.put(thousandths: slow)
        writer.put(" us\n")
      }
      writer.flush()
    }
  }

  @inline(never)
  private mutating func time() -> Int {
    var generator = GeneratedInput(seed: 0)
    generator.fill(arena + Network.inputOffset, count: Network.inputBytes)
    let start = Kernel.nanoseconds()
    Network.run(arena, &weights, &observer)
    return Kernel.nanoseconds() &- start
  }

  /// Keeps the first `count` times sorted.
  private func insert(_ time: Int, into times: UnsafeMutablePointer<Int>, count: Int) {
    var position = count
    while position > 0 && times[position - 1] > time {
      times[position] = times[position - 1]
      position -= 1
    }
    times[position] = time
  }
}

extension TextWriter {
  /// `value / 1000` with three decimals.
  @inline(never)
  fileprivate mutating func put(thousandths value: Int) {
    put(value / 1000)
    put(UInt8(ascii: "."))
    put(Int(value / 100 % 10))
    put(Int(value / 10 % 10))
    put(Int(value % 10))
  }
}
