import Diagnostics

/// The content of `report.json` (docs/report.schema.json): what edgepack found, as plain data in the user's words.
/// Sizes are in bytes, times in ms, energy in mJ, power in mW; shares and accuracy are fractions. Absent figures are null.
public struct Answer: Codable, Hashable, Sendable {
  /// Version of the schema: the minor part grows when fields are added, the major part when they change.
  public static let schemaVersion = "1.1"

  public enum Verdict: String, Codable, Hashable, Sendable {
    case fits
    case doesNotFit = "does not fit"
  }

  public var schema: String
  /// Hash of the program and its weights, in hexadecimal.
  public var program: String
  public var answer: Verdict
  public var model: Model
  public var target: Target
  public var budget: [Axis]
  public var accuracy: Accuracy
  public var layers: [Layer]
  public var arena: Arena
  public var ram: MemoryParts
  /// Parts of the flash figure; they add up to it.
  public var flash: [FlashPart]
  public var files: [File]
  @ExplicitNull public var smoke: Smoke?
  /// What was done to the model, one phrase each: `int8`, `bias corrected`.
  public var recipe: [String]
  public var warnings: [Diagnostic]

  /// The verdict follows from the budget.
  public init(
    program: String, model: Model, target: Target, budget: [Axis], accuracy: Accuracy, layers: [Layer], arena: Arena,
    ram: MemoryParts, flash: [FlashPart], files: [File], smoke: Smoke?, recipe: [String], warnings: [Diagnostic]
  ) {
    schema = Self.schemaVersion
    self.program = program
    answer = budget.allSatisfy(\.fits) ? .fits : .doesNotFit
    self.model = model
    self.target = target
    self.budget = budget
    self.accuracy = accuracy
    self.layers = layers
    self.arena = arena
    self.ram = ram
    self.flash = flash
    self.files = files
    self.smoke = smoke
    self.recipe = recipe
    self.warnings = warnings
  }

  public struct Model: Codable, Hashable, Sendable {
    /// The file's name without folders.
    public var file: String
    /// Name of the packed program.
    public var name: String
    public var macs: Int
    public var parameters: Int

    public init(file: String, name: String, macs: Int, parameters: Int) {
      self.file = file
      self.name = name
      self.macs = macs
      self.parameters = parameters
    }
  }

  public struct Target: Codable, Hashable, Sendable {
    public var name: String
    public var core: String
    /// In Hz.
    @ExplicitNull public var clock: Double?
    /// `linux` or `none`.
    public var os: String
    /// The most threads that the program may use.
    public var threads: Int

    public init(name: String, core: String, clock: Double?, os: String, threads: Int = 1) {
      self.name = name
      self.core = core
      self.clock = clock
      self.os = os
      self.threads = threads
    }
  }

  /// One layer of the packed program.
  public struct Layer: Codable, Hashable, Sendable {
    public var name: String
    public var `operator`: String
    /// Of the output, batch 1.
    public var shape: [Int]
    /// The first step that computes it, from 0; null if it was folded into a neighbour.
    @ExplicitNull public var step: Int?
    public var macs: Int
    public var parameters: Int
    /// Weights, biases and multipliers in the kernel's order.
    public var weightBytes: Int
    /// Bits of a weight; null without weights.
    @ExplicitNull public var bits: Int?
    /// Signal to quantization noise of the layer's output against float, in decibels.
    @ExplicitNull public var sqnrDb: Double?
    /// How much nearer the program's outputs come to float's if this layer alone stays float, in decibels.
    @ExplicitNull public var floatGainDb: Double?
    /// Why the layer stays float; null for all others.
    @ExplicitNull public var floatReason: String?

    public init(
      name: String, operator: String, shape: [Int], step: Int?, macs: Int, parameters: Int, weightBytes: Int, bits: Int?,
      sqnrDb: Double?, floatGainDb: Double? = nil, floatReason: String? = nil
    ) {
      self.name = name
      self.operator = `operator`
      self.shape = shape
      self.step = step
      self.macs = macs
      self.parameters = parameters
      self.weightBytes = weightBytes
      self.bits = bits
      self.sqnrDb = sqnrDb
      self.floatGainDb = floatGainDb
      self.floatReason = floatReason
    }
  }

  /// The one block of memory that all activations live in.
  public struct Arena: Codable, Hashable, Sendable {
    public var bytes: Int
    /// No plan for these buffers can be smaller.
    public var lowerBound: Int
    public var buffers: [Buffer]

    public struct Buffer: Codable, Hashable, Sendable {
      public var name: String
      /// Null for scratch.
      @ExplicitNull public var shape: [Int]?
      public var bytes: Int
      public var offset: Int
      public var firstStep: Int
      public var lastStep: Int

      public init(name: String, shape: [Int]?, bytes: Int, offset: Int, firstStep: Int, lastStep: Int) {
        self.name = name
        self.shape = shape
        self.bytes = bytes
        self.offset = offset
        self.firstStep = firstStep
        self.lastStep = lastStep
      }
    }

    public init(bytes: Int, lowerBound: Int, buffers: [Buffer]) {
      self.bytes = bytes
      self.lowerBound = lowerBound
      self.buffers = buffers
    }
  }

  /// The parts of the RAM figure, in bytes; they add up to it.
  public struct MemoryParts: Codable, Hashable, Sendable {
    public var arena: Int
    /// Bound of the stack.
    public var stack: Int
    /// Input and output buffers.
    public var io: Int
    /// Variables of the program (.data, .bss).
    public var data: Int
    /// Weights that are resident at once.
    public var weights: Int
    /// Code pages (Linux).
    public var code: Int
    /// Stacks and scratch of the threads besides the main one (Linux).
    public var threads: Int
    /// What rounding to whole pages adds (Linux).
    public var rounding: Int

    public init(arena: Int, stack: Int, io: Int, data: Int, weights: Int, code: Int, threads: Int = 0, rounding: Int = 0) {
      self.arena = arena
      self.stack = stack
      self.io = io
      self.data = data
      self.weights = weights
      self.code = code
      self.threads = threads
      self.rounding = rounding
    }

    public var total: Int { arena + stack + io + data + weights + code + threads + rounding }
  }

  public struct FlashPart: Codable, Hashable, Sendable {
    public var name: String
    public var bytes: Int

    public init(name: String, bytes: Int) {
      self.name = name
      self.bytes = bytes
    }
  }

  /// A file of the build folder.
  public struct File: Codable, Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
      case program, library, weights, firmware, accelerator, manifest, plan, report, golden, source, machine, text
    }
    /// Relative to the build folder.
    public var path: String
    public var bytes: Int
    public var kind: Kind

    public init(path: String, bytes: Int, kind: Kind) {
      self.path = path
      self.bytes = bytes
      self.kind = kind
    }
  }

  /// The proof on the device: `edgepack smoke --json` prints this object.
  public struct Smoke: Codable, Hashable, Sendable {
    /// Where it ran: `native`, `qemu-user`, `machine`.
    public var on: String
    public var cases: Int
    public var casesEqual: Int
    public var byteEqual: Bool
    /// Largest difference of an output byte.
    public var maxDifference: Int
    @ExplicitNull public var arenaHighWater: Int?
    /// Largest resident set, in bytes.
    @ExplicitNull public var residentPeak: Int?
    @ExplicitNull public var pageFaults: PageFaults?
    /// What the program was allowed to use and used at most, in bytes, code, page tables and cached pages of its weights included; null
    /// where nothing enforced a limit.
    @ExplicitNull public var memoryLimit: Int?
    @ExplicitNull public var memoryPeak: Int?
    /// How often the limit ended the program.
    @ExplicitNull public var oomKills: Int?
    /// One run on this machine with everything in memory; null in emulators, which have no clock of their own.
    @ExplicitNull public var latency: Latency?
    /// From the start of the program to its end for one sample, with nothing of it in memory before.
    @ExplicitNull public var coldLatency: ColdLatency?
    /// First and later runs in the booted machine with storage as slow as the target's; null elsewhere.
    @ExplicitNull public var throttledStart: ThrottledStart?

    /// In ms of the emulated machine, whose processor is not the target's: only the difference means something, what storage and
    /// verification took.
    public struct ThrottledStart: Codable, Hashable, Sendable {
      public var firstRun: Double
      public var laterRun: Double
      /// In bytes per second.
      public var storageBandwidth: Double

      public init(firstRun: Double, laterRun: Double, storageBandwidth: Double) {
        self.firstRun = firstRun
        self.laterRun = laterRun
        self.storageBandwidth = storageBandwidth
      }
    }

    /// In ms.
    public struct Latency: Codable, Hashable, Sendable {
      public var median: Double
      /// 95 % of the runs took no longer.
      public var p95: Double
      public var runs: Int

      public init(median: Double, p95: Double, runs: Int) {
        self.median = median
        self.p95 = p95
        self.runs = runs
      }
    }

    /// In ms.
    public struct ColdLatency: Codable, Hashable, Sendable {
      public var median: Double
      public var runs: Int

      public init(median: Double, runs: Int) {
        self.median = median
        self.runs = runs
      }
    }
    /// The self-test ran once with each of these numbers of threads; other figures are the worst of them.
    public var threads: [Int]

    /// Minor and major faults so far, at three moments.
    public struct PageFaults: Codable, Hashable, Sendable {
      public var beforeMinor: Int
      public var beforeMajor: Int
      public var firstRunMinor: Int
      public var firstRunMajor: Int
      public var endMinor: Int
      public var endMajor: Int

      public init(beforeMinor: Int, beforeMajor: Int, firstRunMinor: Int, firstRunMajor: Int, endMinor: Int, endMajor: Int) {
        self.beforeMinor = beforeMinor
        self.beforeMajor = beforeMajor
        self.firstRunMinor = firstRunMinor
        self.firstRunMajor = firstRunMajor
        self.endMinor = endMinor
        self.endMajor = endMajor
      }
    }

    public init(
      on: String, cases: Int, casesEqual: Int, byteEqual: Bool, maxDifference: Int, arenaHighWater: Int?, residentPeak: Int?,
      pageFaults: PageFaults?, memoryLimit: Int? = nil, memoryPeak: Int? = nil, oomKills: Int? = nil, latency: Latency? = nil,
      coldLatency: ColdLatency? = nil, throttledStart: ThrottledStart? = nil, threads: [Int] = [1]
    ) {
      self.on = on
      self.cases = cases
      self.casesEqual = casesEqual
      self.byteEqual = byteEqual
      self.maxDifference = maxDifference
      self.arenaHighWater = arenaHighWater
      self.residentPeak = residentPeak
      self.pageFaults = pageFaults
      self.memoryLimit = memoryLimit
      self.memoryPeak = memoryPeak
      self.oomKills = oomKills
      self.latency = latency
      self.coldLatency = coldLatency
      self.throttledStart = throttledStart
      self.threads = threads
    }
  }
}
