import Base
import Heaps

/// Allocations each of which ends at a page that is not mapped, and whose own pages are unmapped when
/// they are freed: a write past the end, and any use after the free, faults at the very instruction.
///
///     slots of 64 KiB
///     +----------------------------+-------+----------------------------+-------+
///     | not mapped | ... | payload | guard | not mapped     | payload |c| guard | ...
///     +----------------------------+-------+----------------------------+-------+
///                        ends here ^          16-byte alignment leaves ^ a canary
///
/// An allocation takes as many slots in a row as it needs. Slots are used in turn, so a freed one stays
/// unmapped, with its record, as long as there are others. Nothing is mapped on demand here.
///
/// The owner serialises all calls, and tries an ordinary heap when there is no room.
public struct GuardedAllocations<Frames: FrameSource>: ~Copyable {
  /// Bytes of addresses in a slot.
  public static var slotByteCount: UInt { 64 << 10 }
  static var page: UInt { PageFrame.byteCount }

  /// The addresses of all slots.
  public let range: VirtualRange
  /// Payloads that were handed out.
  public private(set) var allocationCount = 0
  /// Payloads given back.
  public private(set) var deallocationCount = 0
  /// Bytes of pages behind the payloads in use.
  public private(set) var mappedByteCount: UInt = 0

  let frames: Frames
  private let records: GuardRecords
  private var next = 0

  /// Bytes of records for `count` slots.
  public static func recordByteCount(forSlots count: Int) -> Int {
    count * MemoryLayout<GuardRecord>.stride
  }

  /// Slots from `start` on, a multiple of 64 KiB, as many as `records` has room for. Nothing may be
  /// mapped there. Nil when there is no room for one, or the slots leave the address space.
  public init?(
    at start: VirtualAddress, records memory: UnsafeMutableRawBufferPointer, frames: Frames
  ) {
    guard start.rawValue.isMultiple(of: Self.slotByteCount),
      let records = unsafe GuardRecords(memory: memory),
      start.advanced(byBytes: UInt(records.count) * Self.slotByteCount) != nil
    else { return nil }
    range = VirtualRange(start: start, byteCount: UInt(records.count) * Self.slotByteCount)
    self.records = records
    self.frames = frames
  }

  /// True for an address in one of the slots.
  public func contains(_ address: UInt) -> Bool {
    address &- range.start.rawValue < range.byteCount
  }

  private func slot(of address: UInt) -> Int {
    Int((address &- range.start.rawValue) / Self.slotByteCount)
  }

  /// The slot in which the allocation that spans `slot` begins.
  private func head(of slot: Int) -> Int? {
    let record = records[slot]
    switch record.state {
    case .unused: return nil
    case .live, .freed: return slot
    case .rest:
      let head = Int(record.head)
      let first = records[head]
      let isWhole = first.state == .live || first.state == .freed
      return isWhole && slot < head + Int(first.span) ? head : nil
    }
  }
}

// MARK: - Allocate

extension GuardedAllocations {
  /// `byteCount` bytes at a multiple of `alignment`, all zero, the last of them as near to the guard
  /// page as the alignment lets it be. Nil when there are no slots or frames left, or for an alignment
  /// above 4096.
  ///
  /// Complexity: O(pages).
  public mutating func allocate<Maintenance>(
    byteCount: Int, alignment: Int, caller: UInt, in space: inout AddressSpace<Frames, Maintenance>
  ) -> VirtualAddress? {
    guard byteCount >= 0, UInt(byteCount) < range.byteCount, alignment > 0,
      UInt(alignment).isPowerOfTwo, UInt(alignment) <= Self.page,
      let size = UInt(max(byteCount, 1)).roundedUp(to: UInt(max(alignment, 16))),
      let pageBytes = size.roundedUp(to: Self.page)
    else { return nil }
    let span = Int((pageBytes + Self.page + Self.slotByteCount - 1) / Self.slotByteCount)
    guard let slot = freeSlots(span) else { return nil }
    let guardPage = range.start.rawValue + UInt(slot + span) * Self.slotByteCount - Self.page
    guard map(pageBytes, upTo: guardPage, in: &space) else { return nil }
    let payload = guardPage - size
    fillCanary(payload + UInt(byteCount)..<guardPage, in: space)
    records[slot] = GuardRecord(
      .live, payload: payload, byteCount: UInt(byteCount), allocatedBy: caller, span: span,
      head: slot)
    for further in slot + 1..<slot + span { records[further] = GuardRecord(.rest, head: slot) }
    next = slot + span
    allocationCount += 1
    mappedByteCount += pageBytes
    return VirtualAddress(payload)
  }

  /// `span` slots in a row that are not in use, from `next` on and then from the first. Gives up after
  /// passing by a number of slots in use, so that a full table costs no more than a guarded page does;
  /// the search goes on from there next time.
  private mutating func freeSlots(_ span: Int) -> Int? {
    guard span <= records.count else { return nil }
    var first = next
    var slot = next
    var passesLeft = 64
    while slot - first < span {
      if first + span > records.count {
        (first, slot, passesLeft) = (0, 0, passesLeft - 1)
      } else if let head = head(of: slot), records[head].state == .live {
        slot = head + Int(records[head].span)
        (first, passesLeft) = (slot, passesLeft - 1)
      } else {
        slot += 1
      }
      guard passesLeft > 0 else {
        next = first
        return nil
      }
    }
    return first
  }

  /// Maps `byteCount` bytes of fresh frames that end at `end`; all of them, or none and false.
  private func map<Maintenance>(
    _ byteCount: UInt, upTo end: UInt, in space: inout AddressSpace<Frames, Maintenance>
  ) -> Bool {
    let count = byteCount / Self.page
    guard frames.reserve(count) else { return false }
    let range = VirtualRange(start: VirtualAddress(end - byteCount), byteCount: byteCount)
    do throws(PagingError) {
      try space.prepareTables(for: range)
    } catch {
      frames.unreserve(count)
      return false
    }
    for index in 0..<count {
      let page = VirtualAddress(end - byteCount + index * Self.page)
      guard let frame = frames.allocateReserved(), map(page, to: frame, in: &space) else {
        frames.unreserve(count - index - 1)
        unmap(range, in: &space)
        return false
      }
    }
    return true
  }

  private func map<Maintenance>(
    _ page: VirtualAddress, to frame: PageFrame, in space: inout AddressSpace<Frames, Maintenance>
  ) -> Bool {
    do throws(PagingError) {
      try space.mapPage(page, to: frame, as: Mapping(.readWrite, purpose: .guardedHeap))
      return true
    } catch {
      frames.free(frame)
      return false
    }
  }

  /// Unmaps what is mapped of `range` and gives frames and tables back.
  private func unmap<Maintenance>(
    _ range: VirtualRange, in space: inout AddressSpace<Frames, Maintenance>
  ) {
    let frames = frames
    try? space.unmap(range, skippingHoles: true) { physical, _ in
      frames.free(PageFrame(containing: physical))
    }
    try? space.releaseTables(for: range)
  }
}

// MARK: - Deallocate

extension GuardedAllocations {
  /// Unmaps a payload and gives its frames back.
  ///
  /// Throws `.doubleFree`, `.interiorPointer`, `.foreignPointer`, and `.overflow` where the canary
  /// between the payload's end and the guard page was overwritten; nothing is changed then.
  public mutating func deallocate<Maintenance>(
    _ address: UInt, caller: UInt, in space: inout AddressSpace<Frames, Maintenance>
  ) throws(HeapFault) {
    guard contains(address), let head = head(of: slot(of: address)) else {
      throw HeapFault(.foreignPointer, address: VirtualAddress(address).pointer)
    }
    var record = records[head]
    guard record.payload == address else {
      throw fault(.interiorPointer, at: address, record)
    }
    guard record.state == .live else { throw fault(.doubleFree, at: address, record) }
    let guardPage =
      range.start.rawValue + UInt(head + Int(record.span)) * Self.slotByteCount - Self.page
    if let wrong = overwritten(address + record.byteCount..<guardPage, in: space) {
      throw fault(.overflow, at: wrong, record)
    }
    let start = address.roundedDown(to: Self.page)
    unmap(
      VirtualRange(start: VirtualAddress(start), byteCount: guardPage - start), in: &space)
    record.state = .freed
    record.freedBy = caller
    records[head] = record
    deallocationCount += 1
    mappedByteCount -= guardPage - start
  }

  private func fault(
    _ kind: HeapFault.Kind, at address: UInt, _ record: GuardRecord
  ) -> HeapFault {
    var fault = HeapFault(
      kind, address: VirtualAddress(address).pointer,
      segment: VirtualAddress(record.payload).pointer)
    fault.allocatedBy = record.allocatedBy
    fault.freedBy = record.freedBy
    return fault
  }
}

// MARK: - Reports

/// An allocation that ends, or ended, at a guard page.
public struct GuardedAllocation: Equatable, Sendable {
  /// The first address of the payload.
  public let payload: UInt
  /// The bytes that were asked for.
  public let byteCount: UInt
  /// The return address of the call that allocated it.
  public let allocatedBy: UInt
  /// The return address of the call that freed it; nil while it is in use.
  public let freedBy: UInt?
}

extension GuardedAllocations {
  /// The allocation whose slots `address` lies in, the latest one there. Nil elsewhere.
  public func allocation(around address: UInt) -> GuardedAllocation? {
    guard contains(address), let head = head(of: slot(of: address)) else { return nil }
    let record = records[head]
    return GuardedAllocation(
      payload: record.payload, byteCount: record.byteCount, allocatedBy: record.allocatedBy,
      freedBy: record.state == .freed ? record.freedBy : nil)
  }
}
