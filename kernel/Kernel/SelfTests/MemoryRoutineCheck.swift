import CShims

/// `bzero`, `memset`, `memcpy`, `memmove` and `memcmp` against their definitions, byte by byte: every
/// small size at every alignment, and sizes that reach the fast paths. The bytes around each range
/// must keep their pattern.
@safe struct MemoryRoutineCheck {
  private let memory: UnsafeMutablePointer<UInt8>
  private let count: Int

  /// The largest range, with room before and behind it and for a second one.
  static var byteCount: Int { 2 * (largest + 256) }
  private static var largest: Int { 4099 }
  private static var half: Int { byteCount / 2 }

  /// - Precondition: `memory` is `byteCount` bytes, 64-byte aligned, nobody else's.
  @unsafe init(memory: UnsafeMutableRawPointer) {
    unsafe self.memory = memory.assumingMemoryBound(to: UInt8.self)
    count = Self.byteCount
  }

  /// Runs every case; which routine fails first, or nil.
  func run() -> StaticString? {
    if !setsBytes() { return "memset is wrong" }
    if !clearsBytes() { return "bzero is wrong" }
    if !copiesBytes() { return "memcpy is wrong" }
    if !movesBytes() { return "memmove is wrong" }
    if !comparesBytes() { return "memcmp is wrong" }
    return nil
  }
}

// MARK: - The bytes

extension MemoryRoutineCheck {
  /// What lies at `offset` before a call: no two neighbours, words or blocks alike.
  private func pattern(_ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: offset &* 167 &+ (offset >> 8) &* 59 &+ 1)
  }

  private func fill(_ range: Range<Int>) {
    for offset in range { unsafe memory[offset] = pattern(offset) }
  }

  private func at(_ offset: Int) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(memory + offset)
  }

  /// Runs `body` on `range` over fresh patterns: afterwards its bytes must be what `expected` says,
  /// and some on either side as they were.
  private func check(
    _ range: Range<Int>, _ body: () -> Void, expected: (Int) -> UInt8
  ) -> Bool {
    let margin = range.count < 127 ? 16 : 72  // a dc zva too many writes 64 bytes
    let around = max(0, range.lowerBound - margin)..<min(count, range.upperBound + margin)
    fill(around)
    body()
    for offset in around {
      let right = range.contains(offset) ? expected(offset) : pattern(offset)
      if unsafe memory[offset] != right { return false }
    }
    return true
  }
}

// MARK: - The routines

extension MemoryRoutineCheck {
  /// Sizes around the block that `dc zva` clears (64 bytes on a Cortex-A53) and far above.
  private static var largeSizes: InlineArray<11, Int> {
    [127, 128, 191, 255, 256, 257, 300, 320, 383, 511, 4099]
  }

  /// Calls `body` with a start and a size for every small size at each of `alignments`, and some
  /// large ones.
  private func forEachRange(alignments: Int, _ body: (Int, Int) -> Bool) -> Bool {
    for alignment in 0..<alignments {
      for size in 0...72 where !body(72 + alignment, size) { return false }
    }
    for index in 0..<11 {
      let size = Self.largeSizes[index]
      for alignment in 0..<3 where !body(72 + alignment * 28, size) { return false }
    }
    return true
  }

  private func setsBytes() -> Bool {
    return forEachRange(alignments: 16) { start, size in
      check(start..<start + size) {
        _ = unsafe memset(at(start), 0x1a5, size)
      } expected: { _ in
        0xa5
      }
    }
  }

  private func clearsBytes() -> Bool {
    return forEachRange(alignments: 16) { start, size in
      check(start..<start + size) {
        unsafe bzero(at(start), size)
      } expected: { _ in
        0
      }
    }
  }

  private func copiesBytes() -> Bool {
    let source = Self.half
    for shift in 0..<8 {
      let from = source + shift
      fill(source..<source + Self.largest + 8)
      let isRight = forEachRange(alignments: 8) { start, size in
        check(start..<start + size) {
          _ = unsafe memcpy(at(start), at(from), size)
        } expected: {
          pattern($0 - start + from)
        }
      }
      if !isRight { return false }
    }
    return true
  }

  private func movesBytes() -> Bool {
    for distance in -20...20 {
      for size in [0, 1, 7, 8, 9, 16, 31, 64, 100, 515] {
        for start in 96..<104 {
          let to = start + distance
          let isRight = check(to..<to + size) {
            fill(0..<1024)
            _ = unsafe memmove(at(to), at(start), size)
          } expected: {
            pattern($0 - distance)
          }
          if !isRight { return false }
        }
      }
    }
    return true
  }

  private func comparesBytes() -> Bool {
    for first in 0..<9 {
      for second in 0..<9 {
        for size in 0...40 where !compares(64 + first, 1024 + second, size) { return false }
      }
    }
    return true
  }

  /// Equal ranges compare equal whatever follows them, and each byte that differs decides by its value.
  private func compares(_ a: Int, _ b: Int, _ size: Int) -> Bool {
    for offset in 0...size {
      unsafe memory[a + offset] = pattern(offset)
      unsafe memory[b + offset] = pattern(offset)
    }
    unsafe memory[a + size] = 1
    unsafe memory[b + size] = 2
    if unsafe memcmp(at(a), at(b), size) != 0 { return false }
    for offset in stride(from: 0, to: size, by: 3) {
      let kept = unsafe memory[a + offset]
      unsafe memory[a + offset] = kept &+ 0x81
      let isAbove = kept &+ 0x81 > kept
      let difference = unsafe memcmp(at(a), at(b), size)
      let opposite = unsafe memcmp(at(b), at(a), size)
      unsafe memory[a + offset] = kept
      if (difference > 0) != isAbove || (opposite < 0) != isAbove || difference == 0 {
        return false
      }
    }
    return true
  }
}
