/// What a heap needs behind an interface in another language: to be one pointer, and to remember
/// why it refused a call that has no other way to say so.
extension SegmentHeap {
  /// An address in the control block of the first region. It is all there is to a heap.
  public var controlBlock: UnsafeMutableRawPointer { unsafe first.base }

  /// The heap whose `controlBlock` this is.
  ///
  /// - Precondition: `controlBlock` came from a heap's `controlBlock`, and its memory is as the heap
  ///   left it. Nothing here can prove that.
  @inline(__always) public init(controlBlock: UnsafeMutableRawPointer) {
    unsafe self.init(first: HeapRegion(base: controlBlock))
  }

  /// True when the control blocks say of the regions what they said when these were added. A step for
  /// each region.
  public var isControlValid: Bool {
    var next: HeapRegion? = first
    while let region = next {
      guard region.isChecksumValid else { return false }
      next = region.next
    }
    return true
  }

  /// From now on `deallocateOrRefuse` walks over the segments where only that tells what a wrong pointer is, since
  /// nobody asks again who gets a code.
  public func answerInCodes() {
    first.control.answersInCodes = 1
    first.updateChecksum()
  }

  /// Remembers why a call was refused, for `takeRefusal()`; a later lack of memory supersedes it.
  public func noteRefusal(_ kind: HeapFault.Kind) { first.noteRefusal(UInt(kind.rawValue)) }

  /// Why the last refused call was refused, or what damage an allocation met; nil when it was for
  /// want of memory. Reading forgets it.
  public func takeRefusal() -> HeapFault.Kind? {
    if let fault = takeNotedFault() { return fault.kind }
    return HeapFault.Kind(rawValue: UInt8(truncatingIfNeeded: first.takeRefusal()))
  }
}

extension HeapRegion {
  /// The byte of `faultKind` for damage met by an allocation; the next is for refused calls.
  static var notedKind: UInt { 0xff }

  /// Remembers the raw value of why a call was refused.
  func noteRefusal(_ kind: UInt) {
    control.faultKind = control.faultKind & HeapRegion.notedKind | kind &<< 8
    updateNoteChecksum()
  }

  /// What `noteRefusal` remembered, or 0; forgets it.
  func takeRefusal() -> UInt {
    let kind = control.faultKind >> 8
    control.faultKind &= HeapRegion.notedKind
    updateNoteChecksum()
    return kind
  }

  /// Counts a request that got no memory, which is now what the last refusal was about.
  func countFailure() {
    control.failureCount &+= 1
    control.faultKind &= HeapRegion.notedKind
    updateNoteChecksum()
  }
}
