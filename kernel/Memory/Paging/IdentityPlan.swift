import Base

/// What a map of memory at its own addresses is made of: pieces that are mapped in a way of their own,
/// holes, and memory everywhere else.
///
/// ```
///   memory   [ ------------------------------------------ )
///   pieces        [ stack )      [ text )[ data )
///   holes      [ ----- no-map ----- )            [ no-map )
///   parts    [M)- [ stack ) -----[ text )[ data )M - - - [M)
/// ```
/// A piece wins over one that was added after it, and over holes: what the kernel itself uses stays
/// mapped, whoever asked for a hole there. A hole takes every page that it touches.
public struct IdentityPlan {
  private struct Piece {
    let range: PhysicalRange
    let mapping: Mapping?
  }

  private var pieces = FixedList<24, Piece>()
  private var holes = FixedList<64, PhysicalRange>()

  /// Memory without pieces or holes.
  public init() {}

  /// Maps `range`, whole pages, as `mapping`; nil leaves it out.
  ///
  /// - Precondition: there are fewer than 24.
  public mutating func add(_ range: PhysicalRange, as mapping: Mapping?) {
    precondition(
      pieces.append(Piece(range: range, mapping: mapping)), "more than 24 pieces of a map")
  }

  /// Leaves out every page that `range` touches, but for pieces.
  ///
  /// - Precondition: there are fewer than 64.
  public mutating func leaveOut(_ range: PhysicalRange) {
    guard let frames = Range(touching: range.start, byteCount: range.byteCount) else { return }
    let pages = PhysicalRange(from: frames.lowerBound.start, to: frames.upperBound.start)
    precondition(holes.append(pages), "more than 64 holes of a map")
  }

  /// Calls `body` with each part of `memory` that is mapped, in ascending order: whole pages, and
  /// neighbours that are mapped alike for the same reason in one. O(n^2) for n pieces and holes.
  public func forEachPart<Failure: Error>(
    of memory: PhysicalRange, asMemory: Mapping,
    _ body: (PhysicalRange, Mapping) throws(Failure) -> Void
  ) throws(Failure) {
    guard let frames = Range(within: memory.start, byteCount: memory.byteCount) else { return }
    var start = frames.lowerBound.start
    let end = frames.upperBound.start
    while start < end {
      let owner = owner(of: start)
      var next = boundary(after: start, before: end)
      while next < end, self.owner(of: next) == owner { next = boundary(after: next, before: end) }
      let part = PhysicalRange(from: start, to: next)
      switch owner {
      case .memory: try body(part, asMemory)
      case .piece(let index): if let mapping = pieces[index].mapping { try body(part, mapping) }
      case .hole: break
      }
      start = next
    }
  }

  private enum Owner: Equatable {
    case memory
    case piece(Int)
    case hole
  }

  private func owner(of address: PhysicalAddress) -> Owner {
    if let index = pieces.firstIndex(where: { $0.range.contains(address) }) { return .piece(index) }
    return holes.contains { $0.contains(address) } ? .hole : .memory
  }

  /// The lowest address above `address` where a piece or a hole begins or ends; at most `end`.
  private func boundary(
    after address: PhysicalAddress, before end: PhysicalAddress
  ) -> PhysicalAddress {
    var lowest = end
    func consider(_ range: PhysicalRange) {
      if range.start > address { lowest = min(lowest, range.start) }
      if range.end > address { lowest = min(lowest, range.end) }
    }
    for piece in pieces { consider(piece.range) }
    for hole in holes { consider(hole) }
    return lowest
  }
}
