import Base

/// A level of the translation table walk with the 4 KiB granule (ARM DDI 0487, D8
/// "Translation process"). Each level resolves nine address bits: a table is one page of 512 entries of 8 bytes.
public enum TranslationLevel: Int, Sendable, CaseIterable {
  /// 1 GiB an entry: a table or a block. Walks of 39-bit addresses start here.
  case one = 1
  /// 2 MiB an entry: a table or a block.
  case two = 2
  /// 4 KiB an entry: a page.
  case three = 3

  /// Entries in a table of any level.
  public static let entryCount = 512

  /// The number of address bits below the nine that this level resolves.
  public var shift: UInt { 39 - 9 * UInt(rawValue) }

  /// The bytes that one entry of this level translates.
  public var entryByteCount: UInt { 1 << shift }

  /// The level of the tables that entries of this level link to; level 3 has none and answers
  /// itself.
  public var next: TranslationLevel { TranslationLevel(rawValue: rawValue + 1) ?? .three }

  /// The index of the entry that translates `offset` in a table of this level.
  func index(of offset: UInt) -> Int { Int(offset >> shift & 511) }

  /// True when `offset` is the first byte of an entry.
  func isAligned(_ offset: UInt) -> Bool { offset & (entryByteCount - 1) == 0 }

  /// True when one block or page can map `part`, which lies within one entry, to `physical`.
  func takesLeaf(_ part: Range<UInt>, to physical: PhysicalAddress) -> Bool {
    UInt(part.count) == entryByteCount && isAligned(physical.rawValue)
  }

  /// `range` cut at the entries of this level, in order.
  func parts(of range: Range<UInt>) -> EntryParts { EntryParts(level: self, rest: range) }
}

/// A range of offsets, one entry's worth at a time.
struct EntryParts: Sequence, IteratorProtocol {
  let level: TranslationLevel
  var rest: Range<UInt>

  mutating func next() -> Range<UInt>? {
    guard let start = rest.first else { return nil }
    let end = Swift.min(rest.upperBound, (start | (level.entryByteCount - 1)) + 1)
    rest = end..<rest.upperBound
    return start..<end
  }
}
