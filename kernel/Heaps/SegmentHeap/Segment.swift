/// One segment of a heap, as a walk finds it.
public struct Segment: Equatable, Sendable {
  /// Address of the payload, a multiple of `SegmentHeap.payloadAlignment`. The header is the eight bytes before it.
  public let payload: UInt
  /// Header and payload together, in bytes: a multiple of the same.
  public let byteCount: Int
  /// True when nobody owns the payload.
  public let isFree: Bool

  var address: Address { Address(payload) }
  var size: Size { Size(UInt(bitPattern: byteCount)) }
}

/// The segments of a heap in address order, region after region. A walk ends early at a header
/// that makes no sense, so it can be used in the report of a broken heap.
public struct SegmentWalk: Sequence, IteratorProtocol {
  private var region: HeapRegion?
  private var payload: Offset

  init(from first: HeapRegion) {
    region = first
    payload = first.control.first
  }

  /// The next segment; nil at the end, or where a header makes no sense. O(1).
  public mutating func next() -> Segment? {
    while let region {
      if payload < region.control.end {
        let sizeWord = region.sizeWord(payload)
        let bytes = SegmentHeader.size(sizeWord)
        guard bytes != .zero, bytes <= region.control.end &- payload else {
          self.region = nil
          return nil
        }
        let segment = Segment(
          payload: (region.address &+ payload).bits, byteCount: bytes.signed,
          isFree: sizeWord & SegmentHeader.used == 0)
        payload = payload &+ bytes
        return segment
      }
      self.region = region.next
      if let next = self.region { payload = next.control.first }
    }
    return nil
  }
}

extension SegmentHeap {
  /// Every segment, free or in use.
  public var segments: SegmentWalk { SegmentWalk(from: first) }

  /// The segment with this payload; nil when none begins there, which its header and those of both
  /// neighbours say. So a listing can go on where it left off. O(regions).
  public func segment(at payload: UInt) -> Segment? {
    guard let region = region(holding: Address(payload)) else { return nil }
    return region.comparedSegment(at: Address(payload) &- region.address)
  }

  /// The segment after the one with this payload, in the next region at the end of one; the first of all
  /// for 0. Nil at the end of the last, or when `payload` is no segment's. O(regions).
  public func segment(after payload: UInt) -> Segment? {
    guard payload != 0 else { return first.segment(at: first.control.first) }
    guard let region = region(holding: Address(payload)), segment(at: payload) != nil else {
      return nil
    }
    if let right = segment(rightOf: payload) { return right }
    guard let next = region.next else { return nil }
    return next.segment(at: next.control.first)
  }

  /// The segment to the right of the one with this payload; nil at the end of its region or when
  /// `payload` is no segment's. Constant time.
  public func segment(rightOf payload: UInt) -> Segment? {
    guard let region = region(holding: Address(payload)) else { return nil }
    let offset = Address(payload) &- region.address
    let right = offset &+ SegmentHeader.size(region.sizeWord(offset))
    return region.segment(at: right)
  }

  /// The segment to the left of the one with this payload; nil at the start of its region or when
  /// `payload` is no segment's. Constant time.
  public func segment(leftOf payload: UInt) -> Segment? {
    guard let region = region(holding: Address(payload)) else { return nil }
    let offset = Address(payload) &- region.address
    guard offset != region.control.first else { return nil }
    return region.segment(at: offset &- region.leftBytes(offset))
  }

  /// Counters and sizes of all regions. O(segments).
  public var statistics: HeapStatistics {
    var result = HeapStatistics()
    var next: HeapRegion? = first
    while let region = next {
      let control = region.control
      // A damaged counter must not stop the program that wants to report it.
      result.capacityBytes &+= control.regionBytes.signed
      result.usedBytes &+= control.usedBytes.signed
      result.allocationCount &+= Int(bitPattern: control.allocationCount)
      result.deallocationCount &+= Int(bitPattern: control.deallocationCount)
      result.failureCount &+= Int(bitPattern: control.failureCount)
      next = region.next
    }
    result.peakUsedBytes =
      max(first.control.mostUsedBytes, first.control.peakOfAllRegions).signed
    result.liveCount = result.allocationCount &- result.deallocationCount
    if isDebugging {
      countQuarantine(in: &result)
      return result
    }
    for segment in segments where segment.isFree {
      result.freeBytes &+= segment.byteCount
      result.freeSegmentCount &+= 1
      result.largestFreeSegmentBytes = max(result.largestFreeSegmentBytes, segment.byteCount)
    }
    result.largestFreeBytes = max(
      0, result.largestFreeSegmentBytes &- SegmentHeader.byteCount.signed)
    return result
  }
}

extension HeapRegion {
  /// The segment at `payload` where its header agrees with those of both neighbours.
  fileprivate func comparedSegment(at payload: Offset) -> Segment? {
    guard isPayload(payload) else { return nil }
    let leftBytes = leftBytes(payload)
    guard let segment = validSegment(at: payload, leftBytes) else { return nil }
    guard payload != control.first else { return segment }
    guard leftBytes <= payload &- control.first,
      SegmentHeader.size(sizeWord(payload &- leftBytes)) == leftBytes
    else { return nil }
    return segment
  }

  func segment(at payload: Offset) -> Segment? {
    guard isPayload(payload) else { return nil }
    let sizeWord = sizeWord(payload)
    return Segment(
      payload: (address &+ payload).bits, byteCount: SegmentHeader.size(sizeWord).signed,
      isFree: sizeWord & SegmentHeader.used == 0)
  }
}
