/// Floats at a fixed address for as long as the buffer lives: constants of a prepared network, and work space of one thread.
///
/// Sendable because constants are written before the buffer is shared and never again, and work space is never shared.
final class FloatBuffer: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  /// Uninitialised floats.
  init(count: Int) {
    self.count = count
    pointer = .allocate(capacity: max(1, count))
  }

  convenience init(_ values: [Float]) {
    self.init(count: values.count)
    values.withUnsafeBufferPointer { if let base = $0.baseAddress { pointer.initialize(from: base, count: count) } }
  }

  deinit { pointer.deallocate() }

  var readable: UnsafePointer<Float> { UnsafePointer(pointer) }
  var array: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
