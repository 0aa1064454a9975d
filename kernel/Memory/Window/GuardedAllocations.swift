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
public struct GuardedAllocations<Frames: FrameSource, Maintenance: TranslationMaintenance>:
  ~Copyable
{
  /// The address space that the slots lie in.
  public typealias Space = AddressSpace<Frames, Maintenance>

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

  /// The allocation that spans `slot`, and the slot in which it begins. Nil where there is none, and where
  /// the records contradict each other: one that was overwritten leads nowhere.
  private func allocation(spanning slot: Int) -> (head: Int, record: GuardRecord)? {
    let found = records[slot]
    let head = found.state == .rest ? Int(found.head) : slot
    guard head <= slot else { return nil }
    let record = records[head]
    guard record.state == .live || record.state == .freed, record.span > 0,
      slot < head + Int(record.span), head + Int(record.span) <= records.count,
      record.payload >= slotStart(head), record.payload < guardPage(of: record, at: head),
      record.byteCount <= guardPage(of: record, at: head) - record.payload,
      guardPage(of: record, at: head) - record.payload - record.byteCount <= Self.page
    else { return nil }
    return (head, record)
  }

  private func slotStart(_ slot: Int) -> UInt {
    range.start.rawValue + UInt(slot) * Self.slotByteCount
  }

  /// The address of the guard page of the allocation in the slots from `head` on.
  private func guardPage(of record: GuardRecord, at head: Int) -> UInt {
    slotStart(head + Int(record.span)) - Self.page
  }
}

// MARK: - Allocate

extension GuardedAllocations {
  /// `byteCount` bytes at a multiple of `alignment`, all zero, the last of them as near to the guard
  /// page as the alignment lets it be. Nil when there are no slots or frames left, or for an alignment
  /// above 4096.
  ///
  /// Complexity: O(pages).
  public mutating func allocate(
    byteCount: Int, alignment: Int, caller: UInt, in space: inout Space
  ) -> VirtualAddress? {
    guard byteCount >= 0, UInt(byteCount) < range.byteCount, alignment > 0,
      UInt(alignment).isPowerOfTwo, UInt(alignment) <= Self.page,
      let size = UInt(max(byteCount, 1)).roundedUp(to: UInt(max(alignment, 16))),
      let pageBytes = size.roundedUp(to: Self.page)
    else { return nil }
    let span = Int((pageBytes + Self.page + Self.slotByteCount - 1) / Self.slotByteCount)
    guard let slot = freeSlots(span) else { return nil }
    let guardPage = slotStart(slot + span) - Self.page
    let pages = VirtualRange(start: VirtualAddress(guardPage - pageBytes), byteCount: pageBytes)
    guard map(pages, in: &space) else { return nil }
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
      } else if let (head, record) = allocation(spanning: slot), record.state == .live {
        slot = head + Int(record.span)
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

  private func map(_ range: VirtualRange, in space: inout Space) -> Bool {
    do throws(PagingError) {
      try space.mapFresh(range, as: Mapping(.readWrite, purpose: .guardedHeap), for: .kernelHeap)
      return true
    } catch {
      return false
    }
  }
}

// MARK: - Deallocate

extension GuardedAllocations {
  /// Unmaps a payload and gives its frames back.
  ///
  /// Throws `.doubleFree`, `.interiorPointer`, `.foreignPointer`, `.overflow` where the canary between the
  /// payload's end and the guard page was overwritten, and `.corruptControl` where its record was;
  /// nothing is changed then.
  public mutating func deallocate(
    _ address: UInt, caller: UInt, in space: inout Space
  ) throws(HeapFault) {
    guard contains(address), records[slot(of: address)].state != .unused else {
      throw HeapFault(.foreignPointer, address: VirtualAddress(address).pointer)
    }
    guard let (head, found) = allocation(spanning: slot(of: address)) else {
      throw HeapFault(.corruptControl, address: VirtualAddress(address).pointer)
    }
    var record = found
    guard record.payload == address else {
      throw fault(.interiorPointer, at: address, record)
    }
    guard record.state == .live else { throw fault(.doubleFree, at: address, record) }
    let guardPage = guardPage(of: record, at: head)
    if let wrong = overwritten(address + record.byteCount..<guardPage, in: space) {
      throw fault(.overflow, at: wrong, record)
    }
    let start = address.roundedDown(to: Self.page)
    space.unmapFresh(VirtualRange(start: VirtualAddress(start), byteCount: guardPage - start))
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

// MARK: - Canaries

/// The bytes between a payload's end and its guard page.
extension GuardedAllocations {
  private static var canary: UInt8 { 0xc5 }

  func fillCanary(
    _ bytes: Range<UInt>, in space: borrowing Space
  ) {
    guard let memory = unsafe accessible(bytes, in: space) else { return }
    for offset in 0..<memory.count { unsafe memory[offset] = Self.canary }
  }

  /// The first address of `bytes` whose canary was overwritten.
  func overwritten(
    _ bytes: Range<UInt>, in space: borrowing Space
  ) -> UInt? {
    guard let memory = unsafe accessible(bytes, in: space) else { return nil }
    for offset in 0..<memory.count where unsafe memory[offset] != Self.canary {
      return bytes.lowerBound + UInt(offset)
    }
    return nil
  }

  /// Where `bytes`, which lie in one page, can be reached whatever the map says.
  private func accessible(
    _ bytes: Range<UInt>, in space: borrowing Space
  ) -> UnsafeMutableRawBufferPointer? {
    guard !bytes.isEmpty,
      let translation = space.translate(VirtualAddress(bytes.lowerBound))
    else { return nil }
    let frame = PageFrame(containing: translation.physical)
    let offset = Int(bytes.lowerBound % Self.page)
    return unsafe UnsafeMutableRawBufferPointer(
      start: frames.accessibleAddress(of: frame) + offset, count: bytes.count)
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
    guard contains(address), let (_, record) = allocation(spanning: slot(of: address)) else {
      return nil
    }
    return GuardedAllocation(
      payload: record.payload, byteCount: record.byteCount, allocatedBy: record.allocatedBy,
      freedBy: record.state == .freed ? record.freedBy : nil)
  }
}
