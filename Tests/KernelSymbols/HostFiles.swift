#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the system said no to.
public struct HostFileError: Error, Equatable, Sendable {
  /// One line that names the file.
  public let message: String

  init(_ path: String) { message = "\(path): \(unsafe String(cString: strerror(errno)))" }
}

/// The files that the host's programs read and write.
public enum HostFiles {
  /// All bytes of a file.
  public static func read(_ path: String) throws(HostFileError) -> [UInt8] {
    guard let file = unsafe fopen(path, "rb") else { throw HostFileError(path) }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    guard unsafe ferror(file) == 0 else { throw HostFileError(path) }
    return bytes
  }

  /// Writes a file whole, or leaves what was there; `-` is standard output.
  public static func write(_ bytes: [UInt8], to path: String) throws(HostFileError) {
    guard path != "-" else { return try write(bytes, descriptor: 1, name: "standard output") }
    // Beside the file, then in its place, so that nobody sees half of it.
    let draft = path + ".part"
    let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
    guard descriptor >= 0 else { throw HostFileError(path) }
    do throws(HostFileError) {
      try write(bytes, descriptor: descriptor, name: path)
    } catch {
      close(descriptor)
      unsafe unlink(draft)
      throw error
    }
    guard close(descriptor) == 0, unsafe rename(draft, path) == 0 else {
      let failure = HostFileError(path)
      unsafe unlink(draft)
      throw failure
    }
  }

  private static func write(
    _ bytes: [UInt8], descriptor: CInt, name: String
  ) throws(HostFileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Self.systemWrite(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw HostFileError(name) }
      rest = rest.dropFirst(count)
    }
  }

  @unsafe private static func systemWrite(
    _ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Glibc)
      unsafe Glibc.write(descriptor, bytes, count)
    #else
      unsafe Darwin.write(descriptor, bytes, count)
    #endif
  }

  /// Ends the program with one line on standard error.
  public static func fail(_ message: String, status: Int32) -> Never {
    try? write(Array((message + "\n").utf8), descriptor: 2, name: "standard error")
    exit(status)
  }
}
