/// Ranges of memory in ascending order, none of which meets another: what touches or overlaps is one
/// range. So memory that a firmware names in banks can hold something that lies across two of them.
///
/// ```
///   add   [ bank 0 )[ bank 1 )     [ bank 2 )
///   is    [ ------ one ------ )     [ two --- )
/// ```
public struct MemoryRanges: Equatable, Sendable {
  private var list = FixedList<16, PhysicalRange>()

  /// No memory.
  public init() {}

  /// The memory of `range` alone.
  public init(_ range: PhysicalRange) { add(range) }

  /// Adds `range`; an empty one changes nothing. False, and no change, when there would be more than
  /// 16 ranges that do not meet: a Pi 4 has 4. O(n).
  @discardableResult public mutating func add(_ range: PhysicalRange) -> Bool {
    if range.isEmpty { return true }
    var whole = range
    for other in list where other.start <= whole.end && whole.start <= other.end {
      whole = whole.hull(with: other)
    }
    var result = FixedList<16, PhysicalRange>()
    for other in list where other.end < whole.start { result.append(other) }
    var fits = result.append(whole)
    for other in list where other.start > whole.end { fits = result.append(other) && fits }
    if fits { list = result }
    return fits
  }

  /// The bytes that are in `self` and in `other`; what finds no room is left out. O(n * m).
  public func intersection(_ other: MemoryRanges) -> MemoryRanges {
    var result = MemoryRanges()
    for range in list {
      for place in other { result.add(range.intersection(place)) }
    }
    return result
  }

  /// The bytes of `self` that are in `range`.
  public func intersection(_ range: PhysicalRange) -> MemoryRanges {
    intersection(MemoryRanges(range))
  }

  /// All bytes of all ranges. (They do not overlap, so the sum fits.)
  public var byteCount: UInt { list.reduce(0) { $0 &+ $1.byteCount } }

  /// From the lowest start to the highest end.
  public var span: PhysicalRange {
    guard let first = list.first, let last = list.last else { return .none }
    return PhysicalRange(from: first.start, to: last.end)
  }

  /// True when one of the ranges holds every byte of `range`.
  public func contains(_ range: PhysicalRange) -> Bool {
    list.contains { $0.contains(range) }
  }

  /// True when both are the same bytes.
  public static func == (a: Self, b: Self) -> Bool { a.list.elementsEqual(b.list) }
}

extension MemoryRanges: RandomAccessCollection {
  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of ranges.
  public var endIndex: Int { list.endIndex }
  /// The range at `index`, which is below `count`.
  public subscript(index: Int) -> PhysicalRange { list[index] }
}

/// Where a board can have memory, and which part of it the mailbox tells of.
public struct MemoryPlaces: Sendable {
  /// Where memory can be: not where devices are.
  public let places: MemoryRanges
  /// What the mailbox's "get ARM memory" tells of. The VideoCore addresses 1 GiB, and so its answer
  /// says nothing of what a Pi 4 has above that (firmware issue 1191).
  public let mailboxReach: PhysicalRange

  /// Memory in `places`, of which the mailbox knows what is in `mailboxReach`.
  public init(_ places: MemoryRanges, mailboxReach: PhysicalRange) {
    self.places = places
    self.mailboxReach = mailboxReach
  }

  /// Nothing known: memory may be anywhere, and the mailbox tells of all of it.
  public static var anywhere: MemoryPlaces {
    MemoryPlaces(MemoryRanges(.everything), mailboxReach: .everything)
  }

  /// Where memory can be once the mailbox has said what it knows.
  public func bounded(by mailbox: MemoryRanges) -> MemoryRanges {
    var result = mailbox
    let above = PhysicalRange(from: mailboxReach.end, to: PhysicalAddress(UInt.max))
    for range in places.intersection(above) { result.add(range) }
    return result
  }
}
