import COpenBLAS
import Dispatch
import Foundation
import Synchronization

/// How a batch is cut into pieces that are computed one by one, on as many cores as there are.
///
/// The cut depends on the batch and the network alone, never on the number of cores, and every piece is computed by one thread: so the
/// results do not depend on the number of cores either.
struct BatchSlices: Sendable {
  let samples: Int
  let sliceSize: Int

  /// - Parameter floatsPerSample: of the network's largest tensor; a slice of it should fit a second-level cache.
  init(samples: Int, floatsPerSample: Int) {
    self.samples = samples
    let fitting = min(64, max(1, 524_288 / max(1, floatsPerSample)))
    // A small batch is cut into eight, for the cores of a usual host.
    sliceSize = max(1, min(fitting, (samples + 7) / 8))
  }

  var count: Int { (samples + sliceSize - 1) / sliceSize }
  var workers: Int { max(1, min(count, ProcessInfo.processInfo.activeProcessorCount)) }

  /// Calls `body` for each slice with its worker's number, below `workers`, and its samples. Calls run at the same time: `body` must
  /// write to its own slice and its worker's work space only.
  func forEach(_ body: (_ worker: Int, _ range: Range<Int>) -> Void) {
    _ = Self.singleThreadedProducts
    let next = Atomic(0)
    withoutActuallyEscaping(body) { body in
      // Safe under the condition above, which the compiler cannot see: kernels write through pointers.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        while true {
          let start = next.add(1, ordering: .relaxed).oldValue * sliceSize
          guard start < samples else { return }
          body(worker, start..<min(samples, start + sliceSize))
        }
      }
    }
  }

  /// Slices already keep all cores busy; OpenBLAS must not start threads of its own.
  private static let singleThreadedProducts: Void = openblas_set_num_threads(1)
}
