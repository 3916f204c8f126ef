#if EDGEPACK_THREADS
import CIntrinsics

/// The threads that share a step. The main thread publishes it, computes parts like all others, and goes on when the last part is done.
///
/// Three words carry everything, each in a line of cache of its own:
/// - `open`: parts that nobody has taken yet. Whoever takes one from it owns that part. Idle threads wait on it.
/// - `unfinished`: parts that are not done. The main thread waits on it; a flag in it says that it sleeps.
/// - `sleepers`: threads that sleep, or are about to, so that nobody is woken for nothing.
///
/// A thread may see `open` late, even one step late: what it then takes is a part of the step that is published now, and the step is read
/// after the part was taken, when it cannot change before that part is done. So no count of steps is needed.
enum ThreadPool {
  /// The published step.
  private struct Job {
    var step: Int
    var parts: Int
    var arena: UnsafeMutablePointer<Int8>
    var block: UnsafeRawPointer
    var threads: Int
  }

  private static var open: UnsafeMutablePointer<UInt32> { word(0) }
  private static var unfinished: UnsafeMutablePointer<UInt32> { word(1) }
  private static var sleepers: UnsafeMutablePointer<UInt32> { word(2) }
  private static var job: UnsafeMutablePointer<Job> { line(3).assumingMemoryBound(to: Job.self) }

  private static func word(_ index: Int) -> UnsafeMutablePointer<UInt32> { line(index).assumingMemoryBound(to: UInt32.self) }
  private static func line(_ index: Int) -> UnsafeMutableRawPointer { edgepack_pool_memory() + index &* Int(EDGEPACK_POOL_LINE) }

  /// In `unfinished`: the main thread sleeps.
  private static var mainSleeps: UInt32 { 1 &<< 31 }

  /// How often a waiting thread looks before it sleeps: about 10 µs. To wake a sleeping thread takes as long; so waiting costs at most
  /// twice what it would with foresight, and between the steps of a run nobody sleeps.
  private static var patience: Int { 400 }

  /// Starts the threads besides the main one.
  static func start(threads: Int) {
    job.pointee.threads = threads
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
    let threads = job.pointee.threads
    if threads == 1 { return Network.perform(step, .whole, arena, block, scratch) }
    let parts = min(mostParts, 2 &* threads)
    job.pointee = Job(step: step, parts: parts, arena: arena, block: block, threads: threads)
    unfinished.pointee = UInt32(truncatingIfNeeded: parts)
    edgepack_atomic_store(open, UInt32(truncatingIfNeeded: parts &- 1))
    if edgepack_atomic_load(sleepers) > 0 { Kernel.wake(open, count: parts &- 1) }
    // The last part is the main thread's in any case: what it touches of the arena does not depend on chance.
    var part = parts &- 1
    var done: UInt32 = 0
    repeat {
      Network.perform(step, StepPart(index: part, parts: parts), arena, block, scratch)
      done &+= 1
      part = Int(edgepack_atomic_take(open)) &- 1
    } while part >= 0
    if edgepack_atomic_subtract(unfinished, done) != done { waitForOthers() }
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
      let taken = edgepack_atomic_take(open)
      if taken > 0 {
        let job = job.pointee
        Network.perform(job.step, StepPart(index: Int(taken) &- 1, parts: job.parts), job.arena, job.block, scratch)
        if edgepack_atomic_subtract(unfinished, 1) == 1 | mainSleeps { Kernel.wake(unfinished, count: 1) }
        looks = 0
      } else if looks < patience {
        edgepack_pause()
        looks &+= 1
      } else {
        // Published before it looks once more, inside the kernel: the main thread publishes parts before it asks for sleepers.
        _ = edgepack_atomic_add(sleepers, 1)
        Kernel.sleep(on: open, while: 0)
        _ = edgepack_atomic_subtract(sleepers, 1)
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
