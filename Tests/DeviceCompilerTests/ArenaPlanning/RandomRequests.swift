@testable import DeviceCompiler

/// Buffers with random lifetimes; outputs that take over from a dying input often may overlap it, at random distances.
func randomRequest(buffers count: Int, largest: Int, _ generator: inout SplitMix64) -> ArenaRequest {
  let steps = max(2, count / 2 + generator.next(below: count + 1))
  var buffers: [ArenaBuffer] = []
  for index in 0..<count {
    let first = generator.next(below: steps) - 1
    let last = first + generator.next(below: generator.next(below: 4) == 0 ? steps : 3)
    buffers.append(ArenaBuffer(name: "b\(index)", bytes: 1 + generator.next(below: largest), firstStep: first, lastStep: last))
  }
  var overlaps: [DiagonalOverlap] = []
  for (input, dying) in buffers.enumerated() {
    for (output, born) in buffers.enumerated() where input != output && dying.lastStep == born.firstStep && generator.next(below: 4) > 0 {
      overlaps.append(
        DiagonalOverlap(
          step: born.firstStep, input: input, output: output,
          ascending: generator.next(below: largest) - largest / 4, descending: generator.next(below: largest) - largest / 4))
    }
  }
  return ArenaRequest(buffers: buffers, overlaps: overlaps, alignment: [1, 1, 2, 4][generator.next(below: 4)])
}
