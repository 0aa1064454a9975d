import Base
import Handoff
import Heaps
import Sync

/// The heap as reports and listings see it: its segments one after another, and its numbers.
extension KernelHeap {
  /// Calls `body` with each segment, free or in use, in address order. The lock is held for a few segments at
  /// a time and never for `body`, so that a slow port keeps no core waiting and loses no byte: what changes
  /// meanwhile may be seen or not.
  ///
  /// Each part begins behind the last segment in use of the one before. Where that was freed meanwhile the
  /// search for the place begins at the first segment, no more than `KernelState.listingLimit` at a time.
  static func forEachSegment(_ body: (Segment) -> Void) {
    var listing = SegmentListing()
    while !listing.isAtEnd { forNextSegments(of: &listing, body) }
  }

  /// Calls `body` with the next 32 segments of `listing` at most, as `forEachSegment` does.
  static func forNextSegments(of listing: inout SegmentListing, _ body: (Segment) -> Void) {
    var part = FixedList<32, Segment>()
    Locks.heap.withLock { listing.goOn(&part) }
    for segment in part { body(segment) }
  }

  /// How far a listing of the segments has come. 0 is before the first.
  struct SegmentListing {
    fileprivate(set) var isAtEnd = false
    /// The payload of the last segment that was listed.
    private var last: UInt = 0
    /// A segment in use to begin behind.
    private var place: UInt = 0

    /// Puts the next segments into `part`, until that is full. The caller holds the heap's lock.
    fileprivate mutating func goOn(_ part: inout FixedList<32, Segment>) {
      if place != 0, !KernelHeap.isUsedSegment(place) { place = 0 }
      var payload = place
      for _ in 0..<KernelState.listingLimit where part.count < 32 {
        guard let segment = KernelHeap.segment(after: payload) else { return isAtEnd = true }
        payload = segment.payload
        if !segment.isFree { place = payload }
        if payload > last {
          part.append(segment)
          last = payload
        }
      }
    }
  }

  private static func isUsedSegment(_ payload: UInt) -> Bool {
    unsafe (bestFit?.segment(at: payload) ?? firstFit?.usedSegment(at: payload))?.isFree == false
  }

  /// True for a payload that its owner has not freed. The bump allocator knows none.
  static func isLive(_ payload: UInt) -> Bool {
    Locks.heap.withLock {
      if guardedByteCount(at: payload) != nil { return true }
      guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: payload) else { return false }
      return unsafe bestFit?.usableSizeOrNil(of: pointer) != nil
        || firstFit?.usedSegment(at: payload) != nil
    }
  }

  private static func segment(after payload: UInt) -> Segment? {
    unsafe bestFit?.segment(after: payload) ?? firstFit?.segment(after: payload)
  }

  /// The bytes in front of each payload.
  static var headerByteCount: UInt {
    switch unsafe inUse {
    case .firstFit, .bump: 16
    default: 8
    }
  }

  /// False for the bump allocator, which counts what it is given back and does no more.
  static var reusesMemory: Bool { unsafe inUse != .bump }

  /// The heap in numbers; nil before it is started. May walk all segments.
  static var statistics: HeapStatistics? { Locks.heap.withLock { statisticsInReport } }

  /// `statistics` without the lock, for reports: the other cores are stopped, and one may hold it.
  static var statisticsInReport: HeapStatistics? {
    let found: HeapStatistics? =
      switch unsafe inUse {
      case .bestFit: unsafe bestFit?.statistics
      case .firstFit: unsafe firstFit?.statistics
      case .bump: unsafe bump?.statistics
      case nil: nil
      }
    guard var result = found else { return nil }
    addGuarded(to: &result)
    return result
  }
}
