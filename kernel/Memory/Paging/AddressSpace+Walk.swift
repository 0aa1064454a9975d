import Base

/// Listing what is mapped, a part at a time.
extension AddressSpace {
  /// The runs of equal mapping from `start` on, found by looking at `limit` entries (at least 1) or fewer.
  ///
  /// Blocks and pages join a run when their mapping is the same and both addresses go on. A region that was
  /// mapped page by page has its frames in any order; with `joiningScattered` it is still one run, marked
  /// as scattered. The run may go on after `next`: `MappedRun.join` puts the parts together. So a listing
  /// begins where it left off, and need hold the owner's lock for no more than `limit` entries.
  ///
  /// Malformed entries are left out: `check()` names them. Allocates nothing.
  /// - Returns: the first run, where one was found, and where to go on; nil at the end of the half.
  /// - Complexity: O(limit * levels).
  public func run(
    from start: VirtualAddress, limit: Int, joiningScattered: Bool = false
  ) -> (run: MappedRun?, next: VirtualAddress?) {
    var run: MappedRun?
    var offset = half.offset(of: start)
    var left = max(1, limit)
    while offset < half.byteCount, left > 0 {
      let slot = slot(at: offset)
      if let found = mappedRun(in: slot) {
        if run == nil {
          run = found
        } else if run?.join(found, joiningScattered: joiningScattered) != true {
          return (run, half.address(at: offset))
        }
      }
      offset = slot.part.upperBound
      left -= 1
    }
    return (run, offset < half.byteCount ? half.address(at: offset) : nil)
  }

  /// Calls `body` for each run of equal mapping, in ascending order of address. `body` must not change this
  /// address space.
  /// - Complexity: O(entries * levels).
  public func walk(joiningScattered: Bool = false, _ body: (MappedRun) -> Void) {
    var next: VirtualAddress? = half.start
    while let start = next {
      let found = run(from: start, limit: .max, joiningScattered: joiningScattered)
      if let run = found.run { body(run) }
      next = found.next
    }
  }

  private func mappedRun(in slot: EntrySlot) -> MappedRun? {
    guard slot.entry.isLeaf(at: slot.level), let mapping = slot.entry.mapping else { return nil }
    return MappedRun(
      range: VirtualRange(
        start: half.address(at: slot.part.lowerBound), byteCount: UInt(slot.part.count)),
      physical: slot.physical, mapping: mapping)
  }

  /// The entry that ends the walk for the address at `offset`, and its part of the half from there on.
  private func slot(at offset: UInt) -> EntrySlot {
    var table = rootTable
    var level = half.rootLevel
    while table[level.index(of: offset)].isTable(at: level) {
      table = linkedTable(table[level.index(of: offset)])
      level = level.next
    }
    let end = (offset | (level.entryByteCount - 1)) + 1
    return EntrySlot(table: table, index: level.index(of: offset), level: level, part: offset..<end)
  }
}

/// A run of virtual addresses that are mapped alike.
public struct MappedRun: Hashable, Sendable {
  /// The virtual addresses.
  public internal(set) var range: VirtualRange
  /// Where the first byte lies in memory.
  public let physical: PhysicalAddress
  /// Permissions, kind and purpose.
  public let mapping: Mapping
  /// How many blocks and pages the run is made of.
  public internal(set) var leafCount = 1
  /// True when the physical addresses do not ascend with the virtual ones.
  public internal(set) var isScattered = false

  /// A run of one block or page.
  public init(range: VirtualRange, physical: PhysicalAddress, mapping: Mapping) {
    self.range = range
    self.physical = physical
    self.mapping = mapping
  }

  /// Takes `other` in when it goes on where this run ends; false when it does not. Where the
  /// physical addresses do not go on, only if `joiningScattered`.
  public mutating func join(_ other: MappedRun, joiningScattered: Bool) -> Bool {
    let isNext = range.start.advanced(byBytes: range.byteCount) == other.range.start
    guard isNext, mapping == other.mapping else { return false }
    let goesOn = physical.advanced(byBytes: range.byteCount) == other.physical
    guard goesOn || joiningScattered else { return false }
    let sum = range.byteCount + other.range.byteCount
    range = VirtualRange(start: range.start, byteCount: sum)
    leafCount += other.leafCount
    isScattered = isScattered || !goesOn
    return true
  }
}
