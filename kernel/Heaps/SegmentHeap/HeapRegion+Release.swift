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
    let bytes = own &- SegmentHeader.usedPattern
    guard bytes & SegmentHeader.flagMask == 0 else { return freeBesideLeft(payload, own) }
    let size = UInt(bytes)
    let right = payload &+ size
    guard right <= control.end, left(right) == leftWord(ofUsed: own) else {
      return refusal(payload)
    }
    guard flags(right) == SegmentHeader.usedPattern else {
      return freeBesideRight(payload, right, self.own(right))
    }
    notePeak()
    setOwn(payload, own &- SegmentHeader.used)
    setOwn(right, self.own(right) | SegmentHeader.leftFree)
    countDeallocation(size)
    return keepInside(payload, size, then: 0)
  }

  @inline(__always) func countDeallocation(_ size: UInt) {
    control.belowPeak &+= Int(bitPattern: size)
    control.deallocationCount &+= 1
  }

  /// Notes a new peak, before the bytes in use fall. Only what lets them fall does this, which spares every
  /// allocation it; and before it writes headers, so that the count itself is one instruction.
  @inline(__always) func notePeak() {
    guard isAtPeak else { return }
    control.peakUsedBytes &-= UInt(bitPattern: control.belowPeak)
    control.belowPeak = 0
  }

  /// Why this payload is not freed. Where no header says what it is, a walk over the segments does.
  @inline(never) func refusal(_ payload: UInt) -> FaultCode {
    let kind = refusalKind(payload)
    guard kind == .interiorPointer, let fault = faultOf(address &+ payload) else {
      return Int32(kind.rawValue)
    }
    return Int32(fault.kind.rawValue)
  }
}
