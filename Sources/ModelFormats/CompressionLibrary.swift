import CZlib

/// The library that unpacks npz files.
public enum CompressionLibrary {
  /// `zlib 1.2.13`: the version that is loaded.
  public static var description: String { "zlib \(String(cString: zlibVersion()))" }
}
