import Foundation

/// Memory between pages that cannot be read or written, four GiB of them on either side: as far as
/// any 32-bit offset of a damaged heap reaches. So an access out of bounds ends the test run.
///
/// ```
/// | 4 GiB unreadable | ...filler | start ......... end | 4 GiB unreadable |
/// ```
@safe final class GuardedArena {
  private static let guardBytes = 1 << 32
  private static let fillerByte: UInt8 = 0xA5

  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int
  private let openStart: UInt
  let start: UInt
  let byteCount: Int
  var end: UInt { start + UInt(byteCount) }

  /// `byteCount` bytes that end at a page's end, and begin at one's start if they are a multiple.
  init(_ byteCount: Int, isFilled: Bool = true) {
    let openBytes = (byteCount + 4095) & ~4095
    mappedBytes = openBytes + 2 * Self.guardBytes
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let mapping = unsafe mmap(nil, mappedBytes, PROT_NONE, flags, -1, 0),
      unsafe mapping != MAP_FAILED,
      unsafe mprotect(mapping + Self.guardBytes, openBytes, PROT_READ | PROT_WRITE) == 0
    else { fatalError("no address space") }
    unsafe self.mapping = unsafe mapping
    openStart = UInt(bitPattern: mapping) + UInt(Self.guardBytes)
    start = openStart + UInt(openBytes - byteCount)
    self.byteCount = byteCount
    // What a heap finds in fresh memory is anything but zero.
    if isFilled { Raw.fill(start, byteCount, with: 0xD1) }
    Raw.fill(openStart, openBytes - byteCount, with: Self.fillerByte)
  }

  deinit { unsafe munmap(mapping, mappedBytes) }

  var memory: MemoryRange { MemoryRange(start: start, byteCount: byteCount) }

  func part(_ range: Range<Int>) -> MemoryRange {
    MemoryRange(start: start + UInt(range.lowerBound), byteCount: range.count)
  }

  /// Makes the whole pages of a range unreadable for the time of `body`: who reads there ends the test run.
  func closing<Result>(_ range: Range<UInt>, _ body: () -> Result) -> Result {
    let first = (range.lowerBound + 4095) & ~4095
    let count = Int((range.upperBound & ~4095) - first)
    let pages = unsafe Raw.pointer(first)
    guard unsafe mprotect(pages, count, PROT_NONE) == 0 else { fatalError("mprotect") }
    defer { unsafe mprotect(pages, count, PROT_READ | PROT_WRITE) }
    return body()
  }

  /// True when the bytes before `start` are as they were.
  var fillerIsIntact: Bool {
    var address = openStart
    while address < start {
      guard Bytes[address] == Self.fillerByte else { return false }
      address += 1
    }
    return true
  }
}

/// Words and blocks of bytes at addresses that the test owns.
enum Raw {
  static func pointer(_ address: UInt) -> UnsafeMutableRawPointer {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      fatalError("address 0")
    }
    return unsafe pointer
  }

  static func word(_ address: UInt) -> UInt32 {
    unsafe pointer(address).loadUnaligned(as: UInt32.self)
  }

  static func setWord(_ address: UInt, _ value: UInt32) {
    unsafe pointer(address).storeBytes(of: value, as: UInt32.self)
  }

  static func doubleWord(_ address: UInt) -> UInt64 {
    unsafe pointer(address).loadUnaligned(as: UInt64.self)
  }

  static func setDoubleWord(_ address: UInt, _ value: UInt64) {
    unsafe pointer(address).storeBytes(of: value, as: UInt64.self)
  }

  static func copy(from source: UInt, to target: UInt, count: Int) {
    unsafe _ = memmove(pointer(target), pointer(source), count)
  }

  static func fill(_ address: UInt, _ count: Int, with byte: UInt8) {
    unsafe _ = memset(pointer(address), Int32(byte), count)
  }

  static func areEqual(_ a: UInt, _ b: UInt, count: Int) -> Bool {
    unsafe memcmp(pointer(a), pointer(b), count) == 0
  }
}

/// A copy of some memory, to compare with it or to put it back.
final class MemoryCopy {
  private let copy: GuardedArena
  private let original: MemoryRange

  init(of range: MemoryRange) {
    original = range
    copy = GuardedArena(range.byteCount, isFilled: false)
    take()
  }

  func take() { Raw.copy(from: original.start, to: copy.start, count: original.byteCount) }

  func restore() { Raw.copy(from: copy.start, to: original.start, count: original.byteCount) }

  var isUnchanged: Bool { Raw.areEqual(original.start, copy.start, count: original.byteCount) }

  func isUnchanged(at address: UInt, count: Int) -> Bool {
    Raw.areEqual(address, copy.start + (address - original.start), count: count)
  }

  /// Where the memory differs, for a message.
  var firstChange: Int? {
    if isUnchanged { return nil }
    return (0..<UInt(original.byteCount)).first {
      Bytes[original.start + $0] != Bytes[copy.start + $0]
    }.map { Int($0) }
  }
}
