import Diagnostics

@testable import Report

/// Invented answers whose figures add up.
enum Examples {
  static let fits = answer()

  static func answer(
    ramLimit: Double? = 524_288, measuredDrop: Double = 0.003, smoke: Answer.Smoke? = Examples.smoke, target: String = "arm64-512mb",
    costs: [Answer.Axis] = Examples.predicted
  ) -> Answer {
    let ram = Answer.MemoryParts(arena: 282_624, stack: 6144, io: 0, data: 9216, weights: 81_920, code: 0)
    return Answer(
      program: "3f9a12c4d5e6f708", model: Answer.Model(file: "door.onnx", name: "door", macs: 61_200_000, parameters: 228_000),
      target: Answer.Target(name: target, core: "cortex-a53", clock: 1e9, os: "linux"),
      budget: [
        .init(.ram, unit: .bytes, limit: ramLimit, predicted: 379_904, measured: 379_904, binds: "conv_pw_3 → conv_dw_4"),
        .init(.flash, unit: .bytes, limit: 409_600, predicted: 308_224, measured: 308_224, binds: "weights of conv_pw_13"),
      ] + costs + [
        .init(.accuracy, unit: .fraction, limit: 0.01, predicted: nil, measured: measuredDrop, binds: "conv_dw_2 in int8")
      ],
      accuracy: .init(
        metric: .top1, data: "val.npz", samples: 1000, before: 0.864, after: 0.864 - measuredDrop, interval: [-0.009, 0.003]),
      layers: [
        .init(
          name: "conv_1", operator: "Conv", shape: [1, 48, 48, 8], step: 0, macs: 1_200_000, parameters: 224, weightBytes: 320, bits: 8,
          sqnrDb: 41.25),
        .init(
          name: "pool", operator: "AveragePool", shape: [1, 1, 1, 8], step: 29, macs: 0, parameters: 0, weightBytes: 0, bits: nil,
          sqnrDb: nil),
      ],
      arena: .init(
        bytes: 282_624, lowerBound: 276_480,
        buffers: [.init(name: "conv_pw_3 output", shape: [1, 48, 48, 60], bytes: 138_240, offset: 0, firstStep: 8, lastStep: 9)]),
      ram: ram, flash: [.init(name: "door", bytes: 70_656), .init(name: "door.epk", bytes: 237_568)],
      files: [
        .init(path: "door", bytes: 70_656, kind: .program), .init(path: "door.epk", bytes: 237_568, kind: .weights),
        .init(path: "plan.json", bytes: 4100, kind: .plan),
      ],
      smoke: smoke, recipe: ["int8, weights per channel", "ranges by MSE on 512 samples", "bias corrected"],
      warnings: [Diagnostic(.profileValue, "`power` does not say where its figures come from", severity: .warning)])
  }

  /// On an emulated board: intervals.
  static let predicted: [Answer.Axis] = [
    .init(
      .latency, unit: .milliseconds, limit: 15, predicted: 11.4, predictedLow: 8.2, measured: nil, binds: "conv_pw_1, memory-bound"),
    .init(.energy, unit: .millijoules, limit: 9, predicted: 6.3, predictedLow: 4.1, measured: nil, binds: "active power × latency"),
    .init(.power, unit: .milliwatts, limit: 800, predicted: 606.3, predictedLow: 604.1, measured: nil, binds: "idle 600 mW"),
  ]

  /// On this machine, whose profile says nothing of energy.
  static let measured: [Answer.Axis] = [
    .init(
      .latency, unit: .milliseconds, limit: 0.25, predicted: 0.2124, predictedLow: 0.1841, measured: 0.187, measuredP95: 0.2223,
      binds: "conv2, compute-bound"),
    .init(
      .coldLatency, unit: .milliseconds, limit: nil, predicted: nil, measured: 1.25, binds: "301 KiB from storage"),
    .init(.energy, unit: .millijoules, limit: nil, predicted: nil, measured: nil, binds: nil),
  ]

  static let smoke = Answer.Smoke(
    on: "machine", cases: 68, casesEqual: 68, byteEqual: true, maxDifference: 0, arenaHighWater: 282_624, residentPeak: 372_736,
    pageFaults: .init(beforeMinor: 5, beforeMajor: 0, firstRunMinor: 40, firstRunMajor: 3, endMinor: 52, endMajor: 3))
}
