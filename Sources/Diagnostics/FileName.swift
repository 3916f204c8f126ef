/// The last component of a path: how messages call a file.
public func fileName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
