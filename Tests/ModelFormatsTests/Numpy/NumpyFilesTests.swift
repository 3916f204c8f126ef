import Diagnostics
import ModelGraph
import TestSupport
import Testing

@testable import ModelFormats

@Suite struct NumpyFilesTests {
  let folder = TemporaryFolder()

  @Test func deflatedArraysOfNumpyAreRead() throws {
    let file = try NpzFile(path: folder.write(NumpyFixtures.deflated, to: "a.npz"))
    #expect(file.names == ["x", "y", "f", "d", "s", "big"])
    #expect(try file.array("x").bytes == (0..<24).map { UInt8($0 % 7) })
    #expect(try file.array("x").shape == [2, 3, 4])
    #expect(try file.array("y").integers == [1, 0])
    #expect(try file.array("s").integers == [-7])
    #expect(try file.array("s").shape == [])
    #expect(try file.array("big") == StoredArray(elementType: .int32, shape: [300_000], integers: Array(repeating: 0, count: 300_000)))
    var doubles: [Double] = []
    try file.array("d").withDoubles(0..<2) { doubles.append($1) }
    #expect(doubles == [0.1, 1e300])
    #expect(file.contents.first == "x uint8[2, 3, 4]")
  }

  @Test func storedArraysOfNumpyAreRead() throws {
    let array = try NpzFile(path: folder.write(NumpyFixtures.stored, to: "a.npz")).array("x")
    #expect(array == StoredArray(shape: [1, 2], floats: [1.5, -2]))
  }

  @Test(arguments: [NumpyFixtures.version2, NumpyFixtures.version3])
  func headersOfVersionTwoAndThreeAreRead(bytes: [UInt8]) throws {
    let array = try NpyFile.read(path: folder.write(bytes, to: "a.npy"))
    #expect(array == StoredArray(elementType: .bool, shape: [1, 2], bytes: [1, 0]))
  }

  @Test(arguments: ElementType.allCases)
  func everyElementTypeSurvivesWritingAndReading(type: ElementType) throws {
    let array = StoredArray(elementType: type, shape: [2, 0, 3], bytes: [])
    let filled = StoredArray(elementType: type, shape: [3], bytes: (0..<3 * type.bytes).map { UInt8($0) })
    let scalar = StoredArray(elementType: type, shape: [], bytes: (0..<type.bytes).map { UInt8($0) })
    let path = folder.file("a.npz")
    try NpzFile.write([("empty", array), ("filled", filled), ("scalar", scalar)], to: path)
    let file = try NpzFile(path: path)
    #expect(try [file.array("empty"), file.array("filled"), file.array("scalar")] == [array, filled, scalar])
    try NpyFile.write(filled, to: folder.file("b.npy"))
    #expect(try NpyFile.read(path: folder.file("b.npy")) == filled)
  }

  @Test func theSameArraysGiveTheSameBytes() throws {
    let arrays = [(name: "x", array: StoredArray(shape: [2], floats: [1, 2]))]
    try NpzFile.write(arrays, to: folder.file("a.npz"))
    try NpzFile.write(arrays, to: folder.file("b.npz"))
    #expect(
      try InputFile(path: folder.file("a.npz")).bytes(at: 0, count: 100) == InputFile(path: folder.file("b.npz")).bytes(at: 0, count: 100))
  }

  @Test func elementsStartAtMultiplesOf64Bytes() {
    for rank in 0...20 { #expect(NpyHeader.encode(.int64, shape: Array(repeating: 1000, count: rank)).count % 64 == 0) }
  }

  // MARK: Refusals

  @Test(arguments: [
    (NumpyFixtures.fortranOrder, "Fortran order"), (NumpyFixtures.records, "element type"), (NumpyFixtures.bigEndian, "`>f4`"),
    (Array(NumpyFixtures.version2.dropLast()), "its header claims 2 bytes of elements, it holds 1"),
    (NumpyFixtures.version2 + [0], "holds 3"),
    (Array(NumpyFixtures.version2.prefix(11)), "it ends after 3 of 4 bytes"), ([], "does not start"),
    (Array("hello numpy".utf8), "does not start"),
  ])
  func arraysThatAreNotReadSayWhy(bytes: [UInt8], reason: String) {
    let found = failure { () throws(Failure) in try NpyFile.read(path: folder.write(bytes, to: "a.npy")) }
    #expect(found?.codes == [.corruptData])
    #expect(found?.text.contains(reason) == true, "\(found?.text ?? "no failure")")
    #expect(found?.text.contains("a.npy") == true)
  }

  @Test func oneDimensionalFortranOrderIsHarmless() throws {
    let text = "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2, 1), }"
    #expect(try NpyHeader(text: Array(text.utf8), start: 10).shape == [1, 2, 1])
  }

  @Test(arguments: ["{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 8), }", "{'shape': (99999999999999999999,)}"])
  func sizesThatOverflowAreRefused(text: String) {
    #expect(throws: FormatFault.self) { try NpyHeader(text: Array(text.utf8), start: 10) }
  }

  @Test func aClaimedSizeIsNotBelievedBeforeItIsRead() throws {
    // A header that claims 4 GiB in a file of some hundred bytes.
    var bytes = NpyHeader.encode(.float32, shape: [1 << 30])
    bytes += [0, 0, 0, 0]
    let found = failure { () throws(Failure) in try NpyFile.read(path: folder.write(bytes, to: "huge.npy")) }
    #expect(found?.text.contains("its header claims 4294967296 bytes of elements, it holds 4") == true)
  }

  @Test func aDeflatedMemberThatClaimsMoreThanDeflateCanGiveIsRefused() throws {
    var bytes = NumpyFixtures.deflated
    // Central directory entries keep the size at offset 24; the first record is x.
    let entry = try #require(bytes.indices.first { bytes[$0...].starts(with: [0x50, 0x4b, 1, 2]) })
    bytes.replaceSubrange(entry + 24..<entry + 28, with: [0, 0, 0, 0x7f])
    let found = failure { () throws(Failure) in try NpzFile(path: folder.write(bytes, to: "a.npz")) }
    #expect(found?.codes == [.corruptData])
    #expect(found?.text.contains("claims") == true)
  }

  @Test func aFlippedBitInTheDataIsFound() throws {
    let path = folder.file("a.npz")
    try NpzFile.write([("x", StoredArray(shape: [100], floats: Array(repeating: 1, count: 100)))], to: path)
    var bytes = try #require(try InputFile(path: path).bytes(at: 0, count: InputFile(path: path).size))
    bytes[400] ^= 1
    let found = failure { () throws(Failure) in try NpzFile(path: folder.write(bytes, to: "b.npz")).array("x") }
    #expect(found?.text.contains("its checksum is wrong") == true)
    #expect(found?.diagnostics.first?.location?.element == "array x")
  }

  @Test func aMissingArrayIsToldWithThoseThatThereAre() throws {
    let file = try NpzFile(path: folder.write(NumpyFixtures.stored, to: "a.npz"))
    let found = failure { () throws(Failure) in try file.array("z") }
    #expect(found?.codes == [.missingArray])
    #expect(found?.text.contains("a.npz has no array z: it holds x") == true)
  }

  @Test func filesThatCannotBeOpenedSayWhy() {
    #expect(failure { () throws(Failure) in try NpyFile.read(path: folder.file("none.npy")) }?.codes == [.fileNotFound])
    #expect(failure { () throws(Failure) in try NpzFile(path: folder.path) }?.codes == [.fileUnreadable])
    #expect(failure { () throws(Failure) in try NpyFile.read(path: "/dev/null") }?.text.contains("not a regular file") == true)
  }

  @Test func aFolderThatDoesNotExistIsNotWritable() {
    let array = StoredArray(shape: [1], floats: [1])
    #expect(failure { () throws(Failure) in try NpyFile.write(array, to: folder.file("none/a.npy")) }?.codes == [.folderUnwritable])
  }
}
