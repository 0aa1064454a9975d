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

/// Where the frames of translation tables come from, and where they can be reached.
///
/// Conformers are handles (a class, or a struct without state of its own): an address space keeps
/// a copy. None of the three may fault, allocate from a heap that is itself demand-mapped, or use
/// the address space that is being changed.
public protocol TableSource {
  /// Takes one frame, its contents of no matter; nil when there is none.
  func allocateTable() -> PageFrame?

  /// Gives back a frame that no walk can reach any more.
  func freeTable(_ frame: PageFrame)

  /// Where loads and stores reach the first byte of `frame`: on the board the frame's own address,
  /// because memory is identity-mapped; in a test a place in ordinary memory. 4 KiB are accessible
  /// there until `freeTable`.
  func accessibleAddress(of frame: PageFrame) -> UnsafeMutableRawPointer
}

/// Frames set aside for tables before anything is changed, so that a change once begun has all it
/// needs. The chain costs no memory: each frame's first word holds the address of the next.
struct TableChain {
  private var head = PageFrame(number: 0)
  /// Frames in the chain.
  private(set) var count = 0

  init() {}

  /// Takes `count` frames from `source`, or none when there are fewer.
  init?<Source: TableSource>(_ count: Int, from source: borrowing Source) {
    for _ in 0..<count {
      guard let frame = source.allocateTable() else {
        while self.count > 0 { source.freeTable(removeFrame(source)) }
        return nil
      }
      insert(frame, source)
    }
  }

  /// The next frame, as a table without entries.
  mutating func takeTable<Source: TableSource>(_ source: borrowing Source) -> PageTable {
    let table = PageTable(in: removeFrame(source), of: source)
    table.clear()
    return table
  }

  private mutating func insert<Source: TableSource>(
    _ frame: PageFrame, _ source: borrowing Source
  ) {
    var link = PageTableEntry.invalid
    link.output = head.start
    PageTable(in: frame, of: source)[0] = link
    head = frame
    count += 1
  }

  private mutating func removeFrame<Source: TableSource>(
    _ source: borrowing Source
  ) -> PageFrame {
    precondition(count > 0, "more tables used than were set aside")
    let frame = head
    head = PageTable(in: frame, of: source)[0].tableFrame
    count -= 1
    return frame
  }
}
