import CIntrinsics

/// Buffered bytes and text to a file descriptor, through memory that belongs to the caller.
/// Nothing here is inlined: every message calls it, and the program's size counts.
struct TextWriter {
  private let file: Int
  private let buffer: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var used = 0
  /// Bytes handed to the kernel or waiting in the buffer.
  private(set) var written = 0

  init(_ file: Int, buffer: UnsafeMutablePointer<UInt8>, capacity: Int) {
    self.file = file
    self.buffer = buffer
    self.capacity = capacity
  }

  /// The output half of the stream buffer.
  init(_ file: Int) {
    let half = Int(EDGEPACK_STREAM_BYTES) / 2
    self.init(file, buffer: streamBuffer + half, capacity: half)
  }

  @inline(never)
  mutating func put(_ byte: UInt8) {
    if used == capacity { flush() }
    buffer[used] = byte
    used &+= 1
    written &+= 1
  }

  @inline(never)
  mutating func put(_ text: StaticString) {
    var index = 0
    while index < text.utf8CodeUnitCount {
      put(text.utf8Start[index])
      index &+= 1
    }
  }

  @inline(never)
  mutating func put(word text: CText) {
    var index = 0
    while text[index] != 0 {
      put(text[index])
      index &+= 1
    }
  }

  @inline(never)
  mutating func put(_ value: Int) {
    if value < 0 { put(UInt8(ascii: "-")) }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var rest = value.magnitude
    var count = 0
    repeat {
      digits[count] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
      rest /= 10
      count &+= 1
    } while rest > 0
    while count > 0 {
      count &-= 1
      put(digits[count])
    }
  }

  @inline(never)
  mutating func put(hexadecimal byte: UInt8) {
    put(Self.hexadecimalDigit(byte >> 4))
    put(Self.hexadecimalDigit(byte & 15))
  }

  private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? value &+ UInt8(ascii: "0") : value &- 10 &+ UInt8(ascii: "a")
  }

  @inline(never)
  mutating func put(littleEndian word: UInt32) {
    var shift: UInt32 = 0
    while shift < 32 {
      put(UInt8(truncatingIfNeeded: word &>> shift))
      shift &+= 8
    }
  }

  /// Writes what waits; a failure ends the program, since an answer that is not complete must not look like one.
  @inline(never)
  mutating func flush() {
    var done = 0
    while done < used {
      let count = Kernel.write(file, buffer + done, used - done)
      if count == -4 { continue }  // EINTR
      if count <= 0 { Self.endProgram() }
      done += count
    }
    used = 0
  }

  /// Tells of a failed write without a writer, so that the stack has a bound: writers must not need writers.
  private static func endProgram() -> Never {
    let message: StaticString = "error: the output cannot be written\n"
    _ = Kernel.write(2, UnsafeMutablePointer(mutating: message.utf8Start), message.utf8CodeUnitCount)
    Kernel.exit(2)
  }

  /// Writes what waits over the bytes at `offset`. - Returns: false if the file does not allow it.
  @inline(never)
  mutating func flush(at offset: Int) -> Bool {
    let count = Kernel.write(file, buffer, used, at: offset)
    let isComplete = count == used
    used = 0
    return isComplete
  }
}

/// Static memory for streams: the lower half for input, the upper one for output.
var streamBuffer: UnsafeMutablePointer<UInt8> { edgepack_stream_buffer().assumingMemoryBound(to: UInt8.self) }

/// Prints one line `NAME: error: …` with what `body` adds on standard error and ends the program with exit code 2.
@inline(never)
func failProgram(_ body: (inout TextWriter) -> Void) -> Never {
  var line = InlineArray<256, UInt8>(repeating: 0)
  withUnsafeMutableBytes(of: &line) { bytes in
    guard let base = bytes.baseAddress else { return }
    var writer = TextWriter(2, buffer: base.assumingMemoryBound(to: UInt8.self), capacity: 256)
    writer.put(Network.name)
    writer.put(": error: ")
    body(&writer)
    writer.put(UInt8(ascii: "\n"))
    writer.flush()
  }
  Kernel.exit(2)
}

func fail(_ message: StaticString) -> Never {
  failProgram { $0.put(message) }
}

func fail(_ message: StaticString, _ subject: CText) -> Never {
  failProgram {
    $0.put(message)
    $0.put(UInt8(ascii: " "))
    $0.put(word: subject)
  }
}

func fail(_ message: StaticString, errorNumber: Int) -> Never {
  failProgram {
    $0.put(message)
    $0.put(" (error ")
    $0.put(errorNumber)
    $0.put(")")
  }
}
