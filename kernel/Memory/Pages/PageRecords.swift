/// What the page array knows of one frame, in eight bytes:
///
///     63                  37 36                  10 9        4 3      0
///     +---------------------+----------------------+----------+--------+
///     |       second        |        first         |  label   |  kind  |
///     +---------------------+----------------------+----------+--------+
///
/// `first` and `second` are frame numbers or counts of 27 bits (512 GiB of memory), and what they
/// say depends on the kind; where a kind does not use a field it is 0. All zeros is a frame
/// reserved as `notRam`, so clearing the array is all the setting up it needs.
///
///     kind        label    first             second
///     reserved    reason   -                 -
///     freeHead    -        next free run     previous free run     first frame of a free run
///     freeSingle  -        next free run     previous free run     a free run of one
///     freeLength  -        frames in run     -                     second and last of a free run
///     freeInside  -        -                 -                     the rest of a free run
///     usedHead    use      frames in run     -                     first of an allocated run
///     usedRest    use      first of the run  -                     the rest of an allocated run
struct PageRecord: Equatable {
  enum Kind: UInt64 {
    case reserved = 0
    case freeHead, freeSingle, freeLength, freeInside
    case usedHead, usedRest
  }

  private(set) var bits: UInt64

  private static let fieldMask: UInt64 = (1 << 27) - 1

  /// The end of a list of free runs; also the most frames that an array can hold.
  static let none = UInt(fieldMask)

  init(bits: UInt64) { self.bits = bits }

  private init(_ kind: Kind, label: UInt8 = 0, first: UInt = 0, second: UInt = 0) {
    bits =
      kind.rawValue | UInt64(label) << 4 | (UInt64(first) & Self.fieldMask) << 10
      | (UInt64(second) & Self.fieldMask) << 37
  }

  static func reserved(_ reason: PageReservation) -> Self {
    Self(.reserved, label: reason.rawValue)
  }
  static func freeLength(_ count: UInt) -> Self { Self(.freeLength, first: count) }
  static var freeInside: Self { Self(.freeInside) }
  static func freeStart(runLength: UInt, next: UInt, previous: UInt) -> Self {
    Self(runLength == 1 ? .freeSingle : .freeHead, first: next, second: previous)
  }
  static func usedHead(_ use: PageUse, runLength: UInt) -> Self {
    Self(.usedHead, label: use.rawValue, first: runLength)
  }
  static func usedRest(_ use: PageUse, runStart: UInt) -> Self {
    Self(.usedRest, label: use.rawValue, first: runStart)
  }

  /// Nil where an overwritten record holds none of the kinds.
  var kind: Kind? { Kind(rawValue: bits & 15) }
  private var label: UInt8 { UInt8(truncatingIfNeeded: bits >> 4 & 63) }
  var first: UInt { UInt(bits >> 10 & Self.fieldMask) }
  var second: UInt { UInt(bits >> 37 & Self.fieldMask) }

  var isFreeStart: Bool { kind == .freeHead || kind == .freeSingle }

  /// Nil where an overwritten record holds no known kind, reason or use.
  var state: PageState? {
    switch kind {
    case .freeHead, .freeSingle, .freeLength, .freeInside: .free
    case .reserved: PageReservation(rawValue: label).map { .reserved($0) }
    case .usedHead, .usedRest: PageUse(rawValue: label).map { .allocated($0) }
    case nil: nil
    }
  }

  func with(next: UInt) -> Self {
    Self(bits: bits & ~(Self.fieldMask << 10) | (UInt64(next) & Self.fieldMask) << 10)
  }
  func with(previous: UInt) -> Self {
    Self(bits: bits & ~(Self.fieldMask << 37) | (UInt64(previous) & Self.fieldMask) << 37)
  }
}

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
