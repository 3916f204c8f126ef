import Testing

@testable import DeviceCompiler

@Suite struct RowSimulationTests {
  @Test(arguments: 0..<8) func noPlanLosesAByteThatIsStillNeeded(batch: Int) {
    for seed in (batch * 500)..<(batch * 500 + 500) {
      var generator = SplitMix64(state: UInt64(seed))
      let layers = randomNetwork(&generator)
      let request = layers.request(alignment: [1, 1, 2, 4, 16][generator.next(below: 5)])
      let plan = planArena(request)
      #expect(verify(plan, for: request) == [], "seed \(seed)")
      #expect(RowSimulation.violations(of: plan, for: layers, request) == [], "seed \(seed)")
    }
  }

  @Test func manyPlansOverlapInBothRowOrders() {
    var overlapped = 0
    var descending = 0
    for seed in 0..<400 {
      var generator = SplitMix64(state: UInt64(seed))
      let request = randomNetwork(&generator).request(alignment: 1)
      let plan = planArena(request)
      overlapped += request.overlaps.count { sharesBytes($0, plan, request) }
      descending += plan.descendingSteps.count
    }
    #expect(overlapped > 400)
    #expect(descending > 100)
  }

  @Test func theSimulationSeesAnOutputOneByteTooNear() {
    for seed in 0..<2_000 {
      var generator = SplitMix64(state: UInt64(seed))
      var layers = LayerSequence()
      layers.block = 1 + generator.next(below: 4)
      let input = layers.input(1 + generator.next(below: 7), 1 + generator.next(below: 3), 1 + generator.next(below: 3))
      _ = randomLayer(input, &layers, &generator)
      expectTight(layers, seed: seed)
    }
  }

  /// At the stated distance nothing is lost. One byte nearer something is, if the two then share a byte at all.
  private func expectTight(_ layers: LayerSequence, seed: Int) {
    let request = layers.request(alignment: 1)
    let overlap = request.overlaps[0]
    let (input, output) = (request.buffers[0].bytes, request.buffers[1].bytes)
    for isDescending in [false, true] {
      let exact = isDescending ? input + overlap.descending - output : -overlap.ascending
      for rise in [exact, isDescending ? exact - 1 : exact + 1] {
        let base = max(0, -rise)
        let plan = ArenaPlan(
          bytes: max(base + input, base + rise + output), lowerBound: 0, offsets: [base, base + rise],
          descendingSteps: isDescending ? [0] : [])
        let isLost = !RowSimulation.violations(of: plan, for: layers, request).isEmpty
        if rise == exact { #expect(!isLost, "seed \(seed)") }
        if rise != exact && sharesBytes(overlap, plan, request) { #expect(isLost, "seed \(seed)") }
      }
    }
  }

  private func sharesBytes(_ overlap: DiagonalOverlap, _ plan: ArenaPlan, _ request: ArenaRequest) -> Bool {
    let (input, output) = (plan.offsets[overlap.input], plan.offsets[overlap.output])
    return max(input, output) < min(input + request.buffers[overlap.input].bytes, output + request.buffers[overlap.output].bytes)
  }
}

/// A small network: windows, pointwise and dense layers, lookups, and additions of what an earlier layer made.
private func randomNetwork(_ generator: inout SplitMix64) -> LayerSequence {
  var layers = LayerSequence()
  layers.block = 1 + generator.next(below: 4)
  layers.scratchBytes = generator.next(below: 3) == 0 ? 1 + generator.next(below: 20) : 0
  var tensor = layers.input(1 + generator.next(below: 7), 1 + generator.next(below: 4), 1 + generator.next(below: 4))
  var earlier = [tensor]
  for _ in 0..<(1 + generator.next(below: 7)) {
    let partners = earlier.dropLast().filter { ($0.height, $0.width, $0.channels) == (tensor.height, tensor.width, tensor.channels) }
    if !partners.isEmpty && generator.next(below: 2) == 0 {
      tensor = layers.elementwise("add", partners[generator.next(below: partners.count)], tensor)
    } else {
      tensor = randomLayer(tensor, &layers, &generator)
    }
    earlier.append(tensor)
  }
  return layers
}

private func randomLayer(
  _ input: LayerSequence.Tensor, _ layers: inout LayerSequence, _ generator: inout SplitMix64
) -> LayerSequence.Tensor {
  let channels = generator.next(below: 2) == 0 ? input.channels : 1 + generator.next(below: 5)
  switch generator.next(below: 8) {
  case 0: return layers.elementwise("lookup", input)
  case 1: return layers.dense("dense", input, channels: channels)
  case 2, 3: return layers.pointwise("pointwise", input, channels: channels)
  case 4: return layers.globalPool(input)
  default:
    let kernel = 1 + generator.next(below: min(3, input.height))
    let stride = 1 + generator.next(below: 2)
    let padTop = generator.next(below: kernel)
    let padBottom = generator.next(below: kernel)
    let rows = (input.height + padTop + padBottom - kernel) / stride + 1
    let columns = stride == 1 ? input.width : (input.width + 1) / 2
    return layers.window("window", input, to: (rows, columns, channels), kernel: kernel, stride: stride, padTop: padTop)
  }
}
