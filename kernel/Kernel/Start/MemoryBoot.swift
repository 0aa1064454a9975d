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
    let mapped = PhysicalRange(from: .init(0), to: .init(UInt(mapped_memory_end())))
    let handoff = unsafe BootHandoff.read(
      x0: x0, mailboxMemory: mailboxMemory(), mapped: mapped, image: image, bootStacks: stacks)
    unsafe KernelState.handoff = handoff
    reportComplaints(from: 0)
    unsafe Shutdown.exitsThroughSemihosting = handoff.options.exitsThroughSemihosting
    if handoff.options.checksAlignment { write_sctlr(read_sctlr() | 1 << 1) }  // SCTLR_EL1.A
  }

  /// Writes what was wrong, a line each.
  private static func reportComplaints(from first: Int) {
    guard let handoff = unsafe KernelState.handoff else { return }
    for complaint in handoff.complaints.dropFirst(first) { Console.port.write(complaint) }
    if first == 0, handoff.lostComplaintCount > 0 {
      Console.port.field("roost: further complaints", count: handoff.lostComplaintCount)
    }
  }

  /// What the mailbox says the ARM owns; nil when it does not say.
  private static func mailboxMemory() -> PhysicalRange? {
    guard let memory = try? Console.mailbox.armMemory() else { return nil }
    return PhysicalRange(start: memory.start, byteCount: memory.byteCount)
  }

  /// Chooses the early heap's place, clear of where page array and kernel heap will go, and starts
  /// it. Swift may allocate from here on.
  static func startEarlyHeap() {
    let (wanted, isAbsurd) = pageArrayByteCount.addingReportingOverflow(heapByteCount)
    let place = isAbsurd ? nil : PhysicalRange(start: .init(image_end()), byteCount: wanted)
    let keepClear = place ?? .none  // startHeap refuses what fits nowhere
    let reported = unsafe KernelState.handoff?.complaints.count ?? 0
    let chosen = unsafe KernelState.handoff?.placeEarlyHeap(keepClear: keepClear)
    reportComplaints(from: reported)
    guard let range = chosen,
      let memory = unsafe UnsafeMutableRawBufferPointer(range),
      let heap = unsafe EarlyHeap(memory: memory)
    else { panic("no memory for the early heap") }
    KernelState.start(heap)
  }

  /// Makes the page array right after the image, with everything that is taken reserved before the
  /// rest is free.
  static func startPages() {
    guard let handoff = unsafe KernelState.handoff,
      let range = handoff.firstFree(byteCount: pageArrayByteCount, from: .init(image_end())),
      let memory = unsafe UnsafeMutableRawBufferPointer(range),
      var pages = unsafe PageArray(
        memory: memory, frameCount: frameCount,
        clear: { bytes in
          if let start = bytes.baseAddress { unsafe bzero(start, bytes.count) }
        })
    else { panic("no memory for the page array") }
    do throws(PageArrayError) {
      for taken in handoff.reserved {
        try pages.markReserved(taken.range, for: taken.reason.reservation)
      }
      try pages.markReserved(range, for: .pageArray)
      for ours in handoff.memory { try pages.addMemory(ours) }
    } catch {
      panic("the page array contradicts itself") { $0.write(error.kind.description) }
    }
    unsafe KernelState.pageArrayRange = range
    unsafe KernelState.pages = consume pages
  }

  /// Starts the kernel heap after the page array, and with it moves the Swift runtime over.
  static func startHeap() {
    defer {
      if let number = unsafe KernelState.handoff?.options.failingAllocation {
        AllocationFailures.arm(number, again: false)
      }
    }
    let asked = heapByteCount
    if startHeap(byteCount: asked) { return }
    let usual = BootOptions.defaultHeapByteCount
    Console.port.write("roost: no room for heap=")
    Console.port.write(decimal: asked)
    Console.port.write(": taking ")
    Console.port.write(decimal: usual)
    Console.port.write(" bytes\n")
    guard startHeap(byteCount: usual) else { panic("no memory for the kernel heap") }
  }

  /// Puts the processor on the kernel's own map, in which page 0 is not, and opens the window that the
  /// heap grows into.
  static func startMap() {
    keepTexts()
    KernelAddressSpace.switchOver()
    TranslationCheck.findDefect()
    guard let options = unsafe KernelState.handoff?.options else { return }
    let window = UpperHalf.windowRange(
      byteCount: options.heapWindowByteCount, isFixed: options.heapBaseIsFixed)
    KernelHeap.openWindow(window)
    let interval = options.heapGuardInterval
    guard interval > 0 else { return }
    if !KernelHeap.startGuarding(oneIn: interval, at: UpperHalf.guardedStart(behind: window)) {
      Console.port.write("roost: no memory for heap.guard\n")
    }
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

  private static func startHeap(byteCount: UInt) -> Bool {
    guard let size = byteCount.roundedUp(to: PageFrame.byteCount),
      let array = unsafe KernelState.pageArrayRange,
      let range = unsafe KernelState.handoff?.firstFree(
        byteCount: size, from: array.end, keepClear: array),
      (try? unsafe KernelState.pages?.markReserved(range, for: .kernelHeap)) != nil
    else { return false }
    guard let options = unsafe KernelState.handoff?.options else { return false }
    return unsafe KernelHeap.start(
      in: range, as: options.allocator, options: options.heapDebug ? .debug : [])
  }

  private static var heapByteCount: UInt {
    unsafe KernelState.handoff?.options.heapByteCount ?? 0
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
    case .earlyHeap: .earlyHeap
    }
  }
}

extension TextSink {
  /// Writes a complaint's line.
  fileprivate func write(_ complaint: Complaint) {
    write("roost: ")
    complaint.forEachPiece { piece in
      switch piece {
      case .words(let words): write(words)
      case .text(let text): write(printable: text)
      case .hex(let number): write(hex: number)
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
