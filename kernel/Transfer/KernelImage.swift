import Base

/// The header of an arm64 kernel image (Linux Documentation/arch/arm64/booting.rst, 4 "Call the kernel
/// image"), and behind it what Roost says about itself:
///
/// ```
///    0  code0, code1     │ 8  text_offset │ 16  image_size │ 24  flags │ 56  "ARM\x64"
///   64  "Roost\0\0\0"    │ 72  bytes of the file           │ 80  version, NUL
/// ```
public struct KernelImage: Equatable, Sendable {
  /// What is wrong with an image.
  public enum Fault: Error, Sendable {
    case tooShort, notArm64, bigEndian, noSize, longerThanItSays, cutOff, tooLarge, misplaced

    /// In words.
    public var description: StaticString {
      switch self {
      case .tooShort: "too short for a kernel image"
      case .notArm64: "not an arm64 kernel image: no \"ARM\\x64\" at offset 56"
      case .bigEndian: "a kernel image for big-endian processors"
      case .noSize: "a kernel image that does not say its size"
      case .longerThanItSays: "longer than its header says"
      case .cutOff: "cut off: shorter than it says"
      case .tooLarge: "a kernel image of more than 256 MiB"
      case .misplaced: "a kernel image whose place is not a multiple of 4 KiB"
      }
    }
  }

  /// Bytes of a file that are needed to judge it.
  public static var headerByteCount: Int { 112 }

  /// Where it is loaded, in bytes from the start of memory.
  public let loadAddress: UInt
  /// Bytes that it needs there, with what it clears itself.
  public let memoryByteCount: UInt
  /// Its version, up to a NUL; empty where it is not Roost.
  public private(set) var version = ShortText()

  /// True when it says that it is Roost.
  public var isRoost: Bool { version.count > 0 }

  /// Reads the header of a file of `byteCount` bytes; `byte` gives those before `headerByteCount`.
  public init(byteCount: UInt, byte: (Int) -> UInt8) throws(Fault) {
    guard byteCount >= 64 else { throw .tooShort }
    func number(_ offset: Int, _ count: Int) -> UInt {
      var value: UInt = 0
      var place = count - 1
      while place >= 0 {
        value = value << 8 | UInt(byte(offset + place))
        place -= 1
      }
      return value
    }
    guard number(56, 4) == 0x644d_5241 else { throw .notArm64 }
    guard number(24, 8) & 1 == 0 else { throw .bigEndian }
    memoryByteCount = number(16, 8)
    guard memoryByteCount > 0 else { throw .noSize }
    guard memoryByteCount <= 256 << 20 else { throw .tooLarge }
    guard byteCount <= memoryByteCount else { throw .longerThanItSays }
    // As QEMU and the Raspberry Pi firmware place it: an offset of 0 means the usual 0x200000, past the
    // firmware's own first page.
    let offset = number(8, 8)
    guard offset % 4096 == 0, offset <= 1 << 30 else { throw .misplaced }
    loadAddress = offset == 0 ? 0x20_0000 : offset
    guard byteCount >= UInt(Self.headerByteCount), number(64, 8) == 0x74_736f_6f52 else { return }
    guard number(72, 8) <= byteCount else { throw .cutOff }
    var place = 80
    while place < Self.headerByteCount, byte(place) != 0 {
      _ = version.append(byte(place))
      place += 1
    }
  }
}
