import Base

/// Something that the firmware or the command line said and that is refused, in whole or in part. One
/// line when printed.
///
/// `Handoff` prints nothing: the kernel hands each piece to its console.
public enum HandoffError: Sendable {
  /// An argument of the command line makes no sense; the default is kept.
  case option(text: Bytes, error: OptionError)
  /// All that `source` said is ignored, but for what it reserves.
  case refused(source: HandoffSource, error: FirmwareError)
  /// A part of what `source` said, which `name` (a node, a property or nothing) names.
  case part(source: HandoffSource, name: Bytes, error: FirmwareError, outcome: Outcome)
  /// `source` and the mailbox name different memory; only what both name is used.
  case memoryDisagreement(
    source: HandoffSource, said: PhysicalRange, saidBytes: UInt, mailbox: PhysicalRange)
  /// x0 is not 0, but neither a device tree nor an ATAG list is there.
  case nothingAtPointer(x0: UInt)
  /// x0 points outside the memory that may be read.
  case pointerOutsideMemory(x0: UInt)
  /// x0 points into the kernel, where nothing of the firmware's can be.
  case pointerIntoKernel(x0: UInt)
  /// Nobody said what memory there is.
  case memoryAssumed(PhysicalRange)
  /// The early heap could not stay where the firmware named it.
  case earlyHeapMoved(from: PhysicalRange)
  /// No room for this many bytes of something; the size that is taken instead.
  case noRoom(for: StaticString, byteCount: UInt, instead: UInt?)

  /// What becomes of a part that is wrong.
  public enum Outcome: Sendable {
    /// It changes nothing.
    case ignored
    /// What is whole of it is used.
    case wholeRangesKept
    /// A reserved range is kept as far as there are addresses.
    case keptToTheEnd
    /// A reserved range is kept, together with what lies between it and its neighbour.
    case keptWithWhatIsBetween

    /// A reserved range is kept, but what the kernel has of it stays mapped.
    case keptMapped

    var description: StaticString {
      switch self {
      case .ignored: "ignored"
      case .wholeRangesKept: "whole ranges kept"
      case .keptToTheEnd: "kept up to the last address"
      case .keptWithWhatIsBetween: "kept, and what is between it and the next"
      case .keptMapped: "kept, but for the map"
      }
    }
  }

  /// A part of an error's line.
  public enum Piece {
    /// Words.
    case words(StaticString)
    /// A part of the command line: any byte may be in it.
    case text(Bytes)
    /// A number to be printed in base sixteen.
    case hex(UInt)
    /// A number to be printed in base ten.
    case decimal(UInt)
  }

  /// Calls `body` with the parts of the line, in order; no newline at the end. Never allocates.
  public func forEachPiece(_ body: (Piece) -> Void) {
    switch self {
    case .option(let text, let error):
      body(.words("command line: "))
      body(.text(text))
      body(.words(": "))
      error.forEachPiece(body)
    case .refused(let source, let error):
      body(.words(source.description))
      body(.words(" refused: "))
      error.forEachPiece(body)
    case .part(let source, let name, let error, let outcome):
      body(.words(source.description))
      body(.words(": "))
      if !name.isEmpty {
        body(.text(name))
        body(.words(": "))
      }
      error.forEachPiece(body)
      body(.words(": "))
      body(.words(outcome.description))
    case .memoryDisagreement(let source, let said, let saidBytes, let mailbox):
      body(.words(source.description))
      body(.words(" says memory is "))
      Self.pieces(of: said, byteCount: saidBytes, body)
      Self.pieces(ofMailbox: mailbox, body)
    case .nothingAtPointer(let x0):
      body(.words("neither a device tree nor ATAGs at x0 = "))
      body(.hex(x0))
    case .pointerOutsideMemory(let x0):
      body(.words("nothing read at x0 = "))
      body(.hex(x0))
      body(.words(", which is outside memory"))
    case .pointerIntoKernel(let x0):
      body(.words("nothing read at x0 = "))
      body(.hex(x0))
      body(.words(", which is in the kernel"))
    case .memoryAssumed(let range):
      body(.words("nobody says what memory there is: assuming "))
      Self.pieces(of: range, byteCount: range.byteCount, body)
    case .earlyHeapMoved(let named):
      body(.words("early heap moved: no room where it was named, "))
      Self.pieces(of: named, byteCount: named.byteCount, body)
    case .noRoom(let subject, let byteCount, let instead):
      body(.words("no room for "))
      body(.words(subject))
      body(.decimal(byteCount))
      guard let instead else { return body(.words(" bytes")) }
      body(.words(": taking "))
      body(.decimal(instead))
      body(.words(" bytes"))
    }
  }

  private static func pieces(ofMailbox range: PhysicalRange, _ body: (Piece) -> Void) {
    body(.words(", mailbox says "))
    pieces(of: range, byteCount: range.byteCount, body)
    body(.words(": using only what both name"))
  }

  private static func pieces(
    of range: PhysicalRange, byteCount: UInt, _ body: (Piece) -> Void
  ) {
    body(.hex(range.start.rawValue))
    body(.words("..<"))
    body(.hex(range.end.rawValue))
    body(.words(" ("))
    body(.hex(byteCount))
    body(.words(" bytes)"))
  }
}

extension FirmwareError {
  fileprivate func forEachPiece(_ body: (HandoffError.Piece) -> Void) {
    body(.words(reason.description))
    switch place {
    case .offset(let offset):
      body(.words(" at offset "))
      body(.hex(UInt(offset)))
    case .address(let address):
      body(.words(" at address "))
      body(.hex(address))
    }
  }
}

/// Errors in the order found: the first 16, and how many more there were.
public struct HandoffErrors: Sendable {
  private var list = FixedList<16, HandoffError>()

  /// Errors that found no room.
  public private(set) var lostCount = 0

  init() {}

  mutating func note(_ error: HandoffError) {
    if !list.append(error) { lostCount += 1 }
  }

  mutating func note(contentsOf other: HandoffErrors) {
    for error in other { note(error) }
    lostCount += other.lostCount
  }
}

extension HandoffErrors: RandomAccessCollection {
  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of errors kept.
  public var endIndex: Int { list.endIndex }
  /// The error at `index`, which is below `count`.
  public subscript(index: Int) -> HandoffError { list[index] }
}
