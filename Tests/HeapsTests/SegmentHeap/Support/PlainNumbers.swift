@testable import Heaps

// In the heap an offset, a size and an address do not mix. Tests compute with plain numbers, among them wrong ones, and
// compare them with the heap's; so here they do.

/// One of the heap's three kinds of number.
protocol PlainNumber: Equatable {
  init(plain: UInt)
  var plain: UInt { get set }
}

extension Offset: PlainNumber {
  init(plain: UInt) { self.init(plain) }
  var plain: UInt {
    get { bytes }
    set { self = Offset(newValue) }
  }
}

extension Size: PlainNumber {
  init(plain: UInt) { self.init(plain) }
  var plain: UInt {
    get { bytes }
    set { self = Size(newValue) }
  }
}

extension Address: PlainNumber {
  init(plain: UInt) { self.init(plain) }
  var plain: UInt {
    get { bits }
    set { self = Address(newValue) }
  }
}

extension PlainNumber {
  static func + (left: Self, right: UInt) -> UInt { left.plain + right }
  static func + (left: UInt, right: Self) -> UInt { left + right.plain }
  static func + (left: Self, right: some PlainNumber) -> UInt { left.plain + right.plain }
  static func - (left: Self, right: UInt) -> UInt { left.plain - right }
  static func - (left: UInt, right: Self) -> UInt { left - right.plain }
  static func == (left: Self, right: UInt) -> Bool { left.plain == right }
  static func == (left: UInt, right: Self) -> Bool { left == right.plain }
  static func < (left: Self, right: UInt) -> Bool { left.plain < right }
  static func < (left: UInt, right: Self) -> Bool { left < right.plain }
  static func <= (left: Self, right: UInt) -> Bool { left.plain <= right }
  static func > (left: Self, right: UInt) -> Bool { left.plain > right }
  static func >= (left: UInt, right: Self) -> Bool { left >= right.plain }
  static func != (left: Self, right: UInt) -> Bool { left.plain != right }
  static func != (left: UInt, right: Self) -> Bool { left != right.plain }
  static func ^= (left: inout Self, right: UInt) { left.plain ^= right }
}

extension BinaryInteger {
  init(_ number: some PlainNumber) { self = Self(number.plain) }
}

extension HeapFault {
  init(_ kind: Kind, address: Address, segment: UInt = 0) {
    self.init(kind, address: address.bits, segment: segment)
  }
}

extension SegmentHeap {
  func debugPayload(at address: UInt) -> DebugPayload? { debugPayload(at: Address(address)) }
}

// MARK: A region in plain numbers

extension HeapRegion {
  static func segmentBytes(_ byteCount: UInt) -> UInt { segmentBytes(Size(byteCount)).bytes }
  static func lead(_ alignment: UInt) -> UInt { Alignment(alignment)?.mostLead.bytes ?? 0 }
  static func linearBytes(forRegionBytes bytes: UInt) -> UInt {
    linearBytes(forRegionBytes: Size(bytes)).bytes
  }
  static func create(at start: UInt, byteCount: UInt, maximum: UInt?) -> HeapRegion? {
    create(at: Address(start), byteCount: Size(byteCount), maximum: maximum.map { Size($0) })
  }

  func sizeWord(_ payload: UInt) -> UInt32 { sizeWord(Offset(payload)) }
  func setSizeWord(_ payload: UInt, _ word: UInt32) { setSizeWord(Offset(payload), word) }
  func previousSize(_ payload: UInt) -> UInt32 { previousSize(Offset(payload)) }
  func setPreviousSize(_ payload: UInt, _ word: UInt32) { setPreviousSize(Offset(payload), word) }
  func previousSizeWord(_ size: UInt) -> UInt32 { previousSizeWord(Size(size)) }
  func sizeOfFree(_ payload: UInt) -> UInt { sizeOfFree(Offset(payload)).bytes }
  func isPayload(_ offset: UInt) -> Bool { isPayload(Offset(offset)) }
  func mayHoldPayload(_ address: UInt) -> Bool { mayHoldPayload(Address(address)) }

  func nextFree(_ link: UInt) -> UInt { nextFree(Offset(link)).bytes }
  func setNextFree(_ link: UInt, _ next: UInt) { setNextFree(Offset(link), Offset(next)) }
  func incomingLink(_ payload: UInt) -> UInt { incomingLink(Offset(payload)).bytes }
  func setIncomingLink(_ payload: UInt, _ link: UInt) {
    setIncomingLink(Offset(payload), Offset(link))
  }
  func childLink(_ payload: UInt, _ side: UInt) -> UInt { childLink(Offset(payload), side).bytes }
  func childMask(_ payload: UInt) -> UInt32 { childMask(Offset(payload)) }
  func setChildMask(of payload: UInt, _ bits: UInt32) { setChildMask(of: Offset(payload), bits) }

  func largeClass(_ size: UInt) -> UInt { largeClass(Size(size)) }
  func findLarge(_ size: UInt) -> SegmentTrie.Place { findLarge(Size(size)) }
  func isLinkedLarge(_ payload: UInt) -> Bool { isLinkedLarge(Offset(payload)) }
  func unlinkLarge(_ payload: UInt) -> Bool { unlinkLarge(Offset(payload)) }
  func insertLarge(_ payload: UInt, _ size: UInt) {
    insertLarge(Offset(payload), Size(size), then: ())
  }
  func isKept(_ payload: UInt, _ size: UInt) -> Bool { isKept(Offset(payload), Size(size)) }

  func bestFit(_ size: UInt) -> UInt { bestFit(Size(size)).bytes }
  func fitAsItLies(_ size: UInt, _ alignment: UInt) -> UInt {
    Alignment(alignment).map { fitAsItLies(Size(size), $0).bytes } ?? 0
  }
  func free(_ payload: UInt) -> Int32 { free(Offset(payload)) }
  func release(_ payload: UInt) -> Bool { release(Offset(payload)) }
  func resizeOrMove(_ payload: UInt, to size: UInt) -> UnsafeMutableRawPointer? {
    unsafe resizeOrMove(Offset(payload), to: Size(size))
  }
}

extension RegionMemory {
  func doubleWord(_ offset: UInt) -> UInt { addressWord(Offset(offset)) }
  func setDoubleWord(_ offset: UInt, _ value: UInt) { setAddressWord(Offset(offset), value) }
}

extension IndexShape {
  init(forRegionBytes bytes: UInt) { self.init(forRegionBytes: Size(bytes)) }
}
