import Base

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
