import Assembly
import Memory
import Sync

/// The stacks of the cores. Core 0's own and its fault stack are below the image; all others are pages of
/// the page array, a run for each core:
///
/// ```
///   core 1 to 3   │ guard │ nested fault 8K, fault 24K │ guard │ interrupt 32K │ guard │ own 64K │
///   core 0        │ guard │ interrupt 32K │
/// ```
/// A guard is a page that nobody writes: `guards` are to be unmapped.
enum KernelStack {
  private static var page: UInt { PageFrame.byteCount }
  private static var interruptPages: UInt { 8 }
  private static var faultPages: UInt { 8 }
  private static var nestedPages: UInt { 2 }
  private static var ownPages: UInt { 16 }

  /// Gives `core` its stacks; false when there are no pages for them.
  static func allocate(core: UInt) -> Bool {
    let fault = core == 0 ? 0 : 1 + faultPages
    let own = core == 0 ? 0 : 1 + ownPages
    let count = fault + 1 + interruptPages + own
    guard
      let run = Locks.pages.withLock({
        try? unsafe KernelState.pages?.allocateRun(frameCount: count, for: .stack)
      })
    else { return false }
    let start = run.lowerBound.start.rawValue
    let data = unsafe core_data_of(core)
    unsafe data.pointee.number = UInt64(core)
    unsafe data.pointee.interrupt_stack_top = UInt64(start + (fault + 1 + interruptPages) * page)
    guard core != 0 else { return true }
    unsafe data.pointee.nested_fault_stack_top = UInt64(start + (1 + nestedPages) * page)
    unsafe data.pointee.fault_stack_top = UInt64(start + (1 + faultPages) * page)
    unsafe data.pointee.stack_top = UInt64(start + count * page)
    return true
  }

  /// Which stack an address is on.
  enum Kind {
    case own, interrupt, fault

    var words: StaticString {
      switch self {
      case .own: "stack"
      case .interrupt: "interrupt stack"
      case .fault: "fault stack"
      }
    }
  }

  /// Calls `body` with every stack that there is, its core and its bytes.
  private static func forEach(_ body: (UInt, Kind, Range<UInt>) -> Void) {
    body(0, .own, boot_stack_bottom()..<boot_stack_top())
    body(0, .fault, fault_stack_bottom()..<fault_stack_top())
    for core in 0..<UInt(CORE_COUNT) {
      let data = unsafe core_data_of(core).pointee
      visit(core, .interrupt, UInt(data.interrupt_stack_top), interruptPages, body)
      if core == 0 { continue }
      visit(core, .fault, UInt(data.fault_stack_top), faultPages, body)
      visit(core, .own, UInt(data.stack_top), ownPages, body)
    }
  }

  private static func visit(
    _ core: UInt, _ kind: Kind, _ top: UInt, _ pages: UInt,
    _ body: (UInt, Kind, Range<UInt>) -> Void
  ) {
    if top != 0 { body(core, kind, top - pages * page..<top) }
  }

  /// The bytes of the stack that `address` is on; nil when it is on none.
  static func bounds(of address: UInt) -> Range<UInt>? {
    var found: Range<UInt>?
    forEach { _, _, bytes in
      if bytes.contains(address) { found = bytes }
    }
    return found
  }

  /// True when both addresses are on one stack.
  static func isOnSame(_ a: UInt, _ b: UInt) -> Bool { bounds(of: a)?.contains(b) ?? false }

  /// The stack whose guard page `address` is in; nil when it is in none.
  static func overflowed(at address: UInt) -> (core: UInt, kind: Kind)? {
    var found: (core: UInt, kind: Kind)?
    forEach { core, kind, bytes in
      if bytes.lowerBound - page..<bytes.lowerBound ~= address { found = (core, kind) }
    }
    return found
  }

  /// Calls `body` with the address of each guard page of the stacks that came from the page array.
  static func forEachGuard(_ body: (UInt) -> Void) {
    forEach { core, kind, bytes in
      if core != 0 || kind == .interrupt { body(bytes.lowerBound - page) }
    }
  }
}
