import Base

/// Pixels of 32 bits that the VideoCore shows.
public struct Framebuffer: Equatable, Sendable {
  /// The bytes, as the ARM addresses them.
  public let range: PhysicalRange
  /// Pixels in a row.
  public let width: UInt
  /// Rows.
  public let height: UInt
  /// Bytes from a row to the next.
  public let pitch: UInt
  /// True when a pixel's first byte is its red; else its blue.
  public let startsWithRed: Bool
}

/// A display's size in pixels.
public struct DisplaySize: Equatable, Sendable {
  /// Pixels in a row.
  public let width: UInt
  /// Rows.
  public let height: UInt

  /// `width` by `height` pixels.
  public init(width: UInt, height: UInt) {
    self.width = width
    self.height = height
  }

  /// The size that the kernel asks for: whole cells of text, so that rows begin at a multiple of 32 bytes.
  public var wholeCells: DisplaySize { DisplaySize(width: width & ~7, height: height) }

  /// True from 320 x 200 to 4096 x 4096.
  public var isCredible: Bool { 320...4096 ~= width && 200...4096 ~= height }
}

/// Why there is no framebuffer.
public enum FramebufferError: Error, Equatable, Sendable {
  /// The firmware did not answer.
  case mailbox(MailboxError)
  /// It gives no memory.
  case noMemory
  /// The display's size is none that a display has.
  case absurdSize
  /// Not 32 bits a pixel.
  case wrongDepth
  /// Rows shorter than their pixels, or not at multiples of 8.
  case wrongPitch
  /// Less memory than the rows take.
  case tooSmall
  /// The memory is not what the VideoCore has.
  case foreignMemory

  /// The error in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .mailbox(let error): error.description
    case .noMemory: "firmware gave no memory"
    case .absurdSize: "no display has such a size"
    case .wrongDepth: "firmware gave other than 32 bits a pixel"
    case .wrongPitch: "rows are shorter than their pixels, or unaligned"
    case .tooSmall: "memory is too small for the picture"
    case .foreignMemory: "memory is not the VideoCore's"
    }
  }
}

/// Word offsets of a request with all that makes a framebuffer: the firmware sets it up once, when it has
/// seen all tags, so that it never shows a half-made one.
/// ```
/// 2  physical size   w, h        20  pixel order     0 BGR
/// 7  virtual size    w, h        24  allocate        alignment -> address, bytes
/// 12 virtual offset  0, 0        29  pitch           -> bytes
/// 17 depth           32 (three words of tag before each value)
/// ```
private enum Request {
  static var physicalSize: UInt { 2 }
  static var virtualSize: UInt { 7 }
  static var virtualOffset: UInt { 12 }
  static var depth: UInt { 17 }
  static var order: UInt { 21 }
  static var allocate: UInt { 25 }
  static var pitch: UInt { 30 }
  static var end: UInt { 34 }
}

extension Mailbox {
  /// The size of the display; nil when there is none.
  ///
  /// - Throws: that no display has such a size.
  public func displaySize() throws(FramebufferError) -> DisplaySize? {
    do throws(MailboxError) {
      try ask(.physicalDisplaySize)
    } catch {
      throw .mailbox(error)
    }
    let size = DisplaySize(width: UInt(answer(word: 0)), height: UInt(answer(word: 1)))
    if size.width == 0 || size.height == 0 { return nil }
    guard size.isCredible else { throw .absurdSize }
    return size
  }

  /// Asks for a picture of `size`, 32 bits a pixel. The firmware may give another size.
  public func makeFramebuffer(_ size: DisplaySize) throws(FramebufferError) -> Framebuffer {
    let (width, height) = (UInt32(size.width), UInt32(size.height))
    writeTag(0x0004_8003, at: Request.physicalSize, width, height)
    writeTag(0x0004_8004, at: Request.virtualSize, width, height)
    writeTag(0x0004_8009, at: Request.virtualOffset, 0, 0)
    writeTag(0x0004_8005, at: Request.depth, 32)
    writeTag(0x0004_8006, at: Request.order, 0)
    writeTag(0x0004_0001, at: Request.allocate, UInt32(PageFrame.byteCount), 0)
    writeTag(0x0004_0008, at: Request.pitch, 0)
    buffer.store(UInt32(Request.end + 1) * 4, to: 0)
    buffer.store(0, to: 4)
    buffer.store(0, to: Request.end * 4)
    do throws(MailboxError) {
      try send()
    } catch {
      throw .mailbox(error)
    }
    return try readFramebuffer()
  }

  private func writeTag(
    _ identifier: UInt32, at word: UInt, _ value: UInt32, _ second: UInt32? = nil
  ) {
    buffer.store(identifier, to: word * 4)
    buffer.store(second == nil ? 4 : 8, to: word * 4 + 4)
    buffer.store(0, to: word * 4 + 8)
    buffer.store(value, to: word * 4 + 12)
    if let second { buffer.store(second, to: word * 4 + 16) }
  }

  private func value(_ tag: UInt, _ index: UInt = 0) -> UInt {
    UInt(buffer.load((tag + 3 + index) * 4))
  }

  /// The answer, believed only where its parts fit each other.
  private func readFramebuffer() throws(FramebufferError) -> Framebuffer {
    let size = DisplaySize(
      width: value(Request.physicalSize), height: value(Request.physicalSize, 1))
    let start = MailboxBuffer.physicalAddress(of: UInt32(value(Request.allocate)))
    let byteCount = value(Request.allocate, 1)
    let pitch = value(Request.pitch)
    guard size.isCredible, size.width % 2 == 0 else { throw .absurdSize }
    guard value(Request.depth) == 32 else { throw .wrongDepth }
    guard start.rawValue > 0, byteCount > 0 else { throw .noMemory }
    guard pitch >= size.width * 4, pitch % 8 == 0, pitch <= 1 << 16 else { throw .wrongPitch }
    guard byteCount >= pitch * size.height else { throw .tooSmall }
    guard start.rawValue % 16 == 0,
      let range = PhysicalRange(start: start, byteCount: pitch * size.height)
    else { throw .foreignMemory }
    return Framebuffer(
      range: range, width: size.width, height: size.height, pitch: pitch,
      startsWithRed: value(Request.order) == 1)
  }
}
