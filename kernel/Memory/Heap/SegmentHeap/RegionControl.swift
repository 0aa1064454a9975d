/// The fixed part of a region's control block.
///
/// ```
///  region start                                                                region end
///   +---------------+---------+--------------------+---------+-----+---------+----------+
///   | RegionControl | bitmap  | head of list or    | segment | ... | segment | end mark |
///   | (this)        |         | trie, one a class  |         |     |         | (8 bytes)|
///   +---------------+---------+--------------------+---------+-----+---------+----------+
///   ^ offset 0: every 32-bit link counts bytes from here
/// ```
struct RegionControl {
  // Read by every operation.
  /// Address of the first payload.
  var firstPayload: UInt
  /// Payload addresses span this many times 16 bytes; 0 sends every `deallocate` the long way
  /// (several regions, debug mode).
  var fastUnits: UInt
  /// Requests of this many bytes or more, which have no list of their own, go the long way; 0 sends
  /// all of them there.
  var fastRequestBound: UInt
  /// Bit n: bitmap word n is not zero.
  var summary: UInt64
  /// Two free segments are kept out of the index; 0 and 0 where there is none.
  /// The one freed, or left over, most recently:
  var latest: UInt
  var latestBytes: UInt
  /// The one that ends the region:
  var top: UInt
  var topBytes: UInt

  // Counters.
  var usedBytes: UInt
  /// The most that `usedBytes` has fallen from; the peak is this or `usedBytes`.
  var peakUsedBytes: UInt
  var allocationCount: UInt
  var deallocationCount: UInt
  var failureCount: UInt

  // Fixed when the region is made (or extended).
  /// Offset of the first payload, and of the payload that the end mark would have.
  var first: UInt
  var end: UInt
  /// Payload offsets span this many times 16 bytes.
  var units: UInt
  /// Every listed segment, and so every word that their links point to, lies below this: 31 less
  /// than `end`, since the segment that ends the region is in no list.
  var linkBound: UInt
  /// Segments of fewer bytes have a class for each size.
  var linearBytes: UInt
  /// Larger ones have two to this power of classes for each doubling.
  var doublingBits: UInt
  /// The sum that makes their numbers follow (`SizeClass.largeBase`).
  var largeClassBase: UInt
  /// Number of size classes.
  var classCount: UInt
  /// The region's first byte and its length, as they were handed over.
  var regionStart: UInt
  var regionBytes: UInt
  /// The next region's control block, or 0.
  var next: UInt
  /// Address of debug mode's own data; 0 without it.
  var debug: UInt
  /// The kind of the first damage found while allocating, with its address; 0 when there is none.
  /// The kind's second byte is that of the last refused call.
  var faultKind: UInt
  var faultAddress: UInt
  /// Fixed fields folded together, so that `check()` notices a change to any of them.
  var seal: UInt
}
