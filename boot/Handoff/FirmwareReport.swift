import Base

/// Who said something that the handoff reports.
public enum HandoffSource: Equatable, Sendable {
  /// The flattened device tree that x0 pointed at.
  case deviceTree
  /// The ATAG list that x0 pointed at.
  case atags
  /// The VideoCore's answer to "get ARM memory".
  case mailbox
  /// Roost itself, where nobody said anything better.
  case builtIn
  /// An argument of the kernel command line.
  case commandLine
}

extension HandoffSource {
  /// The source in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .deviceTree: "device tree"
    case .atags: "ATAGs"
    case .mailbox: "mailbox"
    case .builtIn: "built-in"
    case .commandLine: "command line"
    }
  }
}

/// A value and who said it.
public struct Sourced<Value> {
  /// What was said.
  public let value: Value
  /// Who said it.
  public let source: HandoffSource

  /// Makes a note that `source` said `value`.
  public init(_ value: Value, from source: HandoffSource) {
    self.value = value
    self.source = source
  }
}

extension Sourced: Sendable where Value: Sendable {}
extension Sourced: Equatable where Value: Equatable {}

/// What a device tree or an ATAG list says, each part checked by itself: a part that makes no sense is
/// not here, and `errors` says so. Whether the rest fits the board and the kernel is for `BootHandoff`
/// to judge.
public struct FirmwareReport: Sendable {
  /// Device tree or ATAGs.
  public let source: HandoffSource

  /// Why it cannot be read to its end. Then nothing is here but what it reserves.
  public private(set) var refusal: FirmwareError?

  /// False where nodes do not follow each other as they should: one may have ended too early.
  var isOrderly = true

  /// The bytes that the device tree or list takes up in memory.
  public internal(set) var byteCount: UInt = 0

  /// Memory ranges.
  public private(set) var memory = MemoryRanges()

  /// What it wants left alone.
  public private(set) var reserved = ReservedRanges()

  /// The kernel command line.
  public internal(set) var commandLine: Bytes?

  /// The initial RAM disk.
  public internal(set) var initrd: PhysicalRange?

  /// The board's model.
  public internal(set) var model: Bytes?

  /// A place for the early heap.
  public internal(set) var earlyHeap: PhysicalRange?

  /// What was wrong in part.
  public private(set) var errors = HandoffErrors()

  init(from source: HandoffSource) { self.source = source }

  /// Forgets all but what is reserved: the source cannot be read to its end.
  mutating func refuse(_ error: FirmwareError) {
    let reserved = reserved
    self = FirmwareReport(from: source)
    self.reserved = reserved
    refusal = error
  }

  /// Notes that a part, which `name` names, was wrong, and what became of it. Silent once all is refused.
  mutating func note(
    _ error: FirmwareError, in name: Bytes = .empty, _ outcome: HandoffError.Outcome = .ignored
  ) {
    guard refusal == nil else { return }
    errors.note(.part(source: source, name: name, error: error, outcome: outcome))
  }

  /// Notes a memory range that was found at `offset`; an empty or a wrapping one is left out.
  mutating func addMemory(start: UInt64, byteCount: UInt64, in name: Bytes, at offset: Int) {
    do throws(FirmwareError) {
      let range = try PhysicalRange.checked(start: start, byteCount: byteCount, at: offset)
      if !memory.add(range) { throw FirmwareError(.tooManyMemoryRanges, at: offset) }
    } catch {
      note(error, in: name)
    }
  }

  /// Notes a reserved range that was found at `offset`. An empty one is left out; one that leaves the
  /// address space is kept up to there.
  mutating func addReserved(
    start: UInt64, byteCount: UInt64, _ reason: ReservedRange.Reason, noMap: Bool = false,
    in name: Bytes, at offset: Int, isSilent: Bool = false
  ) {
    func note(_ reason: FirmwareError.Reason, _ outcome: HandoffError.Outcome) {
      if !isSilent { self.note(FirmwareError(reason, at: offset), in: name, outcome) }
    }
    guard byteCount != 0 else { return note(.emptyRange, .ignored) }
    var range = PhysicalRange(
      from: PhysicalAddress(UInt(start)), to: PhysicalAddress(UInt.max))
    if let whole = PhysicalRange(start: range.start, byteCount: UInt(byteCount)) {
      range = whole
    } else {
      note(.wrappingRange, .keptToTheEnd)
    }
    let new = ReservedRange(range, reason, from: source, noMap: noMap)
    if !reserved.add(new) {
      note(.tooManyReservations, .keptWithWhatIsBetween)
    }
  }
}

extension PhysicalRange {
  /// The range that a firmware named at `offset`; refused when it is empty or wraps.
  static func checked(
    start: UInt64, byteCount: UInt64, at offset: Int
  ) throws(FirmwareError) -> PhysicalRange {
    guard byteCount != 0 else { throw FirmwareError(.emptyRange, at: offset) }
    guard let range = PhysicalRange(start: PhysicalAddress(UInt(start)), byteCount: UInt(byteCount))
    else { throw FirmwareError(.wrappingRange, at: offset) }
    return range
  }
}
