import CIntrinsics

/// Bytes of a file, read through the input half of the stream buffer; the file is never held in memory.
struct ByteStream {
  private let file: Int
  private let buffer = streamBuffer
  private var position = 0
  private var end = 0

  static var capacity: Int { Int(EDGEPACK_STREAM_BYTES) / 2 }

  /// - Parameter path: `-` is standard input.
  init(_ path: CText) {
    if path[0] == UInt8(ascii: "-") && path[1] == 0 {
      file = 0
    } else {
      file = Kernel.open(path, .reading)
      if file < 0 { fail("cannot open the input", path) }
    }
  }

  /// Ensures that `count` bytes wait in the buffer. - Returns: how many do; fewer than `count` at the end of the file.
  /// - Precondition: `count ≤ capacity`.
  @inline(never)
  mutating func ensure(_ count: Int) -> Int {
    if end - position >= count { return end - position }
    var index = 0
    while position < end {
      buffer[index] = buffer[position]
      index += 1
      position += 1
    }
    position = 0
    end = index
    while end < count {
      let read = Kernel.read(file, buffer + end, Self.capacity - end)
      if read == -4 { continue }  // EINTR
      if read < 0 { fail("the input cannot be read", errorNumber: -read) }
      if read == 0 { break }
      end += read
    }
    return end
  }

  /// The waiting bytes; valid until the next call of `ensure`.
  var waiting: UnsafePointer<UInt8> { UnsafePointer(buffer + position) }

  mutating func skip(_ count: Int) { position += count }
}
