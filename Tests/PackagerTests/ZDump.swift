import Deployment
import Diagnostics
import Foundation
import ModelFormats
import ModelGraph
import Targets
import Testing
@testable import DeviceCompiler
@testable import Packager

struct ZDump {
  struct Row: Encodable { var net: String; var work: StepWork; var times: [Double]; var whole: [Double]; var footprint: Int; var variant: String }
  @Test func dump() async throws {
    let profile = NativeProfile.current()
    let place = try NativeMeasuringPlace()
    var programs: [(ProbeProgram, ProbeTimes, LoweredProgram)] = []
    var nets = try ProbeNetwork.all()
    for name in ["ad", "ic", "kws", "vww"] {
      var graph = try ONNXImporter.load(path: "/work/shared/models/mlperf_tiny/\(name)_float.onnx", shapes: [:]).graph
      _ = try Pipeline.simplify.run(&graph)
      nets.append(ProbeNetwork(name: name, graph: graph))
    }
    for net in nets {
      let p = try await ProbeProgram(net, for: profile, in: "/tmp/costw/\(net.name)-work")
      try place.install(p.timed)
      programs.append((p, ProbeTimes(), try net.lowered(for: profile)))
    }
    for _ in 0..<5 {
      for i in programs.indices {
        try programs[i].1.addSteps(try await place.run(programs[i].0.timed, arguments: ["--bench", "100", "--steps"]), of: programs[i].0)
        try programs[i].1.addWhole(try await place.run(programs[i].0.timed, arguments: ["--bench", "300", "--stats", "json"]), of: programs[i].0)
      }
    }
    var rows: [Row] = []
    for (p, t, l) in programs {
      for (i, w) in p.workload.steps.enumerated() {
        rows.append(Row(net: p.timed.name, work: w, times: t.steps[i], whole: t.wholeRuns, footprint: p.workload.footprint, variant: StepCall.summary(of: l.steps[i].kind)))
      }
    }
    try JSONEncoder().encode(rows).write(to: URL(fileURLWithPath: "/tmp/costw/data.json"))
  }
}
