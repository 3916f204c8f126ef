import DeviceFormats

/// A weights file is checked whole, as a device checks it piece by piece. The fuzzer's own memory ends where the file ends.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWeights(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let file = UnsafeRawBufferPointer(start: data, count: count)
  // A fuzzer does not find checksums: a file that is only wrong in them is checked again with the right ones.
  var resealed = [UInt8](file)
  reseal(&resealed)
  read(file)
  resealed.withUnsafeBytes { read($0) }
  return 0
}

private func read(_ file: UnsafeRawBufferPointer) {
  for fault in PackedWeightsReader.faults(in: file) { precondition(fault.offset >= 0 && fault.offset <= file.count) }
  guard let base = file.baseAddress, let reader = try? PackedWeightsReader(base, available: file.count),
    let tests = try? TestSegment(reader)
  else { return }
  for index in 0..<tests.generatedCount { _ = tests.generatedChecksum(index) }
  for index in 0..<tests.goldenCount where tests.outputBytes > 0 { _ = tests.goldenOutput(index)[tests.outputBytes - 1] }
}

/// Magic, version and the header's checksum.
private func reseal(_ file: inout [UInt8]) {
  guard file.count >= PackedWeights.headerBytes else { return }
  for index in 0..<8 { file[index] = UInt8(truncatingIfNeeded: PackedWeights.magic >> (8 * UInt64(index))) }
  for index in 0..<4 { file[PackedWeights.versionOffset + index] = index == 0 ? 1 : 0 }
  let count = (0..<4).reduce(0) { $0 | Int(file[PackedWeights.segmentCountOffset + $1]) << (8 * $1) }
  let tableEnd = PackedWeights.headerBytes + count * PackedWeights.entryBytes
  guard tableEnd <= file.count else { return }
  for index in 0..<4 { file[PackedWeights.headerChecksumOffset + index] = 0 }
  let checksum = Checksum.of(file[..<tableEnd])
  for index in 0..<4 { file[PackedWeights.headerChecksumOffset + index] = UInt8(truncatingIfNeeded: checksum >> (8 * UInt32(index))) }
}
