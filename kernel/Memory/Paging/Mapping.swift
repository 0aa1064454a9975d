/// What the kernel may do with a page. EL0 may do nothing with any. That a page is writable and
/// executable at once cannot be said.
public enum Permissions: Sendable, CaseIterable {
  /// Loads.
  case readOnly
  /// Loads and stores.
  case readWrite
  /// Loads and instruction fetches.
  case readExecute
}

/// How memory behaves. The raw value is the AttrIndx field: the byte of MAIR_EL1 that says so.
public enum MemoryKind: UInt64, Sendable, CaseIterable {
  /// Normal memory, write-back, read- and write-allocate, coherent between the cores.
  case normalWriteBack = 0
  /// Registers: Device-nGnRE (not gathered, not reordered, writes acknowledged early). Never
  /// executable, because a speculative fetch would read a register.
  case deviceNGnRE = 1
  /// Normal memory that is not cached, for buffers shared with the VideoCore.
  case normalNonCacheable = 2

  /// The value of MAIR_EL1 that these kinds count on (ARM DDI 0487, MAIR_EL1): 0xff write-back,
  /// 0x04 Device-nGnRE, 0x44 non-cacheable.
  public static let indirection: UInt64 = 0x44_04ff

  /// The SH field: inner for what the cores share; the others are outer shareable whatever the
  /// field says.
  var shareability: PageTableEntry.Shareability {
    self == .normalWriteBack ? .inner : .outer
  }
}

/// What a mapping is for, so that a listing of the map can say it. Kept in software bits.
public enum PagePurpose: UInt64, Sendable, CaseIterable {
  /// Memory of the page array: free frames, allocated frames, tables.
  case memory = 0
  /// The kernel image.
  case image = 1
  /// A core's stack.
  case stack = 2
  /// The kernel heap.
  case heap = 3
  /// An allocation that ends at a guard page.
  case guardedHeap = 4
  /// Registers.
  case device = 5
  /// Buffers shared with the VideoCore.
  case shared = 6
  /// Pages of the firmware.
  case firmware = 7

  /// The purpose in a word, for tables.
  public var description: StaticString {
    switch self {
    case .memory: "memory"
    case .image: "image"
    case .stack: "stack"
    case .heap: "heap"
    case .guardedHeap: "guarded heap"
    case .device: "device"
    case .shared: "shared"
    case .firmware: "firmware"
    }
  }
}

/// Everything about a mapping but its addresses.
public struct Mapping: Hashable, Sendable {
  /// What may be done with it.
  public var permissions: Permissions
  /// How the memory behaves.
  public var kind: MemoryKind
  /// What it is for.
  public var purpose: PagePurpose
  /// True where the mapping must not disappear, not even for the moment of a break-before-make:
  /// the code that changes tables, its stack, its vectors, the tables. Operations that would have
  /// to break a pinned mapping are refused.
  public var isPinned: Bool

  /// A mapping of `permissions`; write-back memory, not pinned, where nothing else is said.
  public init(
    _ permissions: Permissions, kind: MemoryKind = .normalWriteBack,
    purpose: PagePurpose = .memory, isPinned: Bool = false
  ) {
    self.permissions = permissions
    self.kind = kind
    self.purpose = purpose
    self.isPinned = isPinned
  }

  /// True unless it would make registers executable.
  var isAllowed: Bool { permissions != .readExecute || kind != .deviceNGnRE }
}
