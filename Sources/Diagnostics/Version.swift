/// The version of edgepack, for screens and for the sources of figures that it measures.
public enum Version {
  public static let current = "0.1.0"
}
