import Base

/// The tagged list that 32-bit boot loaders, and QEMU without `-dtb`, leave behind.
///
/// Each tag is a size in 32-bit words (itself included), a tag number and its data, all
/// little-endian; tag NONE ends the list. Source: Booting ARM Linux, "kernel tagged list".
public struct AtagList {
  /// Tag numbers.
  enum Tag {
    static var none: UInt32 { 0 }
    static var core: UInt32 { 0x5441_0001 }
    static var memory: UInt32 { 0x5441_0002 }
    static var initrd2: UInt32 { 0x5442_0005 }
    static var commandLine: UInt32 { 0x5441_0009 }
  }

  /// No list is longer than this, so an endless one comes to an end.
  static var maximumByteCount: Int { 16 << 10 }

  private let bytes: Bytes

  /// The list at the start of `memory`, which may go on past its end.
  ///
  /// - Parameter address: where the list lies, which must be a multiple of 4.
  public init(_ memory: Bytes, address: PhysicalAddress) throws(Refusal) {
    guard address.rawValue.isMultiple(of: 4) else { throw Refusal(.listMisaligned, at: 0) }
    bytes = memory.slice(from: 0, count: min(memory.count, Self.maximumByteCount)) ?? .empty
  }

  /// Reads the whole list. O(n) in its length.
  public func report() throws(Refusal) -> FirmwareReport {
    var report = FirmwareReport()
    var offset = 0
    while true {
      guard let words = bytes.littleEndian32(at: offset),
        let tag = bytes.littleEndian32(at: offset + 4)
      else { throw Refusal(.tagOutside, at: offset) }
      if offset == 0, tag != Tag.core { throw Refusal(.noCore, at: 0) }
      if tag == Tag.none { break }
      guard words >= 2 else { throw Refusal(.badTagSize, at: offset) }
      guard words <= UInt32(bytes.count / 4),
        let data = bytes.slice(from: offset + 8, count: Int(words) * 4 - 8)
      else { throw Refusal(.tagOutside, at: offset) }
      try read(tag, data, at: offset, into: &report)
      offset += 8 + data.count
    }
    report.byteCount = UInt(offset + 8)
    return report
  }

  private func read(
    _ tag: UInt32, _ data: Bytes, at offset: Int, into report: inout FirmwareReport
  ) throws(Refusal) {
    switch tag {
    case Tag.core:
      // Flags, page size and root device, or nothing at all.
      guard data.count == 0 || data.count == 12 else { throw Refusal(.badTagSize, at: offset) }
      guard offset == 0 else { throw Refusal(.secondCore, at: offset) }
    case Tag.memory:
      // Size before start, unlike INITRD2.
      let (size, start) = try twoWords(data, at: offset)
      let range = try PhysicalRange.checked(start: start, byteCount: size, at: offset)
      try report.addMemory(range, at: offset)
    case Tag.initrd2:
      let (start, size) = try twoWords(data, at: offset)
      report.initrd = try PhysicalRange.checked(start: start, byteCount: size, at: offset)
    case Tag.commandLine:
      guard let text = data.terminatedText() else { throw Refusal(.textUnterminated, at: offset) }
      report.commandLine = text
    default: break
    }
  }

  private func twoWords(_ data: Bytes, at offset: Int) throws(Refusal) -> (UInt64, UInt64) {
    guard data.count == 8, let first = data.littleEndian32(at: 0),
      let second = data.littleEndian32(at: 4)
    else { throw Refusal(.badTagSize, at: offset) }
    return (UInt64(first), UInt64(second))
  }
}
