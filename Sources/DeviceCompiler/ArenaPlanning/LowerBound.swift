/// A size below which no placement can go: the largest need of any one step.
///
/// Derivation, for the buffers alive at one step, counted in blocks of the alignment (a buffer of `s` bytes takes ⌈s / alignment⌉):
/// 1. Offsets are multiples of the alignment, so buffers that share no byte share no block.
/// 2. The dying inputs share no block with each other, nor do the new outputs. Hence a block belongs to at most one input and one
///    output, and inputs and outputs together cover `inputs + outputs − shared` blocks, and at least as many as either side alone.
/// 3. The rule of a pair caps what it can share in one row order (`OverlapRule.mostSharedBlocks`). `shared` is at most the sum of
///    the caps, for the better row order of the step.
/// 4. All other buffers lie apart and add their blocks.
/// 5. The highest block in use belongs to one of these buffers, whose last block lacks at most the largest rounding of them all.
///
/// With a single input and output this is their smallest union: `max(input, output, input + distance)`, at most `input + output`.
struct LowerBound {
  /// Bytes that one step needs, whatever the placement.
  struct Need {
    var step: Int
    var bytes: Int
  }

  /// The steps at which a buffer begins to live, in order. No other step can need more than the one before it.
  let needs: [Need]

  var bytes: Int { needs.map(\.bytes).max() ?? 0 }

  var busiestFirst: [Need] { needs.sorted { ($1.bytes, $0.step) < ($0.bytes, $1.step) } }

  init(_ problem: ArenaProblem) {
    let rulesByStep = Dictionary(grouping: problem.rules, by: \.step)
    let starts = Set(problem.buffers.lazy.filter { $0.bytes > 0 }.map(\.firstStep))
    needs = starts.sorted().map { step in
      Need(step: step, bytes: LowerBound.bytes(at: step, problem, rulesByStep[step] ?? []))
    }
  }

  private static func bytes(at step: Int, _ problem: ArenaProblem, _ rules: [OverlapRule]) -> Int {
    let alignment = problem.alignment
    let inputs = Set(rules.map(\.input))
    let outputs = Set(rules.map(\.output))
    var apart = 0
    var inputBlocks = 0
    var outputBlocks = 0
    var largestRounding = 0
    for (index, buffer) in problem.buffers.enumerated() where buffer.bytes > 0 && buffer.isAlive(at: step) {
      let blocks = buffer.bytes.blocks(of: alignment)
      largestRounding = max(largestRounding, blocks * alignment - buffer.bytes)
      if inputs.contains(index) {
        inputBlocks += blocks
      } else if outputs.contains(index) {
        outputBlocks += blocks
      } else {
        apart += blocks
      }
    }
    let shared = [RowDirections.ascending, .descending].map { direction in
      rules.reduce(0) { $0 + $1.mostSharedBlocks(direction, alignment: alignment) }
    }
    let together = max(inputBlocks, outputBlocks, inputBlocks + outputBlocks - (shared.max() ?? 0))
    return (apart + together) * alignment - largestRounding
  }
}
