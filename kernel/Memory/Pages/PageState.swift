/// Who has a page frame.
public enum PageState: Equatable, Sendable {
  /// Nobody: it may be handed out.
  case free
  /// Kept away from the allocator, for a reason.
  case reserved(PageReservation)
  /// Handed out, for a use.
  case allocated(PageUse)
}

/// Why a frame is never handed out.
public enum PageReservation: UInt8, CaseIterable, Sendable {
  /// Nobody has said that there is memory here. The value of a cleared record.
  case notRam = 0
  /// Page 0 with the firmware's stub and spin table, and the ATAGs.
  case firmware = 1
  /// The stacks of core 0 and of its fault reports, with the guards below them.
  case bootStack = 2
  /// From `_start` to `__end`.
  case image = 3
  /// The records that say so.
  case pageArray = 4
  /// The device tree, which the command line and the model stay in.
  case deviceTree = 5
  /// The initial RAM disk, where the firmware put it.
  case initrd = 6
  /// The heap that Swift starts on.
  case earlyHeap = 7
  /// The kernel heap's first region.
  case kernelHeap = 8
  /// Named in the device tree's list of reserved memory.
  case deviceTreeReserved = 9

  /// The reason as `pages` prints it. Never allocates.
  public var description: StaticString {
    switch self {
    case .notRam: "not memory"
    case .firmware: "firmware"
    case .bootStack: "boot stacks"
    case .image: "kernel image"
    case .pageArray: "page array"
    case .deviceTree: "device tree"
    case .initrd: "initrd"
    case .earlyHeap: "early heap"
    case .kernelHeap: "kernel heap"
    case .deviceTreeReserved: "reserved by the device tree"
    }
  }
}

/// What a frame was handed out for.
public enum PageUse: UInt8, CaseIterable, Sendable {
  /// Anything without a name of its own.
  case general = 0
  /// Behind the kernel heap's window.
  case kernelHeap = 1
  /// A translation table.
  case pageTable = 2
  /// A page of a stack.
  case stack = 3
  /// Shared with a device.
  case device = 4

  /// The use as `pages` prints it. Never allocates.
  public var description: StaticString {
    switch self {
    case .general: "general"
    case .kernelHeap: "heap window"
    case .pageTable: "page table"
    case .stack: "stack"
    case .device: "device"
    }
  }
}

extension PageState {
  /// The state in words: `free`, or the reason or use. Never allocates.
  public var description: StaticString {
    switch self {
    case .free: "free"
    case .reserved(let reason): reason.description
    case .allocated(let use): use.description
    }
  }
}

/// How many frames are in each state.
struct PageCounters {
  var free: UInt = 0
  /// By `PageReservation.rawValue`.
  var reserved = InlineArray<16, UInt>(repeating: 0)
  /// By `PageUse.rawValue`.
  var allocated = InlineArray<16, UInt>(repeating: 0)

  subscript(state: PageState) -> UInt {
    get {
      switch state {
      case .free: free
      case .reserved(let reason): reserved[Int(reason.rawValue)]
      case .allocated(let use): allocated[Int(use.rawValue)]
      }
    }
    set {
      switch state {
      case .free: free = newValue
      case .reserved(let reason): reserved[Int(reason.rawValue)] = newValue
      case .allocated(let use): allocated[Int(use.rawValue)] = newValue
      }
    }
  }

  /// Notes that `count` frames went from one state to another. Wraps rather than traps, since a
  /// counter may have been overwritten; `check()` tells.
  mutating func move(_ count: UInt, from old: PageState, to new: PageState) {
    self[old] &-= count
    self[new] &+= count
  }

  static func == (a: Self, b: Self) -> Bool {
    guard a.free == b.free else { return false }
    for index in 0..<16 where a.reserved[index] != b.reserved[index] { return false }
    for index in 0..<16 where a.allocated[index] != b.allocated[index] { return false }
    return true
  }
}
