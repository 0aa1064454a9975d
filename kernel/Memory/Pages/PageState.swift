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
  case firmware = 1
  case bootStack = 2
  case image = 3
  case pageArray = 4
  case deviceTree = 5
  case initrd = 6
  case earlyHeap = 7
  case kernelHeap = 8
  case videoCore = 9
  /// Named in the device tree's list of reserved memory.
  case deviceTreeReserved = 10

  /// The reason as `pages` prints it. Never allocates.
  public var words: StaticString {
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
    case .videoCore: "VideoCore"
    case .deviceTreeReserved: "reserved by the device tree"
    }
  }
}

/// What a frame was handed out for.
public enum PageUse: UInt8, CaseIterable, Sendable {
  case general = 0
  /// Behind the kernel heap's window.
  case kernelHeap = 1
  /// A translation table.
  case pageTable = 2
  case stack = 3
  /// Shared with a device.
  case device = 4

  /// The use as `pages` prints it. Never allocates.
  public var words: StaticString {
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
  public var words: StaticString {
    switch self {
    case .free: "free"
    case .reserved(let reason): reason.words
    case .allocated(let use): use.words
    }
  }
}
