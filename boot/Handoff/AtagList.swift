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
  private let address: PhysicalAddress

  /// The list at the start of `memory`, which may go on past its end.
  ///
  /// - Parameter address: where the list lies, which must be a multiple of 4.
  public init(_ memory: Bytes, address: PhysicalAddress) {
    bytes = memory.slice(from: 0, count: min(memory.count, Self.maximumByteCount)) ?? .empty
    self.address = address
  }

  /// Reads the whole list. O(n) in its length.
  public func report() -> FirmwareReport {
    var report = FirmwareReport(from: .atags)
    do throws(FirmwareError) {
      try walk(&report)
    } catch {
      report.refuse(error)
    }
    return report
  }

  private func walk(_ report: inout FirmwareReport) throws(FirmwareError) {
    guard address.rawValue.isMultiple(of: 4) else { throw FirmwareError(.listMisaligned, at: 0) }
    var offset = 0
    while true {
      guard let words = bytes.littleEndian32(at: offset),
        let tag = bytes.littleEndian32(at: offset + 4)
      else { throw FirmwareError(.tagOutside, at: offset) }
      if offset == 0, tag != Tag.core { throw FirmwareError(.noCore, at: 0) }
      if tag == Tag.none { break }
      guard words >= 2 else { throw FirmwareError(.sizeTooSmall, at: offset) }
      guard words <= UInt32(bytes.count / 4),
        let data = bytes.slice(from: offset + 8, count: Int(words) * 4 - 8)
      else { throw FirmwareError(.tagOutside, at: offset) }
      do throws(FirmwareError) {
        try read(tag, data, at: offset, into: &report)
      } catch {
        report.note(error)
      }
      offset += 8 + data.count
    }
    report.byteCount = UInt(offset + 8)
  }

  private func read(
    _ tag: UInt32, _ data: Bytes, at offset: Int, into report: inout FirmwareReport
  ) throws(FirmwareError) {
    switch tag {
    case Tag.core:
      // Flags, page size and root device, or nothing at all; none of it is used.
      guard data.count == 0 || data.count == 12 else {
        throw FirmwareError(.badTagSize, at: offset)
      }
      guard offset == 0 else { throw FirmwareError(.secondCore, at: offset) }
    case Tag.memory:
      // Size before start, unlike INITRD2.
      let (size, start) = try twoWords(data, at: offset)
      report.addMemory(start: start, byteCount: size, in: .empty, at: offset)
    case Tag.initrd2:
      let (start, size) = try twoWords(data, at: offset)
      report.initrd = try PhysicalRange.checked(start: start, byteCount: size, at: offset)
    case Tag.commandLine:
      guard let text = data.terminatedText() else {
        throw FirmwareError(.textUnterminated, at: offset)
      }
      report.commandLine = text
    default: break
    }
  }

  private func twoWords(_ data: Bytes, at offset: Int) throws(FirmwareError) -> (UInt64, UInt64) {
    guard data.count == 8, let first = data.littleEndian32(at: 0),
      let second = data.littleEndian32(at: 4)
    else { throw FirmwareError(.badTagSize, at: offset) }
    return (UInt64(first), UInt64(second))
  }
}
