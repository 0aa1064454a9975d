import Base
import Transfer

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A kernel's image in a file.
struct KernelFile {
  let bytes: [UInt8]
  /// What it is, for a person.
  let words: String

  /// Reads the file at `path` whole; refuses what the board would refuse.
  init(_ path: String) throws(Complaint) {
    guard let bytes = Self.read(path) else {
      throw Complaint(words: "\(path): \(Complaint.ofTheSystem)")
    }
    do throws(KernelImage.Fault) {
      let image = try KernelImage(byteCount: UInt(bytes.count)) { bytes[$0] }
      let name = image.isRoost ? "Roost \(String(image.version))" : "an arm64 kernel"
      words = "\(name), \(bytes.count) bytes,"
    } catch {
      throw Complaint(words: "\(path): \(String(describing: error.description))")
    }
    self.bytes = bytes
  }

  /// All bytes of a file, or nil with `errno` set.
  private static func read(_ path: String) -> [UInt8]? {
    guard let file = unsafe fopen(path, "rb") else { return nil }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, file)
      guard count > 0 else { break }
      bytes.append(contentsOf: buffer[..<count])
    }
    return unsafe ferror(file) == 0 ? bytes : nil
  }
}

extension String {
  /// The bytes of a line of the library's.
  init(_ text: ShortText) {
    self.init(decoding: (0..<text.count).map { text[$0] }, as: UTF8.self)
  }
}
