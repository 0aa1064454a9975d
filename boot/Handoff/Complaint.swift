import Base

/// Something wrong with what the firmware or the command line said. One line when printed.
///
/// `Handoff` prints nothing: the kernel hands each piece to its console.
public enum Complaint: Sendable {
  /// An argument of the command line makes no sense; the default is kept.
  case option(text: Bytes, reason: StaticString)
  /// All that `source` said is ignored.
  case refused(source: Source, refusal: Refusal)
  /// `source` and the mailbox name different memory; only what both name is used.
  case memoryDisagreement(
    source: Source, said: PhysicalRange, saidBytes: UInt, mailbox: PhysicalRange)
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
  /// No room for an early heap of this many bytes; the size that is tried instead.
  case noRoomForEarlyHeap(byteCount: UInt, instead: UInt?)

  /// A part of a complaint's line.
  public enum Piece {
    /// Words.
    case words(StaticString)
    /// A part of the command line: any byte may be in it.
    case text(Bytes)
    /// A number to be printed in base sixteen.
    case hex(UInt)
  }

  /// Calls `body` with the parts of the line, in order; no newline at the end. Never allocates.
  public func forEachPiece(_ body: (Piece) -> Void) {
    switch self {
    case .option(let text, let reason):
      body(.words("command line: "))
      body(.text(text))
      body(.words(": "))
      body(.words(reason))
    case .refused(let source, let refusal):
      body(.words(source.description))
      body(.words(" refused: "))
      refusal.forEachPiece(body)
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
    case .noRoomForEarlyHeap(let byteCount, let instead):
      body(.words("no free memory for an early heap of "))
      body(.hex(byteCount))
      body(.words(" bytes"))
      guard let instead else { return }
      body(.words(": taking "))
      body(.hex(instead))
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
