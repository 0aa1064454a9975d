import Base

/// One translation table: 512 entries in a frame. The only type here that touches memory.
///
/// Entries are read and written whole, as one aligned 64-bit access each, which the walkers see
/// either before or after, never half done (ARM DDI 0487, B2.2.1 "Requirements for single-copy
/// atomicity").
@safe struct PageTable {
  /// The frame that holds the table.
  let frame: PageFrame
  private let entries: UnsafeMutablePointer<UInt64>

  /// The table in `frame`, which came from `source`.
  init<Source: TableSource>(in frame: PageFrame, of source: borrowing Source) {
    self.frame = frame
    unsafe entries = source.accessibleAddress(of: frame).assumingMemoryBound(to: UInt64.self)
  }

  /// Entry `index`, 0 to 511 (higher bits are ignored).
  subscript(index: Int) -> PageTableEntry {
    get { unsafe PageTableEntry(rawValue: entries[index & 511]) }
    nonmutating set { unsafe entries[index & 511] = newValue.rawValue }
  }

  /// Makes every entry invalid.
  func clear() {
    for index in 0..<TranslationLevel.entryCount { self[index] = .invalid }
  }

  /// True when no entry is valid.
  var isEmpty: Bool {
    for index in 0..<TranslationLevel.entryCount where self[index].isValid { return false }
    return true
  }
}
