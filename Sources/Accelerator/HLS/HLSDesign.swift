/// A folder of C sources that a high-level synthesis tool, or any C11 compiler, takes.
public struct HLSDesign: Hashable, Sendable {
  public struct File: Hashable, Sendable {
    /// Relative to the folder `hls/` of a build.
    public var name: String
    public var contents: String

    public init(name: String, contents: String) {
      self.name = name
      self.contents = contents
    }
  }

  /// The top function, a C identifier; `NAME.c` and `NAME.h` are called after it.
  public var name: String
  public var files: [File]

  public init(name: String, files: [File]) {
    self.name = name
    self.files = files
  }
}
