import COpenBLAS

/// The library that float32 products run on.
public enum LinearAlgebraLibrary {
  /// `OpenBLAS 0.3.21 (Haswell kernels)`: the version that is loaded, and the kernels that it chose for this processor.
  public static var description: String {
    let words = String(cString: openblas_get_config()).split(separator: " ")
    let version = words.first { $0.first?.isNumber == true }.map { " \($0)" } ?? ""
    return "OpenBLAS\(version) (\(String(cString: openblas_get_corename())) kernels)"
  }
}
