import CShims
import Base
import Devices
import Handoff
import Heaps
import Memory

/// The steps that turn the firmware's memory into the kernel's, in order.
///
/// ```
///   image  │ page array │ kernel heap │ free pages ...
///          ^ __end
/// ```
enum MemoryBoot {
  /// Reads what the firmware left, and says what was wrong with it.
  static func readHandoff(x0: UInt) {
    let image = PhysicalRange(from: .init(image_start()), to: .init(stacks_start()))
    // From the guard page below the fault stack on: it is not mapped, so nobody else may have it.
    let stacks = PhysicalRange(
      from: .init(fault_stack_bottom() - PageFrame.byteCount), to: .init(image_end()))
    let reachable = PhysicalRange(from: .init(0), to: .init(UInt(mapped_memory_end())))
    let handoff = unsafe BootHandoff.read(
      x0: x0, mailboxMemory: mailboxMemory(), reachable: reachable,
      board: Board.current.memoryPlaces, image: image, bootStacks: stacks)
    unsafe KernelState.handoff = handoff
    reportErrors(from: 0)
    unsafe Shutdown.exitsThroughSemihosting = handoff.options.exitsThroughSemihosting
    if handoff.options.checksAlignment { write_sctlr(read_sctlr() | 1 << 1) }  // SCTLR_EL1.A
  }

  /// Writes what was wrong, a line each.
  private static func reportErrors(from first: Int) {
    guard let handoff = unsafe KernelState.handoff else { return }
    for error in handoff.errors.dropFirst(first) { Console.terminals.write(error) }
    if first == 0, handoff.errors.lostCount > 0 {
      Console.terminals.field("roost: further errors", count: handoff.errors.lostCount)
    }
  }

  /// What the mailbox says the ARM owns; nil when it does not say.
  private static func mailboxMemory() -> PhysicalRange? {
    guard let memory = try? Console.mailbox.armMemory() else { return nil }
    return PhysicalRange(start: memory.start, byteCount: memory.byteCount)
  }

  /// Chooses where page array, kernel heap and early heap go, and starts the early heap. Swift may
  /// allocate from here on.
  static func startEarlyHeap() {
    let reported = unsafe KernelState.handoff?.errors.count ?? 0
    guard unsafe KernelState.handoff?.placePageArray(byteCount: pageArrayByteCount) != nil else {
      panic("no memory for the page array")
    }
    let kernelHeap = unsafe KernelState.handoff?.placeKernelHeap(leaving: mapByteCount)
    let earlyHeap = unsafe KernelState.handoff?.placeEarlyHeap(leaving: mapByteCount)
    reportErrors(from: reported)
    guard kernelHeap != nil else { panic("no memory for the kernel heap") }
    guard let range = earlyHeap,
      let memory = unsafe UnsafeMutableRawBufferPointer(range),
      let heap = unsafe EarlyHeap(memory: memory)
    else { panic("no memory for the early heap") }
    KernelState.start(heap)
  }

  /// Makes the page array, with everything that is taken reserved before the rest is free. Memory that
  /// cannot be reached yet follows in `startMap`.
  static func startPages() {
    guard let handoff = unsafe KernelState.handoff,
      let range = handoff.range(of: .pageArray),
      let memory = unsafe UnsafeMutableRawBufferPointer(range),
      var pages = unsafe PageArray(
        memory: memory, frameCount: frameCount,
        lowFrameCount: PageFrame(containing: Board.current.legacyDMAEnd).number,
        clear: { bytes in
          if let start = bytes.baseAddress { unsafe bzero(start, bytes.count) }
        })
    else { panic("no memory for the page array") }
    do throws(PageArrayError) {
      for taken in handoff.reserved {
        try pages.markReserved(taken.range, for: taken.reason.reservation)
      }
      for ours in handoff.memory.intersection(handoff.reachable) { try pages.addMemory(ours) }
    } catch {
      panic("the page array contradicts itself") { $0.write(error.kind.description) }
    }
    unsafe KernelState.pages = consume pages
  }

  /// Starts the kernel heap, and with it moves the Swift runtime over.
  static func startHeap() {
    guard let options = unsafe KernelState.handoff?.options,
      let memory = unsafe KernelState.handoff?.range(of: .kernelHeap)
    else { panic("no memory for the kernel heap") }
    let window = UpperHalf.windowRange(
      byteCount: max(memory.byteCount, options.heapWindowByteCount),
      isFixed: options.heapBaseIsFixed)
    let grows = options.allocator == .bestFit && options.heapWindowByteCount > 0
    let isStarted =
      grows
      ? unsafe KernelHeap.start(in: memory, growingInto: window, options: heapOptions(options))
      : unsafe KernelHeap.start(
        in: memory, as: options.allocator, options: heapOptions(options))
    guard isStarted else { panic("no memory for the kernel heap") }
    if let number = options.failingAllocation { AllocationFailures.arm(number, again: false) }
    startTrace()
    startGuarding(oneIn: options.heapGuardInterval, behind: window)
  }

  /// Guards one allocation in `interval` from here on, if that is not 0.
  private static func startGuarding(oneIn interval: UInt, behind window: VirtualRange) {
    guard interval > 0,
      !KernelHeap.startGuarding(oneIn: interval, at: UpperHalf.guardedStart(behind: window))
    else { return }
    Console.terminals.write("roost: no memory for heap.guard\n")
  }

  /// What best fit is to do beyond its usual checks.
  private static func heapOptions(_ options: BootOptions) -> SegmentHeap.Options {
    var result: SegmentHeap.Options = options.heapDebug ? .debug : []
    guard options.heapHardened else { return result }
    result.insert(.hardened)
    if !Randomness.isRandom {
      Console.terminals.write(
        "roost: heap.hardened: this board has no random numbers, its secret can be guessed\n")
    }
    return result
  }

  /// Records the heap's calls from here on, if `trace=` says so.
  private static func startTrace() {
    guard let options = unsafe KernelState.handoff?.options, let depth = options.traceDepth,
      !HeapTrace.start(depth: Int(depth), byteCount: options.traceByteCount)
    else { return }
    Console.terminals.write("roost: no memory for trace.size=")
    Console.terminals.write(decimal: options.traceByteCount)
    Console.terminals.write("\n")
  }

  /// Puts the processor on the kernel's own map, in which page 0 is not, and which has room for the heap.
  static func startMap() {
    keepTexts()
    KernelAddressSpace.switchOver()
    addFarMemory()
    TranslationCheck.findDefect()
  }

  /// Firmwares leave the command line in page 0, or anywhere: it is copied.
  private static func keepTexts() {
    guard let count = unsafe KernelState.handoff?.textByteCount, count > 0 else { return }
    guard
      let found = unsafe KernelState.withEarlyHeap({
        unsafe $0.allocate(byteCount: count, alignment: 16)
      }), let start = unsafe found
    else { panic("no memory for the command line") }
    unsafe KernelState.handoff?.moveTexts(
      to: UnsafeMutableRawBufferPointer(start: start, count: count))
  }

  /// Hands the page array what only the kernel's own map reaches.
  private static func addFarMemory() {
    guard let handoff = unsafe KernelState.handoff else { return }
    let far = PhysicalRange(from: handoff.reachable.end, to: .init(UInt.max))
    do throws(PageArrayError) {
      for ours in handoff.memory.intersection(far) { try unsafe KernelState.pages?.addMemory(ours) }
    } catch {
      panic("the page array contradicts itself") { $0.write(error.kind.description) }
    }
  }

  /// What the heaps leave for the kernel's map and stacks: 640 KiB, of which a boot takes about 480, and
  /// two tables for each hole in the map.
  private static var mapByteCount: UInt {
    let holes =
      unsafe KernelState.handoff?.reserved.reduce(UInt(0)) { $0 + ($1.noMap ? 1 : 0) } ?? 0
    return 640 << 10 + holes * 2 * PageFrame.byteCount
  }

  /// Frames from 0 to the end of memory.
  private static var frameCount: UInt {
    let end = unsafe KernelState.handoff?.memory.span.end ?? PhysicalAddress(0)
    return PageFrame(containing: end).number
  }

  private static var pageArrayByteCount: UInt {
    let size = UInt(PageArray.byteCount(forFrames: frameCount) ?? 0)
    return size.roundedUp(to: PageFrame.byteCount) ?? size
  }
}

extension PageArray {
  /// Reserves every frame that `range` touches, as far as there are records.
  fileprivate mutating func markReserved(
    _ range: PhysicalRange, for reason: PageReservation
  ) throws(PageArrayError) {
    guard let frames = Range(touching: range.start, byteCount: range.byteCount) else { return }
    let end = PageFrame(number: frameCount)
    guard frames.lowerBound < end else { return }
    try markReserved(frames.lowerBound..<min(frames.upperBound, end), for: reason)
  }

  fileprivate mutating func addMemory(_ range: PhysicalRange) throws(PageArrayError) {
    guard let frames = Range(within: range.start, byteCount: range.byteCount) else { return }
    try addMemory(frames)
  }
}

extension ReservedRange.Reason {
  /// The same in the page array's terms.
  fileprivate var reservation: PageReservation {
    switch self {
    case .firmware, .atags: .firmware
    case .kernelImage: .image
    case .bootStacks: .bootStack
    case .deviceTree: .deviceTree
    case .initrd: .initrd
    case .reservationBlock, .reservedMemoryNode: .deviceTreeReserved
    case .pageArray: .pageArray
    case .kernelHeap: .kernelHeap
    case .earlyHeap: .earlyHeap
    }
  }
}

extension TextSink {
  /// Writes an error's line.
  fileprivate func write(_ error: HandoffError) {
    write("roost: ")
    error.forEachPiece { piece in
      switch piece {
      case .words(let words): write(words)
      case .text(let text): write(printable: text)
      case .hex(let number): write(hex: number)
      case .decimal(let number): write(decimal: number)
      }
    }
    write("\n")
  }

  /// Writes text of the firmware's; bytes that are not printable ASCII as `?`.
  func write(printable text: Bytes) {
    var offset = 0
    while let byte = text[offset] {
      write(byte: 0x20..<0x7f ~= byte ? byte : UInt8(ascii: "?"))
      offset += 1
    }
  }
}
