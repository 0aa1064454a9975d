import CShims
import Base
import Memory
import Sync

/// The kernel's own map, which takes the place of the start stub's.
///
/// ```
///   TTBR1  0xffff_ff80_0000_0000 + random  guard │ heap window │ guard │ guarded allocations
///          0xffff_ffe0_0000_0000           stacks, a guard page below each
///
///   TTBR0  all memory at its own address: KernelAddressSpace+Build.swift
/// ```
///
/// Writable memory is never executable, twice over: no mapping says so, and SCTLR_EL1.WXN would
/// overrule one that did.
enum KernelAddressSpace {
  typealias Space = AddressSpace<KernelFrames, ProcessorMaintenance>

  /// The lower half: memory and devices at their own addresses. Nil before `switchOver`.
  nonisolated(unsafe) static var lower: Space?

  /// The upper half: what is mapped as it is needed.
  nonisolated(unsafe) static var upper: Space?

  /// What a core needs to run on this map, once it is built. Every core uses the same.
  nonisolated(unsafe) private(set) static var registers = translation_registers()

  /// True from the moment when this map is the processor's.
  static var isActive: Bool { unsafe registers.ttbr0 != 0 }

  /// Builds the map and puts this core on it.
  static func switchOver() {
    let ttbr0: UInt64
    let ttbr1: UInt64
    do throws(PagingError) {
      let frames = KernelFrames()
      var lower = try Space(half: AddressHalf(.lower), source: frames, maintenance: .init())
      let upper = try Space(half: AddressHalf(.upper), source: frames, maintenance: .init())
      try buildLower(&lower)
      ttbr0 = UInt64(lower.root.start.rawValue)
      ttbr1 = UInt64(upper.root.start.rawValue)
      unsafe Self.lower = consume lower
      unsafe Self.upper = consume upper
    } catch {
      panic("the kernel map cannot be built", error)
    }
    unsafe registers = translation_registers(
      mair: MemoryKind.indirection, tcr: control, ttbr0: ttbr0, ttbr1: ttbr1,
      sctlr: read_sctlr() | 1 << 19)  // WXN
    forgetSharedLines()
    unsafe switch_translation(&registers)
    forgetSharedLines()
  }

  /// Lets `body` change the upper half, behind the lock of the maps; nil before `switchOver`.
  static func withUpper<Result, Failure: Error>(
    _ body: (inout Space) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    try Locks.maps.withLock { () throws(Failure) in try unsafe upper?.changing(body) }
  }

  /// Maps a device's memory at its own address, before the other cores run; false when that is refused.
  static func mapLower(
    _ range: VirtualRange, to start: PhysicalAddress, as mapping: Mapping
  ) -> Bool {
    do throws(PagingError) {
      try Locks.maps.withLock { () throws(PagingError) in
        _ = try unsafe lower?.changing { (space) throws(PagingError) in
          try space.map(range, to: start, as: mapping)
        }
      }
      return true
    } catch {
      return false
    }
  }

  /// TCR_EL1 as the stub set it (39 bits a half, 4 KiB, this core's physical address size), with walks
  /// from TTBR1_EL1 on and as cacheable and shareable as those from TTBR0_EL1. Pointers to the upper half
  /// carry a top byte that is ignored: see `VirtualAddress.pointer`.
  private static var control: UInt64 {
    let walks: UInt64 = 1 << 24 | 1 << 26 | 3 << 28  // IRGN1, ORGN1, SH1
    let ignoredTopByte: UInt64 = 1 << 38  // TBI1
    return read_tcr() & ~(1 << 23) | walks | ignoredTopByte  // EPD1
  }

  /// What the VideoCore shares was cached until now: nothing of it may be written back later.
  private static func forgetSharedLines() {
    mmio_clean_cache(shared_start(), shared_end() - shared_start())
    mmio_invalidate_cache(shared_start(), shared_end() - shared_start())
  }
}

// MARK: - Questions

// Tables are read behind the lock of the maps: another core may give a table back that a walk is in.
extension KernelAddressSpace {
  /// What `address` translates to; nil where it faults, and before `switchOver`. O(levels).
  static func translate(_ address: VirtualAddress) -> Translation? {
    Locks.maps.withLock { translateInReport(address) }
  }

  /// `translate` without the lock, for reports: the other cores are stopped, and one may hold it.
  static func translateInReport(_ address: VirtualAddress) -> Translation? {
    unsafe lower?.translate(address) ?? upper?.translate(address)
  }

  /// The run of equal mapping that `address` is in; nil where nothing is mapped. O(entries).
  static func run(holding address: VirtualAddress) -> MappedRun? {
    var found: MappedRun?
    forEachRun { run in
      if address.rawValue &- run.range.start.rawValue < run.range.byteCount { found = run }
    }
    return found
  }

  /// Calls `body` with each run of equal mapping, in ascending order of address. The heap's window
  /// is one run, its frames being anywhere. The lock is held for `KernelState.listingLimit` entries at a
  /// time and never for `body`, so that a slow port keeps no core waiting and loses no byte: what changes
  /// meanwhile may be seen or not. O(entries).
  static func forEachRun(_ body: (MappedRun) -> Void) {
    forEachRun(of: .lower, body)
    forEachRun(of: .upper, body)
  }

  private static func forEachRun(of side: AddressHalf.Side, _ body: (MappedRun) -> Void) {
    var current: MappedRun?
    var next: VirtualAddress? = AddressHalf(side).start
    while let start = next {
      let found = Locks.maps.withLock { run(of: side, from: start) }
      next = found.next
      guard let run = found.run else { continue }
      if current?.join(run, joiningScattered: side == .upper) == true { continue }
      if let current { body(current) }
      current = run
    }
    if let current { body(current) }
  }

  private static func run(
    of side: AddressHalf.Side, from start: VirtualAddress
  ) -> (run: MappedRun?, next: VirtualAddress?) {
    let limit = Int(KernelState.listingLimit)
    let found =
      side == .lower
      ? unsafe lower?.run(from: start, limit: limit)
      : unsafe upper?.run(from: start, limit: limit, joiningScattered: true)
    return found ?? (nil, nil)
  }

  /// Frames that hold tables.
  static var tableCount: Int {
    Locks.maps.withLock { unsafe (lower?.tableCount ?? 0) + (upper?.tableCount ?? 0) }
  }

  /// Proves that all tables are as the operations leave them.
  static func check() throws(PageTableFault) {
    try Locks.maps.withLock { () throws(PageTableFault) in
      unsafe try lower?.check()
      unsafe try upper?.check()
    }
  }
}

extension AddressSpace: ChangedInPlace {}
