import Diagnostics
import Foundation
import Targets

/// A network as a C library: what a user's build needs beside the weights file.
public struct LibraryArtifacts: Sendable {
  public var names: LibraryNames
  /// `libNAME.a`.
  public var archive: [UInt8]
  /// `NAME.h`.
  public var header: String
  /// `cmake/NAMEConfig.cmake`.
  public var cmakeConfiguration: String
  /// `pkgconfig/NAME.pc`.
  public var pkgConfiguration: String
  /// The most stack that any function of the header uses, in bytes.
  public var stackBound: Int
  /// Bytes of code and of constants that all functions together need.
  public var code: Int
  public var constants: Int
}

extension DeviceBuild {
  /// Compiles `Network.swift` and the library's runtime into one object whose only global symbols are the functions of the header, and
  /// puts it into an archive.
  /// - Throws: `tool-failed`; `internal-error` if the library breaks a promise: another global symbol, an undefined one, writable data, a
  ///   fused multiply-add, a stack without bound.
  func makeLibrary(
    of program: LoweredProgram, _ network: EmittedNetwork, _ profile: TargetProfile, weightsBytes: Int
  ) async throws(Failure) -> LibraryArtifacts {
    let names = LibraryNames(program.name)
    func header(stackBytes: Int?) -> String {
      LibraryHeader(
        names: names, program: program,
        facts: LibraryHeader.Facts(
          target: profile.name, processorFlags: target.processorFlags, layoutHash: network.layoutHash, weightsBytes: weightsBytes,
          alignment: target.libraryAlignment,
          takesStoredSamples: target.takesStoredSamples(of: program.input), stackBytes: stackBytes)
      ).text()
    }
    // The interface is compiled against its own header, whose figures come from what was compiled.
    try write(header(stackBytes: nil), to: names.header)
    let functions = names.functions.filter { $0 != names.prefix + "run_stored" || target.takesStoredSamples(of: program.input) }
    let objects = try await compileLibrary(names, program, optimize: profile.optimize)
    try await localize(objects, keeping: functions, names)
    let facts = try await examineLibrary(names, functions)
    return LibraryArtifacts(
      names: names, archive: try read(names.archive), header: header(stackBytes: facts.stackBound),
      cmakeConfiguration: names.cmakeConfiguration(for: profile), pkgConfiguration: names.pkgConfiguration(for: profile),
      stackBound: facts.stackBound, code: facts.sizes.text, constants: facts.sizes.constants)
  }

  /// What a program linked with the library consists of beside its own module: the call and the archive.
  func objectsCallingLibrary(_ names: LibraryNames) async throws(Failure) -> [String] {
    let call = try await compile(native: "DeviceRuntime/LibraryProgram/call.c", defines: names.defines)
    return [call, names.archive]
  }

  /// Writes the network that a program is compiled with. - Returns: the file's name.
  func programNetwork(_ network: EmittedNetwork, callsLibrary: Bool) throws(Failure) -> String {
    guard callsLibrary else { return "Network.swift" }
    try write(network.sourceCallingLibrary, to: "LibraryNetwork.swift")
    return "LibraryNetwork.swift"
  }

  // MARK: Steps

  private func compileLibrary(
    _ names: LibraryNames, _ program: LoweredProgram, optimize: TargetProfile.Optimization
  ) async throws(Failure) -> [String] {
    let shared = ["InputPlace", "StoredElement", "WeightSections"].map { "DeviceRuntime/Common/\($0).swift" }
    var sources = ["Network.swift"] + shared
    for part in ["DeviceFormats", "DeviceKernels", "DeviceRuntime/Library"] { sources += try DeviceSources.swiftFiles(part, in: folder) }
    // Code for shared objects and for programs at any address; firmware lies where it was linked.
    let positionIndependent = !target.isThumb
    var objects = [
      try await compile(
        swift: sources, module: "Library", optimize: optimize, defines: ["EDGEPACK_LIBRARY"], positionIndependent: positionIndependent)
    ]
    let stored = target.takesStoredSamples(of: program.input) ? ["EDGEPACK_STORED_SAMPLES"] : []
    for file in ["Library/interface.c"] + target.libraryFiles.map({ "Startup/\($0)" }) {
      objects.append(
        try await compile(
          native: "DeviceRuntime/\(file)", objectPrefix: "library-", defines: ["EDGEPACK_LIBRARY"] + stored + names.defines,
          positionIndependent: positionIndependent))
    }
    return objects
  }

  /// Links the objects to one, drops what no function of the header needs, makes everything else local and gives it the prefix too, and
  /// writes the archive.
  private func localize(_ objects: [String], keeping functions: [String], _ names: LibraryNames) async throws(Failure) {
    let roots = functions.enumerated().flatMap { [$0.offset == 0 ? "-e" : "-u", $0.element] }
    try await toolchain.run(.linker, ["-r", "--gc-sections"] + roots + ["-o", "library.o"] + objects, in: folder.path)
    guard let elf = ElfFile(try read("library.o")) else { throw Failure(.internalError, "the linker's output is no ELF file") }
    let others = Set(elf.symbols.filter { $0.isDefined && !$0.isMappingSymbol }.map(\.name)).filter { !$0.hasPrefix(names.prefix) }
    try write(others.sorted().map { "\($0) \(names.prefix)\($0)\n" }.joined(), to: "library-renamed.txt")
    try write(functions.map { $0 + "\n" }.joined(), to: "library-functions.txt")
    // Notes of the compilers, which only their own linker reads.
    let notes = [".comment", ".llvm_addrsig", ".linker-options", ".swift1_autolink_entries", ".swift_modhash"]
    let object = "\(names.name).o"
    try await toolchain.run(
      .objcopy,
      ["--keep-global-symbols=library-functions.txt", "--redefine-syms=library-renamed.txt"] + notes.flatMap { ["--remove-section", $0] }
        + ["library.o", object],
      in: folder.path)
    do { try FileManager.default.removeItem(at: folder.appendingPathComponent(names.archive)) } catch {}
    try await toolchain.run(.archiver, ["rcsD", names.archive, object], in: folder.path)
  }

  /// Holds the archive's object to what the header says, and links it, alone, to learn its figures.
  private func examineLibrary(_ names: LibraryNames, _ functions: [String]) async throws(Failure) -> Facts {
    guard let object = ElfFile(try read("\(names.name).o")) else { throw Failure(.internalError, "the object is no ELF file") }
    let faults = libraryFaults(object, names, functions)
    guard faults.isEmpty else { throw Failure(.internalError, "the library breaks a promise", details: faults) }
    let roots = functions.enumerated().flatMap { [$0.offset == 0 ? "-e" : "-u", $0.element] }
    try write(Self.libraryScript, to: "library.ld")
    let linked = try await link(
      [names.archive], output: "library-linked", extraFlags: roots + (target.isThumb ? ["-T", "library.ld"] : []))
    return try await examine(linked.unstripped, entries: functions)
  }
}

extension DeviceBuild {
  /// Fills gaps between functions with udf instructions. The linker's own filler for Thumb, d4d4, reads as a branch and would confuse the
  /// stack's bound.
  fileprivate static let libraryScript = """
    SECTIONS
    {
      .text : { *(.text .text.*) } =0xFFDEFFDE
      .rodata : { *(.rodata .rodata.* .data.rel.ro .data.rel.ro.*) }
      /DISCARD/ : { *(.ARM.exidx* .ARM.extab*) }
    }

    """
}

/// What the object of a library must not have; one line each.
func libraryFaults(_ object: ElfFile, _ names: LibraryNames, _ functions: [String]) -> [String] {
  let symbols = object.symbols
  let globals = Set(symbols.filter { $0.binding != .local && $0.isDefined }.map(\.name))
  return symbols.filter { !$0.isDefined }.map { "\($0.name) is undefined" }
    + globals.symmetricDifference(functions).sorted().map { "\($0) is global and not in the header, or the other way round" }
    + symbols.filter { !$0.isMappingSymbol && !$0.name.hasPrefix(names.prefix) }.map { "\($0.name) lacks the prefix" }
    + object.sections.filter { $0.isLoaded && $0.isWritable && $0.size > 0 }.map { "\($0.name) is writable" }
}

extension LibraryNames {
  /// Words of the C files that name the header and its prefixes.
  var defines: [String] {
    ["EDGEPACK_HEADER=\"\(header)\"", "EDGEPACK_PREFIX=\(prefix)", "EDGEPACK_CONSTANT_PREFIX=\(constantPrefix)"]
  }
}
