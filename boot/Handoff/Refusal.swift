import Base

/// Why a device tree, an ATAG list or the mailbox's answer is not believed, and where it went wrong.
public struct Refusal: Error, Equatable, Sendable {
  /// Where the fault was found.
  public enum Place: Equatable, Sendable {
    /// Bytes from the start of the device tree or ATAG list.
    case offset(Int)
    /// The physical address of the range concerned.
    case address(UInt)
  }

  /// What is wrong.
  public let reason: Reason
  /// Where.
  public let place: Place

  /// A refusal for something `offset` bytes into what was read.
  init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    place = .offset(offset)
  }

  /// A refusal for a range of memory.
  init(_ reason: Reason, _ range: PhysicalRange) {
    self.reason = reason
    place = .address(range.start.rawValue)
  }
}

extension Refusal {
  func forEachPiece(_ body: (Complaint.Piece) -> Void) {
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
