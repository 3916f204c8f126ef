import CIntrinsics

/// Times single runs on generated input 0 by the monotonic clock. Filling the input is not counted.
struct Benchmark {
  private let arena: UnsafeMutablePointer<Int8>
  private var weights: WeightStore
  private var observer = StepObserver()
  /// Ticks at the start of the last run.
  private var start = 0

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

  /// Prints the time of every step of `runs` runs, in nanoseconds: a line a run, `[120, 4310, …]`. Between two of them stands a run that
  /// is not timed, so that printing does not leave cold caches to the next.
  mutating func timeSteps(runs: Int) {
    // The upper half of the stream buffer is the writer's.
    observer.stepLimit = Int(EDGEPACK_STREAM_BYTES) / 2 / MemoryLayout<Int>.stride
    observer.stepEnds = UnsafeMutableRawPointer(streamBuffer).assumingMemoryBound(to: Int.self)
    let clock = TickClock()
    var writer = TextWriter(1)
    for _ in 0..<runs {
      _ = time()
      _ = time()
      if observer.stepCount > observer.stepLimit { fail("the network has too many steps to time each") }
      write(clock, &writer)
    }
    writer.flush()
  }

  private func write(_ clock: TickClock, _ writer: inout TextWriter) {
    guard let ends = observer.stepEnds else { return }
    var last = start
    for step in 0..<observer.stepCount {
      writer.put(step == 0 ? "[" : ", ")
      writer.put(clock.nanoseconds(ends[step] &- last))
      last = ends[step]
    }
    writer.put("]\n")
  }

  @inline(never)
  private mutating func time() -> Int {
    var generator = GeneratedInput(seed: 0)
    generator.fill(arena + Network.inputOffset, count: Network.inputBytes)
    let time = Kernel.nanoseconds()
    start = edgepack_ticks()
    Network.run(arena, &weights, &observer)
    return Kernel.nanoseconds() &- time
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

/// What a tick of `edgepack_ticks` is in nanoseconds, found by comparing the two clocks for 10 ms.
private struct TickClock {
  private let ticks: Int
  private let time: Int

  init() {
    let firstTime = Kernel.nanoseconds()
    let firstTick = edgepack_ticks()
    var time = 0
    while time < 10_000_000 { time = Kernel.nanoseconds() &- firstTime }
    ticks = max(1, edgepack_ticks() &- firstTick)
    self.time = time
  }

  func nanoseconds(_ count: Int) -> Int { (count &* time &+ ticks / 2) / ticks }
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
