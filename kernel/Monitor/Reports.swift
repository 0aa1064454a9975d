import Base
import Devices
import Heaps

/// What runs, and on what.
public struct SystemIdentity: Sendable {
  /// Roost's version, as in `0.1.0`.
  public let version: StaticString
  /// How the kernel was built: `optimised` or `unoptimised`.
  public let build: StaticString
  /// Which build it is: a hash over the linked kernel.
  public let buildID: UInt64
  /// The board's revision code, or nil when the firmware did not say.
  public let board: BoardRevision?
  /// The firmware's build time in seconds since 1970, or nil when it did not say.
  public let firmware: UInt32?

  /// An identity with these parts.
  public init(
    version: StaticString, build: StaticString, buildID: UInt64, board: BoardRevision?,
    firmware: UInt32?
  ) {
    self.version = version
    self.build = build
    self.buildID = buildID
    self.board = board
    self.firmware = firmware
  }
}

/// A range of physical memory, what it is for, and who said so.
public struct MemoryRangeReport: Sendable {
  /// The first byte.
  public let start: PhysicalAddress
  /// The size in bytes.
  public let byteCount: UInt
  /// Who said so: `mailbox`, `device tree`, `atags`, `linker`, `roost` and the like.
  public let source: StaticString
  /// What the range is for, or why it is reserved.
  public let use: StaticString

  /// The range of `byteCount` bytes from `start`.
  public init(
    start: PhysicalAddress, byteCount: UInt, source: StaticString, use: StaticString
  ) {
    self.start = start
    self.byteCount = byteCount
    self.source = source
    self.use = use
  }
}

/// The early heap in numbers.
public struct EarlyHeapReport: Sendable {
  /// The first byte.
  public let start: PhysicalAddress
  /// The size of all its regions in bytes.
  public let byteCount: UInt
  /// Bytes handed out, padding included.
  public let usedBytes: UInt
  /// The most that `usedBytes` has been.
  public let peakBytes: UInt
  /// Calls of free, which the early heap counts and otherwise ignores.
  public let freeCount: UInt

  /// A report of these numbers.
  public init(
    start: PhysicalAddress, byteCount: UInt, usedBytes: UInt, peakBytes: UInt, freeCount: UInt
  ) {
    self.start = start
    self.byteCount = byteCount
    self.usedBytes = usedBytes
    self.peakBytes = peakBytes
    self.freeCount = freeCount
  }
}

/// How many pages are in a state.
public struct PageStateReport: Sendable {
  /// The state in a word: `free`, `reserved` and the like.
  public let state: StaticString
  /// The number of pages.
  public let count: UInt

  /// `count` pages are in `state`.
  public init(state: StaticString, count: UInt) {
    self.state = state
    self.count = count
  }
}

/// Pages side by side that are in the same state.
public struct PageRunReport: Sendable {
  /// The first page.
  public let first: PageFrame
  /// The number of pages.
  public let count: UInt
  /// The state in a word.
  public let state: StaticString

  /// The run of `count` pages from `first`.
  public init(first: PageFrame, count: UInt, state: StaticString) {
    self.first = first
    self.count = count
    self.state = state
  }
}

/// The kernel heap in numbers.
public struct HeapReport: Sendable {
  /// The allocator's name.
  public let allocator: StaticString
  /// The first byte of its first region.
  public let start: VirtualAddress
  /// The size of its first region in bytes.
  public let byteCount: UInt
  /// Counters and sizes over all regions.
  public let statistics: HeapStatistics

  /// A report of these numbers.
  public init(
    allocator: StaticString, start: VirtualAddress, byteCount: UInt, statistics: HeapStatistics
  ) {
    self.allocator = allocator
    self.start = start
    self.byteCount = byteCount
    self.statistics = statistics
  }
}

/// Who may free a live payload.
public enum PayloadOwner: Sendable {
  /// The kernel: a free by hand would pull its memory away.
  case kernel
  /// Who typed `alloc`.
  case prompt
}

/// A segment of the kernel heap.
public struct HeapSegmentReport: Sendable {
  /// What a segment is used for.
  public enum State: Sendable {
    case free
    case used(PayloadOwner)
    /// Freed, and kept back for a while by the heap's debug mode.
    case quarantined
  }

  /// Where the payload begins: what `free` takes.
  public let payload: VirtualAddress
  /// The size in bytes, the header included.
  public let byteCount: UInt
  /// What it is used for.
  public let state: State

  /// The segment of `byteCount` bytes with this payload.
  public init(payload: VirtualAddress, byteCount: UInt, state: State) {
    self.payload = payload
    self.byteCount = byteCount
    self.state = state
  }
}

/// What the check of one part of the kernel found.
public struct CheckReport: Sendable {
  /// What was wrong first, and where.
  public struct Breach: Sendable {
    /// What was wrong, in words.
    public let description: StaticString
    /// The address that was found wrong.
    public let address: UInt

    /// The breach that `description` names, at `address`.
    public init(_ description: StaticString, address: UInt) {
      self.description = description
      self.address = address
    }
  }

  /// The part in a word: `pages`, `heap` and the like.
  public let part: StaticString
  /// The first breach, or nil when all is well.
  public let breach: Breach?

  /// The check of `part` found `breach`, or nothing.
  public init(part: StaticString, breach: Breach?) {
    self.part = part
    self.breach = breach
  }
}
