/// What debug mode knows of a heap as a whole. It lies behind the end mark of the first region, so
/// a heap without debug mode does not pay for it. All zero at first.
///
/// ```
///  ... | segment | end mark | DebugControl |
///                           ^ offset `end` of the first region
///
///  oldest --> payload --next--> payload --next--> payload <-- newest      (the quarantine)
/// ```
struct DebugControl {
  /// Address of the payload that was freed first and last of those in the quarantine; 0 for none.
  var oldest: UInt
  var newest: UInt
  var count: UInt
  /// Sizes of the quarantined segments, headers included, added up.
  var bytes: UInt
  /// The most bytes that were in use, the quarantine not counted.
  var peakUsedBytes: UInt
  /// The first damage that an allocation met; kind 0 when there is none.
  var faultKind: UInt
  var faultAddress: UInt
  var faultSegment: UInt
  var faultAllocatedBy: UInt
  var faultFreedBy: UInt

  static var byteCount: UInt { UInt(MemoryLayout<DebugControl>.size) }

  /// The most payloads in the quarantine.
  static let countLimit: UInt = 1024
  /// The most bytes in the quarantine, unless a single payload is larger: a quarter of the first
  /// region.
  static func byteLimit(ofRegionBytes bytes: UInt) -> UInt { bytes / 4 }
}

extension HeapRegion {
  /// Debug mode's own data. Only to be used after `isSealed` has vouched for its address.
  var debugControl: DebugControl {
    unsafeAddress {
      unsafe UnsafePointer(
        memory.pointer(control.debug &- address).assumingMemoryBound(to: DebugControl.self))
    }
    nonmutating unsafeMutableAddress {
      unsafe memory.pointer(control.debug &- address).assumingMemoryBound(to: DebugControl.self)
    }
  }
}
