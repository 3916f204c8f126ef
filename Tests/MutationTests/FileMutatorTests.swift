import MutationSupport
import TestSupport
import Testing

struct FileMutatorTests {
  @Test(arguments: FileFormat.allCases) func theSameSeedGivesTheSameFiles(_ format: FileFormat) throws {
    let folder = TemporaryFolder()
    let first = FileMutator(format, specimens: try Specimens.files(of: format, in: folder))
    let second = FileMutator(format, specimens: try Specimens.files(of: format, in: folder))
    #expect(first.specimens == second.specimens)
    for number in 0..<100 { #expect(first.damaged(seed: 7, number: number).bytes == second.damaged(seed: 7, number: number).bytes) }
    #expect((0..<20).contains { first.damaged(seed: 7, number: $0).bytes != first.damaged(seed: 8, number: $0).bytes })
  }

  @Test(arguments: FileFormat.allCases) func everyDamageOfTheFormatIsDone(_ format: FileFormat) throws {
    let mutator = FileMutator(format, specimens: try Specimens.files(of: format, in: TemporaryFolder()))
    var done: Set<String> = []
    for number in 0..<1500 { done.formUnion(mutator.damaged(seed: 1, number: number).damages) }
    #expect(done == Set(FileMutator.damages(of: format)))
  }

  @Test(arguments: FileFormat.allCases) func soundFilesAreAccepted(_ format: FileFormat) throws {
    let folder = TemporaryFolder()
    let reading = try FileReading(format, in: folder)
    for file in try Specimens.files(of: format, in: folder) { #expect(reading.verdict(on: file) == .accepted) }
  }
}
