/// The fixed part of a region's control block.
///
/// ```
///  region start              offset 0                                           region end
///   +--------+---------------+--------------------+---------+-----+---------+----------+
///   | bitmap | RegionControl | head of list or    | segment | ... | segment | end mark |
///   |        | (this)        | trie, one a class  |         |     |         | (8 bytes)|
///   +--------+---------------+--------------------+---------+-----+---------+----------+
///                            ^ every 32-bit link counts bytes from here
/// ```
///
/// Offset 0 lies behind this, so that the head of a list is a quarter of its size away from it, and the
/// fields of every operation are the nearest ones before it.
@safe struct RegionControl {
  // Fixed when the region is made (or extended).
  /// Payload offsets span this many granules.
  var units: UInt
  /// What the region's words are keyed with (`Keying`); 0 where they are not.
  var secret: UInt32
  /// Larger sizes have two to this power of classes for each doubling.
  private var doublingBitsByte: UInt8
  /// 1 where the code of a refused free is all that its caller gets; 0 where a report follows.
  var answersInCodes: UInt8
  /// The sum that makes their numbers follow (`SizeClass.largeBase`), which may be negative.
  private var largeClassBaseWord: Int16
  /// Number of size classes.
  var classCount: UInt
  /// As `fastUnits` and `fastRequestBound`, in a hardened heap.
  var keyedUnits: UInt32
  var keyedRequestBound: UInt32
  /// The region's first byte and its length, as they were handed over.
  var regionStart: Address
  var regionBytes: Size
  /// Where the next region has its offset 0, or `none`.
  var next: Address
  /// Where debug mode has its own data; `none` without it.
  var debug: Address
  /// Fixed fields folded together, so that `check()` notices a change to any of them.
  var checksum: UInt

  // Changed seldom, and covered by `noteChecksum`.
  /// The kind of the first damage found while allocating, with its address; 0 when there is none.
  /// The kind's second byte is that of the last refused call.
  var faultKind: UInt
  var faultAddress: Address
  /// The most that the regions of a heap with several had in use together; kept in the first.
  var peakOfAllRegions: Size
  var failureCount: UInt
  var noteChecksum: UInt

  // Counters.
  var allocationCount: UInt
  var deallocationCount: UInt
  /// The most bytes in use when a payload was given back.
  var peakUsedBytes: Size
  /// How far the bytes in use are below that; negative while they are above. One number to change in
  /// place of two.
  var belowPeak: Int

  // Read by every operation.
  /// Offset of the first payload, and of the payload that the end mark would have.
  var first: Offset
  var end: Offset
  /// Segments of fewer bytes have a class for each size.
  var linearBytes: Size
  /// Payload addresses span this many granules; 0 sends every `deallocate` down the slow path
  /// (several regions, debug mode, a hardened heap).
  var fastUnits: UInt
  /// Requests of this many bytes or more, which have no list of their own, take the slow path; 0 sends
  /// all of them there.
  var fastRequestBound: Size
  /// Bit n says that class n is not empty.
  var bitmap: UnsafeMutablePointer<UInt>
  /// Bit n: bitmap word n is not zero.
  var summary: UInt
  /// What this life of the region adds to each previous-size word, and that less `usedPattern`.
  var key: UInt32
  var keyOfUsed: UInt32
  /// Two free segments are kept out of the index; `nowhere` and no bytes where there is none.
  /// The one freed, or left over, most recently:
  var lastFreed: Offset
  var lastFreedBytes: Size
  /// The one that ends the region:
  var top: Offset
  var topBytes: Size

  /// Bytes in allocated segments, headers and rounding included.
  @inline(__always) var usedBytes: Size { peakUsedBytes &- Size(UInt(bitPattern: belowPeak)) }
  /// The most that `usedBytes` has been.
  var mostUsedBytes: Size { max(usedBytes, peakUsedBytes) }

  @inline(__always) var doublingBits: UInt {
    get { UInt(doublingBitsByte) }
    set { doublingBitsByte = UInt8(truncatingIfNeeded: newValue) }
  }
  @inline(__always) var largeClassBase: UInt {
    get { UInt(bitPattern: Int(largeClassBaseWord)) }
    set { largeClassBaseWord = Int16(truncatingIfNeeded: newValue) }
  }
}
