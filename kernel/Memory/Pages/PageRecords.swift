/// The records of a page array where they lie in memory. The one type here that touches raw memory.
@safe struct PageRecords {
  private let base: UnsafeMutableRawPointer
  let count: UInt

  /// Nil when `memory` is not 8-byte aligned or too small for `count` records.
  init?(memory: UnsafeMutableRawBufferPointer, count: UInt) {
    guard let base = memory.baseAddress, count > 0, count < PageRecord.none,
      UInt(bitPattern: base) & 7 == 0, UInt(memory.count) / 8 >= count
    else { return nil }
    unsafe self.base = base
    self.count = count
  }

  /// The record of frame `index`. Precondition: `index < count`.
  subscript(index: UInt) -> PageRecord {
    get {
      precondition(index < count)
      let place = unsafe base + Int(index &* 8)
      return PageRecord(bits: unsafe place.load(as: UInt64.self))
    }
    nonmutating set {
      precondition(index < count)
      let place = unsafe base + Int(index &* 8)
      unsafe place.storeBytes(of: newValue.bits, as: UInt64.self)
    }
  }

  /// Gives every frame of `frames` the same record. Cost: one store a frame.
  func fill(_ frames: Range<UInt>, with record: PageRecord) {
    var index = frames.lowerBound
    while index < frames.upperBound {
      self[index] = record
      index &+= 1
    }
  }

  /// The first frame of `frames` whose record is not `record`, or nil where all are.
  func firstMismatch(in frames: Range<UInt>, with record: PageRecord) -> UInt? {
    var index = frames.lowerBound
    while index < frames.upperBound {
      if self[index] != record { return index }
      index &+= 1
    }
    return nil
  }
}
