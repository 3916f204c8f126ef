import Testing

@testable import DeviceCompiler

@Suite struct KnownNetworksTests {
  /// The figures that an offline search reached and a check of every row confirmed; they equal the bound.
  @Test(arguments: [1, 16])
  func theReferenceNetworksNeedNoMoreThanTheirKnownBest(alignment: Int) {
    expect(KnownNetworks.keywordSpotter(), alignment, atMost: 8_640)
    expect(KnownNetworks.imageClassifier(), alignment, atMost: 33_792)
    expect(KnownNetworks.wakeWords(), alignment, atMost: 37_248)
    expect(KnownNetworks.anomalyDetector(), alignment, atMost: 768)
  }

  @Test func withoutOverlapsTheNetworksNeedTheTwoLargestNeighbours() {
    expectWithoutOverlaps(KnownNetworks.keywordSpotter(), bytes: 16_000)
    expectWithoutOverlaps(KnownNetworks.imageClassifier(), bytes: 49_152)
    expectWithoutOverlaps(KnownNetworks.wakeWords(), bytes: 55_296)
    expectWithoutOverlaps(KnownNetworks.anomalyDetector(), bytes: 768)
  }

  @Test func scratchCostsItsSizeAndNoMore() {
    var layers = KnownNetworks.keywordSpotter(scratchBytes: 576)
    expect(layers, 16, atMost: 8_640 + 576)
    layers = KnownNetworks.wakeWords(scratchBytes: 1_152)
    expect(layers, 16, atMost: 37_248 + 1_152)
  }

  @Test func deepNetworksOfCommonMakeMeetTheBound() {
    expectBound(KnownNetworks.shortcutsAcrossDepths(size: 64, depth: 4, scratchBytes: 0))
    expectBound(KnownNetworks.shortcutsAcrossDepths(size: 48, depth: 3, scratchBytes: 600))
    expectBound(KnownNetworks.invertedResiduals(count: 50, scratchBytes: 0))
    expectBound(KnownNetworks.invertedResiduals(count: 120, scratchBytes: 700))
    expectBound(KnownNetworks.parallelBranches(count: 60))
  }

  private func expectBound(_ layers: LayerSequence) {
    let request = layers.request(alignment: 16)
    let plan = planArena(request)
    #expect(plan.bytes == plan.lowerBound)
    #expect(verify(plan, for: request) == [])
  }

  private func expect(_ layers: LayerSequence, _ alignment: Int, atMost bytes: Int) {
    let request = layers.request(alignment: alignment)
    let plan = planArena(request)
    #expect(plan.bytes <= bytes)
    #expect(plan.lowerBound <= plan.bytes)
    #expect(verify(plan, for: request) == [])
    #expect(RowSimulation.violations(of: plan, for: layers, request) == [])
  }

  private func expectWithoutOverlaps(_ layers: LayerSequence, bytes: Int) {
    var request = layers.request(alignment: 16)
    request.overlaps = []
    let plan = planArena(request)
    #expect(plan.bytes == bytes)
    #expect(plan.lowerBound == bytes)
    #expect(verify(plan, for: request) == [])
  }
}
