/// The names that a library gives to C: everything begins with the model's name.
public struct LibraryNames: Hashable, Sendable {
  /// A C identifier, as `LoweredProgram.name`.
  public let name: String

  public init(_ name: String) { self.name = name }

  /// Of functions and types: `door_`.
  var prefix: String { name + "_" }
  /// Of constants: `DOOR_`.
  var constantPrefix: String { name.uppercased() + "_" }

  public var archive: String { "lib\(name).a" }
  public var header: String { "\(name).h" }

  /// Every symbol that the archive defines for others.
  public var functions: [String] {
    [
      "open", "open_unchecked", "check_weights", "run", "run_stored", "run_quantized", "run_in_place", "dequantize_output", "self_test",
      "status_text",
    ].map { prefix + $0 }
  }

  /// Whether `NAME.h` or `-lNAME` would hide something that C programs have anyway.
  public static func isTaken(_ name: String) -> Bool { takenNames.contains(name.lowercased()) }

  private static let takenNames: Set = [
    // Headers of ISO C 2011 and of POSIX.
    "assert", "complex", "ctype", "errno", "fenv", "float", "inttypes", "iso646", "limits", "locale", "math", "setjmp", "signal",
    "stdalign", "stdarg", "stdatomic", "stdbool", "stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "string", "tgmath", "threads",
    "time", "uchar", "wchar", "wctype", "aio", "cpio", "dirent", "dlfcn", "elf", "endian", "fcntl", "features", "fmtmsg", "fnmatch",
    "ftw", "glob", "grp", "iconv", "langinfo", "libgen", "malloc", "memory", "monetary", "mqueue", "ndbm", "netdb", "poll", "pwd",
    "regex", "sched", "search", "semaphore", "spawn", "strings", "stropts", "syslog", "tar", "termios", "trace", "ulimit", "unistd",
    "utime", "utmpx", "wordexp",
    // Libraries that compilers link by themselves or that come with them.
    "anl", "asan", "atomic", "c", "crypt", "dl", "g", "gcc", "gcc_eh", "gcc_s", "gcov", "gloss", "gomp", "m", "nosys", "nsl", "pthread",
    "resolv", "rt", "tsan", "ubsan", "util",
  ]
}

/// What the functions return, in the order of their numbers (CIntrinsicsLibrary.h).
enum LibraryStatus: Int, CaseIterable {
  case ok, nullArgument, misaligned, wrongProcessor, notOpen, notWeights, truncatedWeights, damagedWeights, otherWeights, outputDiffers

  var name: String {
    switch self {
    case .ok: "OK"
    case .nullArgument: "NULL_ARGUMENT"
    case .misaligned: "MISALIGNED"
    case .wrongProcessor: "WRONG_PROCESSOR"
    case .notOpen: "NOT_OPEN"
    case .notWeights: "NOT_WEIGHTS"
    case .truncatedWeights: "TRUNCATED_WEIGHTS"
    case .damagedWeights: "DAMAGED_WEIGHTS"
    case .otherWeights: "OTHER_WEIGHTS"
    case .outputDiffers: "OUTPUT_DIFFERS"
    }
  }

  static var longestName: Int { allCases.map(\.name.count).max() ?? 0 }

  var meaning: String {
    switch self {
    case .ok: "done"
    case .nullArgument: "a pointer is null"
    case .misaligned: "the arena or the weights do not begin at a multiple of their alignment"
    case .wrongProcessor: "this processor lacks a feature that the network was compiled for"
    case .notOpen: "the model is not open"
    case .notWeights: "these bytes are no weights file of this version"
    case .truncatedWeights: "the weights end too early"
    case .damagedWeights: "the weights are damaged: a checksum differs"
    case .otherWeights: "the weights belong to another build of the network"
    case .outputDiffers: "the self-test found a different output"
    }
  }
}
