/// What of a linked kernel the host's programs need: which build it is (ELF-64 Object File Format; the note
/// is described in the linker's manual under --build-id).
public struct KernelELF: Equatable, Sendable {
  /// The first eight bytes of the build ID, as the kernel prints them.
  public let build: UInt64

  /// Reads the bytes of an ELF file.
  public init(_ bytes: [UInt8]) throws(KernelELFError) {
    guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { throw .notELF }
    let table = try Self.number(bytes, at: 0x28, byteCount: 8)
    let entryByteCount = try Self.number(bytes, at: 0x3A, byteCount: 2)
    let count = try Self.number(bytes, at: 0x3C, byteCount: 2)
    for index in 0..<count {
      let (entry, overflow) = table.addingReportingOverflow(index * entryByteCount)
      guard !overflow, entry < bytes.count else { throw .notELF }
      let isNote = try Self.number(bytes, at: entry + 4, byteCount: 4) == 7
      guard isNote else { continue }
      let offset = try Self.number(bytes, at: entry + 0x18, byteCount: 8)
      // The note: sizes of name and contents, type 3, "GNU\0", contents.
      guard offset < bytes.count, try Self.number(bytes, at: offset, byteCount: 4) == 4,
        try Self.number(bytes, at: offset + 4, byteCount: 4) >= 8,
        try Self.number(bytes, at: offset + 8, byteCount: 4) == 3,
        bytes.count >= offset + 24
      else { continue }
      build = bytes[(offset + 16)..<(offset + 24)].reduce(0) { $0 << 8 | UInt64($1) }
      return
    }
    throw .noBuildID
  }

  private static func number(
    _ bytes: [UInt8], at offset: Int, byteCount: Int
  ) throws(KernelELFError) -> Int {
    guard offset >= 0, offset < bytes.count, bytes.count - offset >= byteCount else {
      throw .notELF
    }
    var value: UInt64 = 0
    for index in (0..<byteCount).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
    guard value < 1 << 62 else { throw .notELF }
    return Int(value)
  }
}

/// Why a file was refused.
public enum KernelELFError: Error, Equatable, Sendable {
  /// It is no 64-bit little-endian ELF file, or is cut off.
  case notELF
  /// It has no build ID.
  case noBuildID

  /// The error in words.
  public var description: String {
    switch self {
    case .notELF: "not a 64-bit ELF file, or cut off"
    case .noBuildID: "has no build ID; not a kernel of this kind"
    }
  }
}

extension UInt64 {
  /// A build ID as the kernel prints it.
  public var buildText: String {
    let digits = String(self, radix: 16)
    return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
  }
}
