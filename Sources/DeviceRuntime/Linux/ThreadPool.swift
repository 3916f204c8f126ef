#if EDGEPACK_THREADS
import CIntrinsics

/// The threads that share a step. The main thread publishes it, computes parts like all others, and goes on when the last part is done.
///
/// Three words carry everything, each in a line of cache of its own:
/// - `open`: in its low bits the parts that nobody has taken yet, above them the number of the step. Whoever takes one from it owns that
///   part. Idle threads sleep on it: the number makes it differ from what they saw even if all parts of a new step are taken at once.
/// - `unfinished`: parts that are not done. The main thread sleeps on it; a flag in it says so.
/// - `sleepers`: threads that sleep on `open`, or are about to. The main thread takes off it whom it wakes, so that a thread that was woken
///   and waits for a core is not woken again.
///
/// A thread may see `open` late, even one step late: what it then takes is a part of the step that is published now, and the step is read
/// after the part was taken, when it cannot change before that part is done.
enum ThreadPool {
  /// The published step.
  private struct Job {
    var step: Int
    var parts: Int
    var arena: UnsafeMutablePointer<Int8>
    var block: UnsafeRawPointer
  }

  /// What only the main thread looks at.
  private struct MainState {
    var threads: Int
    /// Of the published step: so many have been.
    var number: UInt32
  }

  private static var open: UnsafeMutablePointer<UInt32> { word(0) }
  private static var unfinished: UnsafeMutablePointer<UInt32> { word(1) }
  private static var sleepers: UnsafeMutablePointer<UInt32> { word(2) }
  private static var job: UnsafeMutablePointer<Job> { line(3).assumingMemoryBound(to: Job.self) }
  private static var main: UnsafeMutablePointer<MainState> { line(4).assumingMemoryBound(to: MainState.self) }

  private static func word(_ index: Int) -> UnsafeMutablePointer<UInt32> { line(index).assumingMemoryBound(to: UInt32.self) }
  private static func line(_ index: Int) -> UnsafeMutableRawPointer { edgepack_pool_memory() + index &* Int(EDGEPACK_POOL_LINE) }

  /// The low bits of `open`: a profile has at most 1,024 cores.
  private static var partsMask: UInt32 { 0xFFF }

  /// In `unfinished`: the main thread sleeps.
  private static var mainSleeps: UInt32 { 1 &<< 31 }

  /// How often a waiting thread looks before it sleeps: about 10 µs. To wake a sleeping thread takes as long; so waiting costs at most
  /// twice what it would with foresight, and between the steps of a run nobody sleeps.
  private static var patience: Int { 400 }

  /// Starts the threads besides the main one.
  static func start(threads: Int) {
    main.pointee.threads = threads
    var worker = 0
    while worker < threads &- 1 {
      let memory = edgepack_workers() + worker &* edgepack_bytes_of_worker()
      let result = Kernel.startThread(stackTop: memory + edgepack_bytes_of_worker(), scratch: memory)
      if result < 0 { fail("cannot start a thread", errorNumber: -result) }
      worker &+= 1
    }
  }

  /// Computes a step with all threads.
  /// - Parameters:
  ///   - block: the step's weight block, verified.
  ///   - scratch: the main thread's.
  ///   - mostParts: more are not worth it.
  static func run(
    step: Int, _ arena: UnsafeMutablePointer<Int8>, _ block: UnsafeRawPointer, scratch: UnsafeMutablePointer<Int8>, mostParts: Int
  ) {
    let parts = min(mostParts, main.pointee.threads)
    if parts == 1 { return Network.perform(step, .whole, arena, block, scratch) }
    publish(Job(step: step, parts: parts, arena: arena, block: block))
    // The last part is the main thread's in any case: what it touches of the arena does not depend on chance.
    var part = parts &- 1
    var done: UInt32 = 0
    repeat {
      Network.perform(step, StepPart(index: part, parts: parts), arena, block, scratch)
      done &+= 1
      part = Int(edgepack_atomic_take(open, partsMask) & partsMask) &- 1
    } while part >= 0
    if edgepack_atomic_subtract(unfinished, done) != done { waitForOthers() }
  }

  /// Opens all parts but one to the other threads, and wakes as many as can take one.
  private static func publish(_ next: Job) {
    job.pointee = next
    main.pointee.number &+= 1
    let others = UInt32(truncatingIfNeeded: next.parts) &- 1
    unfinished.pointee = others &+ 1
    edgepack_atomic_store(open, main.pointee.number &* (partsMask &+ 1) | others)
    let woken = min(edgepack_atomic_load(sleepers), others)
    if woken > 0 {
      _ = edgepack_atomic_subtract(sleepers, woken)
      Kernel.wake(open, count: Int(woken))
    }
  }

  /// Returns when no part is unfinished.
  @inline(never)
  private static func waitForOthers() {
    var looks = 0
    while edgepack_atomic_load(unfinished) & ~mainSleeps > 0 {
      if looks < patience {
        edgepack_pause()
        looks &+= 1
      } else {
        let left = edgepack_atomic_or(unfinished, mainSleeps) & ~mainSleeps
        if left > 0 { Kernel.sleep(on: unfinished, while: left | mainSleeps) }
      }
    }
  }

  /// A thread's life: take a part, compute it, tell; the process ends it.
  fileprivate static func work(_ scratch: UnsafeMutablePointer<Int8>) -> Never {
    var looks = 0
    while true {
      let seen = edgepack_atomic_take(open, partsMask)
      if seen & partsMask > 0 {
        let job = job.pointee
        let part = StepPart(index: Int(seen & partsMask) &- 1, parts: job.parts)
        Network.perform(job.step, part, job.arena, job.block, scratch)
        if edgepack_atomic_subtract(unfinished, 1) == 1 | mainSleeps { Kernel.wake(unfinished, count: 1) }
        looks = 0
      } else if looks < patience {
        edgepack_pause()
        looks &+= 1
      } else {
        // Told before the kernel looks at `open` once more; the main thread changes `open` before it asks for sleepers.
        _ = edgepack_atomic_add(sleepers, 1)
        Kernel.sleep(on: open, while: seen)
        looks = 0
      }
    }
  }
}

/// Where a new thread begins. - Parameter memory: its scratch; its stack lies behind.
@c(device_worker) public func deviceWorker(_ memory: UnsafeMutableRawPointer) -> Never {
  ThreadPool.work(memory.assumingMemoryBound(to: Int8.self))
}
#endif
