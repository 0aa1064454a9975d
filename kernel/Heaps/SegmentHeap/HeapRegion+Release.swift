/// What a release came to: 0, or the raw value of the fault's kind. A code and not an error, so that
/// the short ways can end with tail calls.
typealias FaultCode = Int32

extension HeapRegion {
  /// As `free`, true for success.
  func release(_ payload: UInt) -> Bool { free(payload) == 0 }

  /// Frees the segment whose payload is at `payload`, a multiple of 16 within the region, merging it
  /// with free neighbours. Nothing is changed unless every word that this reads and follows agrees
  /// with its other end.
  ///
  /// ```
  /// [ left used ][ this ][ right used ]  =>  [ left used ][ free ][ right used  ]
  /// [ left free ][ this ][ right used ]  =>  [ ------ free ------ ][ right used ]
  /// [ left used ][ this ][ right free ]  =>  [ left used ][ ------- free ------- ]
  /// [ left free ][ this ][ right free ]  =>  [ ------------- free ------------- ]
  /// ```
  ///
  /// The first case is dealt with here. A header right of a segment in use does not say `leftFree`, and
  /// the end mark is not `usedPattern`, so that what ends the region goes another way.
  @inline(__always) func free(_ payload: UInt) -> FaultCode {
    let own = self.own(payload)
    guard own & SegmentHeader.flagMask == SegmentHeader.usedPattern else {
      return freeBesideLeft(payload, own)
    }
    let size = UInt(own &- SegmentHeader.usedPattern)
    let right = payload &+ size
    guard right <= control.end, left(right) == SegmentHeader.leftOf(used: own) else {
      return refusal(payload)
    }
    let rightOwn = self.own(right)
    guard rightOwn & SegmentHeader.flagMask == SegmentHeader.usedPattern else {
      return freeBesideRight(payload, right, rightOwn)
    }
    setOwn(payload, own &- SegmentHeader.used)
    setOwn(right, rightOwn &+ SegmentHeader.leftFree)
    countDeallocation(size)
    return keepInside(payload, size, then: 0)
  }

  @inline(__always) func countDeallocation(_ size: UInt) {
    countShrinking(size)
    control.deallocationCount &+= 1
  }

  /// The bytes in use fall by `size`. Only now a new peak is noted, which spares every allocation that.
  @inline(__always) func countShrinking(_ size: UInt) {
    var belowPeak = control.belowPeak
    if belowPeak < 0 {
      control.peakUsedBytes &-= UInt(bitPattern: belowPeak)
      belowPeak = 0
    }
    control.belowPeak = belowPeak &+ Int(bitPattern: size)
  }

  /// Why this payload is not freed.
  @inline(never) func refusal(_ payload: UInt) -> FaultCode {
    Int32((faultOf(address &+ payload)?.kind ?? .foreignPointer).rawValue)
  }
}
