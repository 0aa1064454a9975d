import Glibc
import Handoff

/// Memory between two pages that nobody may touch: a read one byte outside ends the test run.
@safe final class FencedMemory {
  private static let pageByteCount = 4096
  private let mapping: UnsafeMutableRawPointer
  private let byteCount: Int

  init(byteCount: Int = 64 << 10) {
    let pages = (byteCount + Self.pageByteCount - 1) / Self.pageByteCount
    self.byteCount = pages * Self.pageByteCount
    let total = self.byteCount + 2 * Self.pageByteCount
    guard let memory = unsafe mmap(nil, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      unsafe memory != MAP_FAILED,
      unsafe mprotect(memory + Self.pageByteCount, self.byteCount, PROT_READ | PROT_WRITE) == 0
    else { fatalError("no fenced memory") }
    unsafe mapping = memory
  }

  deinit { unsafe munmap(mapping, byteCount + 2 * Self.pageByteCount) }

  /// Copies `bytes` so that the last one is the last before the fence; the first one's address.
  func put(_ bytes: [UInt8]) -> UInt {
    let start = unsafe mapping + Self.pageByteCount + byteCount - bytes.count
    unsafe bytes.withUnsafeBytes { source in
      if let from = source.baseAddress {
        unsafe start.copyMemory(from: from, byteCount: bytes.count)
      }
    }
    return UInt(bitPattern: start)
  }

  /// A view of `bytes` right before the fence, for as long as `body` runs.
  static func with<Result>(_ bytes: [UInt8], _ body: (Bytes) throws -> Result) rethrows -> Result {
    let memory = FencedMemory(byteCount: max(bytes.count, 1))
    defer { withExtendedLifetime(memory) {} }
    let view = unsafe Bytes(unsafeAddress: memory.put(bytes), count: UInt(bytes.count))
    return try body(view)
  }
}
