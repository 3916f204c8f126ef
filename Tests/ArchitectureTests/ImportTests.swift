import Foundation
import Testing

/// Who may know whom. An import that is not in this table is a design error; change the table only together with the design.
/// Every host module may import Diagnostics, and whoever sees a module of the table may see ModelGraph.
private let mayImport: [String: Set<String>] = [
  "edgepack": ["Packager", "Report", "Deployment", "Targets", "Diagnostics"],
  "Packager": [
    "Report", "Deployment", "Compression", "Accelerator", "HostTwin", "DeviceCompiler", "HostCompute", "Targets", "ModelFormats",
    "DeviceFormats", "DeviceKernels",
  ],
  "Report": ["Targets"],
  "Deployment": ["DeviceFormats", "ModelFormats", "Targets"],
  "Compression": ["HostTwin", "HostCompute", "DeviceCompiler", "ModelFormats", "Targets"],
  "Accelerator": ["DeviceCompiler", "DeviceKernels", "Targets"],
  "HostTwin": ["DeviceCompiler", "DeviceKernels"],
  "DeviceCompiler": ["Targets", "DeviceKernels", "DeviceFormats"],
  "HostCompute": ["COpenBLAS"],
  "Targets": [],
  "ModelFormats": ["CZlib"],
  "ModelGraph": [],
  "Diagnostics": [],
  "DeviceFormats": [],
  "DeviceKernels": ["CIntrinsics"],
  "CIntrinsics": [],
  "COpenBLAS": [],
  "CZlib": [],
]

/// Modules that may not even see Diagnostics or Foundation: they are compiled for devices too, or have no Swift.
private let leaves: Set<String> = ["DeviceFormats", "DeviceKernels", "CIntrinsics", "COpenBLAS", "CZlib", "Diagnostics"]

private func allowed(_ module: String) -> Set<String> {
  guard let listed = mayImport[module], !leaves.contains(module) else { return mayImport[module] ?? [] }
  let seesGraph = module == "Targets" || module == "ModelFormats" || module == "HostCompute" || !listed.isEmpty
  return listed.union(["Diagnostics"]).union(seesGraph && module != "Report" && module != "edgepack" ? ["ModelGraph"] : [])
}

struct ImportTests {
  @Test func everyModuleOfTheManifestIsInTheTable() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Repository.root.appendingPathComponent("Sources").path)
    // DeviceRuntime has no host target: its sources are shipped as they are and compiled for devices only.
    for folder in folders where folder != "DeviceRuntime" { #expect(mayImport[folder] != nil, "\(folder) has no row in the table") }
  }

  @Test func theManifestDeclaresNoOtherDependencyThanTheTable() throws {
    let manifest = try Repository.text("Package.swift")
    var declared = 0
    for module in mayImport.keys.sorted() {
      for dependency in manifestDependencies(of: module, in: manifest) where mayImport[dependency] != nil {
        declared += 1
        #expect(allowed(module).contains(dependency), "Package.swift lets \(module) see \(dependency)")
      }
    }
    #expect(declared > 20, "the manifest was not understood")
  }

  @Test func noSourceImportsAnotherModuleThanTheTableAllows() throws {
    var seen = 0
    for file in try Repository.swiftFiles("Sources") {
      let module = String(file.path.split(separator: "/")[1])
      for name in imports(of: file) where mayImport[name] != nil {
        seen += 1
        if module == "DeviceRuntime" {
          #expect(["DeviceKernels", "DeviceFormats", "CIntrinsics"].contains(name), "\(file.path) imports \(name)")
        } else {
          #expect(allowed(module).contains(name), "\(file.path) imports \(name)")
        }
      }
    }
    #expect(seen > 5, "no imports were found")
  }

  @Test func whatIsCompiledForDevicesImportsNoFoundation() throws {
    for folder in ["DeviceKernels", "DeviceFormats", "DeviceRuntime"] {
      for file in try Repository.swiftFiles("Sources/\(folder)") {
        let names = imports(of: file)
        #expect(!names.contains("Foundation") && !names.contains("Glibc"), "\(file.path) needs a library that devices lack")
      }
    }
  }

  /// The module names of the `import` lines, attributes and access levels aside.
  private func imports(of file: Repository.File) -> [String] {
    file.lines.compactMap { line in
      var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      while let first = words.first, first.hasPrefix("@") || ["public", "internal", "private", "package"].contains(String(first)) {
        words.removeFirst()
      }
      guard words.count >= 2, words[0] == "import" else { return nil }
      // `import struct Module.Type`
      let name = words.count > 2 && !words[2].hasPrefix("//") ? words[2] : words[1]
      return name.split(separator: ".").first.map(String.init)
    }
  }

  /// The quoted names in the `dependencies:` list of the target called `module`.
  private func manifestDependencies(of module: String, in manifest: String) -> [String] {
    guard let start = manifest.range(of: "arget(\n      name: \"\(module)\"") ?? manifest.range(of: "arget(name: \"\(module)\"") else {
      return []
    }
    // A target ends where the next one begins.
    let rest = manifest[start.upperBound...]
    let body = rest[..<(rest.range(of: "arget(")?.lowerBound ?? rest.endIndex)]
    guard let list = body.range(of: "dependencies: [") else { return [] }
    var depth = 1
    var text = ""
    for character in body[list.upperBound...] {
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      if depth == 0 { break }
      text.append(character)
    }
    return text.split(separator: "\"", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map {
      String($0.element)
    }
  }
}
