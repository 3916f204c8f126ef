/// The header of an npy file (NumPy enhancement proposal 1), versions 1 to 3.
struct NpyHeader {
  /// How many samples follow.
  var samples: Int
  var element: StoredElement

  /// Whether the stream begins like an npy file: `\x93NUMPY`.
  static func begins(_ stream: inout ByteStream) -> Bool {
    guard stream.ensure(8) >= 8, stream.waiting[0] == 0x93 else { return false }
    return HeaderText(start: stream.waiting + 1, count: 5).matches("NUMPY", at: 0)
  }

  /// Reads the header and leaves the stream at the first element; ends the program with a message if the file does not fit the network.
  init(_ stream: inout ByteStream) {
    let isFirstVersion = stream.waiting[6] == 1
    let prefix = isFirstVersion ? 10 : 12
    if stream.ensure(prefix) < prefix { fail("the npy header ends too early") }
    let length =
      isFirstVersion
      ? Int(UnsafeRawPointer(stream.waiting).loadUnaligned(fromByteOffset: 8, as: UInt16.self))
      : Int(truncatingIfNeeded: UnsafeRawPointer(stream.waiting).loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    // Negative on a 32-bit core: 2 GiB and more.
    if length < 0 || length > ByteStream.capacity - prefix { fail("the npy header is too long") }
    if stream.ensure(prefix + length) < prefix + length { fail("the npy header ends too early") }
    let text = HeaderText(start: stream.waiting + prefix, count: length)
    element = text.element()
    samples = text.samples()
    stream.skip(prefix + length)
  }
}

/// The dictionary in an npy header: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 49, 10, 1), }`.
private struct HeaderText {
  var start: UnsafePointer<UInt8>
  var count: Int

  /// The element type, if it is the stored one or float32.
  func element() -> StoredElement {
    guard var position = find("'descr':") else { fail("the npy header names no element type") }
    position = skipSpaces(position)
    if matches("'<f4'", at: position) { return .float32 }
    if matches(Network.storedElement.npyName, at: position) { return Network.storedElement }
    failProgram {
      $0.put("the npy file must hold ")
      $0.put(Network.storedElement.npyName)
      $0.put(" or '<f4'")
    }
  }

  /// The number of samples. The shape must be the network's, with any first axis, or without the first axis.
  func samples() -> Int {
    guard let order = find("'fortran_order':"), matches("False", at: skipSpaces(order)) else { fail("the npy file must be in C order") }
    guard var position = find("'shape':") else { fail("the npy header names no shape") }
    position = skipSpaces(position)
    if !matches("(", at: position) { fail("the npy header names no shape") }
    position += 1
    var sizes = InlineArray<9, Int>(repeating: 0)
    var rank = 0
    while true {
      position = skipSpaces(position)
      if matches(")", at: position) { break }
      guard let (size, next) = number(at: position), rank < 9 else { refuseShape() }
      sizes[rank] = size
      rank += 1
      position = skipSpaces(next)
      if matches(",", at: position) { position += 1 }
    }
    let axes = Network.inputExtents.count
    let isBatch = rank == axes + 1
    if !isBatch && rank != axes { refuseShape() }
    var axis = 0
    while axis < axes {
      if sizes[axis + (isBatch ? 1 : 0)] != Network.inputExtents[axis] { refuseShape() }
      axis += 1
    }
    return isBatch ? sizes[0] : 1
  }

  private func refuseShape() -> Never {
    failProgram {
      $0.put("the npy file must hold samples of shape (N")
      var axis = 0
      while axis < Network.inputExtents.count {
        $0.put(", ")
        $0.put(Network.inputExtents[axis])
        axis += 1
      }
      $0.put(")")
    }
  }

  /// The position behind the first occurrence of `word`.
  private func find(_ word: StaticString) -> Int? {
    var position = 0
    while position < count {
      if matches(word, at: position) { return position + word.utf8CodeUnitCount }
      position += 1
    }
    return nil
  }

  func matches(_ word: StaticString, at position: Int) -> Bool {
    if position + word.utf8CodeUnitCount > count { return false }
    var index = 0
    while index < word.utf8CodeUnitCount {
      if start[position + index] != word.utf8Start[index] { return false }
      index += 1
    }
    return true
  }

  private func skipSpaces(_ position: Int) -> Int {
    var position = position
    while position < count && start[position] == UInt8(ascii: " ") { position += 1 }
    return position
  }

  private func number(at position: Int) -> (value: Int, next: Int)? {
    var position = position
    var value = 0
    let first = position
    while position < count, start[position] >= UInt8(ascii: "0"), start[position] <= UInt8(ascii: "9"), value < Int.max / 16 {
      value = value * 10 + Int(start[position] - UInt8(ascii: "0"))
      position += 1
    }
    return position > first ? (value, position) : nil
  }
}
