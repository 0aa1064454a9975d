/// The ranges of memory that a small heap was given, in the order they came. At most eight, kept in
/// the heap itself, so that nothing written past a payload can reach them.
struct HeapRegions {
  static let capacity = 8
  /// The largest region: what distances in 32 bits count in units of 16 bytes, or all that there can be.
  #if _pointerBitWidth(_32)
    static let largestByteCount = UInt.max
  #else
    static let largestByteCount: UInt = 1 << 36
  #endif

  struct Region: Equatable {
    var start: UInt
    var end: UInt
  }

  private(set) var count = 0
  private var regions = InlineArray<8, Region>(repeating: Region(start: 0, end: 0))

  subscript(index: Int) -> Region {
    get { regions[index] }
    set { regions[index] = newValue }
  }

  /// Takes the whole 16-byte units of `memory` as the last region, and returns its number; nil when
  /// they are fewer than two (a header and a payload), overlap a region or are too large, or when
  /// eight regions are there.
  mutating func add(_ memory: UnsafeMutableRawBufferPointer) -> Int? {
    guard count < Self.capacity, let region = unsafe Self.wholeUnits(of: memory) else { return nil }
    for index in 0..<count where region.start < self[index].end && self[index].start < region.end {
      return nil
    }
    self[count] = region
    count += 1
    return count - 1
  }

  /// The number of the region that holds `address`.
  func index(holding address: UInt) -> Int? {
    for index in 0..<count where self[index].start <= address && address < self[index].end {
      return index
    }
    return nil
  }

  /// The region with the lowest address at or above `address`.
  func first(from address: UInt) -> Region? {
    var best: Region?
    for index in 0..<count where self[index].start >= address {
      if best.map({ self[index].start < $0.start }) ?? true { best = self[index] }
    }
    return best
  }

  var byteCount: UInt {
    var sum: UInt = 0
    for index in 0..<count { sum &+= self[index].end &- self[index].start }
    return sum
  }

  private static func wholeUnits(of memory: UnsafeMutableRawBufferPointer) -> Region? {
    let first = UInt(bitPattern: memory.baseAddress)
    let (past, overflow) = first.addingReportingOverflow(UInt(memory.count))
    guard first != 0, !overflow, let start = first.roundedUp(to: PayloadRequest.unit) else {
      return nil
    }
    let end = past.roundedDown(to: PayloadRequest.unit)
    guard start < end, end - start >= 2 * PayloadRequest.unit, end - start <= largestByteCount
    else { return nil }
    return Region(start: start, end: end)
  }
}
