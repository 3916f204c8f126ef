/// Samples from an npy file, a raw file or standard input, one after the other into the arena.
struct InputReader {
  private var stream: ByteStream
  private let element: StoredElement
  private let conversion: InputConversion
  /// Samples still to come, if the file says how many it holds.
  private var announced: Int?
  private(set) var samplesRead = 0

  /// Opens the input and reads its header, if it has one.
  @inline(never)
  init(_ path: CText) {
    stream = ByteStream(path)
    if NpyHeader.begins(&stream) {
      let header = NpyHeader(&stream)
      element = header.element
      announced = header.samples
    } else {
      element = Network.storedElement
    }
    // A float32 file holds the model's own units, whatever the stored type is.
    conversion = element == .float32 ? Network.float32Conversion : Network.storedConversion
    if !element.isSupported { fail("samples of 64 bits need a 64-bit processor") }
  }

  /// Reads the next sample. - Returns: false at the end of the input.
  @inline(never)
  mutating func read(into arena: UnsafeMutablePointer<Int8>) -> Bool {
    if announced == samplesRead { return false }
    let width = element.bytes
    if stream.ensure(width) == 0 && announced == nil && samplesRead > 0 { return false }
    let input = arena + Network.inputOffset
    if Network.inputBytes != Network.inputCount { Portable.fillInt8(input, count: Network.inputBytes, value: Network.inputZeroPoint) }
    var place = InputPlace()
    var index = 0
    while index < Network.inputCount {
      if stream.ensure(width) < width { endsEarly() }
      input[place.offset] = element.quantized(stream.waiting, by: conversion)
      stream.skip(width)
      index += 1
      place.advance()
    }
    samplesRead += 1
    return true
  }

  private func endsEarly() -> Never {
    failProgram {
      $0.put("the input ends within sample ")
      $0.put(samplesRead)
      $0.put("; a sample has ")
      $0.put(Network.inputCount * element.bytes)
      $0.put(" bytes")
    }
  }
}
