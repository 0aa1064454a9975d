/// The heads of the lists of free runs. List c holds the runs of 2^c to 2^(c+1) - 1 frames, the one
/// freed last in front.
struct FreeRunLists {
  static let count = 27

  private(set) var heads = InlineArray<27, UInt32>(repeating: UInt32(PageRecord.none))
  /// Bit c is set when list c is not empty.
  private(set) var nonEmpty: UInt32 = 0
  /// All runs in all lists.
  var runCount: UInt = 0

  /// The list for runs of `length` frames (at least 1).
  static func index(forLength length: UInt) -> Int {
    min(count - 1, UInt.bitWidth - 1 - length.leadingZeroBitCount)
  }

  /// The first list all of whose runs have `length` frames or more; `count` where there is none.
  static func indexOfSureFit(forLength length: UInt) -> Int {
    min(count, UInt.bitWidth - (length &- 1).leadingZeroBitCount)
  }

  /// The first list from `index` on that is not empty.
  func firstNonEmpty(from index: Int) -> Int? {
    let rest = (UInt64(nonEmpty) >> UInt64(index)) << UInt64(index)
    return rest == 0 ? nil : rest.trailingZeroBitCount
  }

  func head(_ index: Int) -> UInt { UInt(heads[index]) }

  mutating func setHead(_ index: Int, to frame: UInt) {
    heads[index] = UInt32(truncatingIfNeeded: frame)
    let bit = UInt32(1) << UInt32(index)
    nonEmpty = frame == PageRecord.none ? nonEmpty & ~bit : nonEmpty | bit
  }

  /// True when the bitmap says of each list what its head says.
  var isConsistent: Bool {
    for index in 0..<Self.count {
      let isEmpty = head(index) == PageRecord.none
      if isEmpty == (nonEmpty >> UInt32(index) & 1 == 1) { return false }
    }
    return nonEmpty >> UInt32(Self.count) == 0
  }
}
