import CShims
import Base
import Devices
import Handoff
import Memory
import Transfer

/// From this kernel to the next: asm/handover.S has the way, this has the preparations.
enum Handover {
  /// What stands in the way of `image`; nil when it can be started. Changes nothing.
  static func obstacle(to image: KernelImage, in memory: ImageMemory) -> ShortText? {
    guard let handoff = unsafe KernelState.handoff,
      let place = PhysicalRange(
        start: PhysicalAddress(image.loadAddress), byteCount: image.memoryByteCount)
    else { return describe("it does not say where it runs", nil) }
    if !handoff.memory.contains(place) { return describe("there is no memory at ", place) }
    for taken in handoff.reserved where taken.reason.outlivesTheKernel {
      guard taken.range.overlaps(place) else { continue }
      var text = describe("it would overwrite the ", nil)
      text.append(words: taken.reason.description)
      text.append(words: " at ")
      text.append(hex: taken.range.start.rawValue)
      return text
    }
    for run in memory.runs where run.range.overlaps(place) {
      return describe("it would overwrite itself at ", run.range)
    }
    if waitingPlace(handoff) == nil {
      return describe("page 0 has no room for the other cores", nil)
    }
    return nil
  }

  private static func describe(_ words: StaticString, _ range: PhysicalRange?) -> ShortText {
    var text = ShortText()
    text.append(words: words)
    guard let range else { return text }
    text.append(hex: range.start.rawValue)
    text.append(words: " to ")
    text.append(hex: range.end.rawValue)
    return text
  }

  /// Starts `image`, which has no obstacle. Nothing of this kernel is left afterwards.
  static func start(_ image: KernelImage, in memory: ImageMemory) -> Never {
    guard let handoff = unsafe KernelState.handoff, let waiting = waitingPlace(handoff),
      let place = PhysicalRange(
        start: PhysicalAddress(image.loadAddress), byteCount: image.memoryByteCount),
      let page = ImageMemory(byteCount: PageFrame.byteCount, avoiding: place),
      let copier = page.runs.first?.lowerBound
    else { panic("no page for the copier of the image") }
    Console.buffered.write("starting\n")
    mask_all()
    let cores = Cores.othersOnline
    guard SpinTable.prepare(waitingLoopAt: waiting.rawValue) else {
      panic("page 0 cannot be mapped")
    }
    unsafe fill(copier, image, memory, waiting, cores)
    set_waiting_loop(UInt64(waiting.rawValue))
    guard Cores.stopOthers(isPatient: true) else { panic("a core does not leave for the handover") }
    Interrupts.silence()
    Console.port.flush()
    for run in memory.runs { mmio_clean_cache(run.lowerBound.start.rawValue, run.byteCount) }
    mmio_clean_cache(copier.start.rawValue, PageFrame.byteCount)
    hand_over(copier.start.rawValue)
  }

  /// Where in page 0 the cores can wait: the last of its quarters of a KiB that nobody has.
  private static func waitingPlace(_ handoff: BootHandoff) -> PhysicalAddress? {
    var start: UInt = 0xf00
    while start >= 0x800 {
      let place = PhysicalRange(
        from: PhysicalAddress(start), to: PhysicalAddress(start + 0x100))
      let isTaken = handoff.reserved.contains {
        $0.reason != .firmware && $0.range.overlaps(place)
      }
      if !isTaken { return place.start }
      start -= 0x100
    }
    return nil
  }

  /// Makes the copier's page: its code and what it needs to know.
  @unsafe private static func fill(
    _ page: PageFrame, _ image: KernelImage, _ memory: ImageMemory, _ waiting: PhysicalAddress,
    _ cores: UInt64
  ) {
    guard
      let to = unsafe UnsafeMutableRawPointer(bitPattern: page.start.rawValue),
      let code = unsafe UnsafeRawPointer(bitPattern: copier_code())
    else { return }
    unsafe _ = memcpy(to, code, Int(copier_code_end() - copier_code()))
    let data = unsafe (to + Int(COPIER_DATA)).assumingMemoryBound(to: copier.self)
    unsafe data.pointee = copier()
    unsafe data.pointee.entry = UInt64(image.loadAddress)
    unsafe data.pointee.argument = entry_x0()
    unsafe data.pointee.start = UInt64(image.loadAddress)
    unsafe data.pointee.end = UInt64(image.loadAddress + image.memoryByteCount)
    unsafe data.pointee.arrivals = UInt64(
      waiting.rawValue + waiting_code_arrivals() - waiting_code())
    unsafe data.pointee.cores = cores
    let runs = unsafe (to + Int(COPIER_DATA) + 64).assumingMemoryBound(to: copier_run.self)
    var offset: UInt = 0
    var index = 0
    for run in memory.runs {
      let count = min(run.byteCount, memory.byteCount - offset)
      unsafe runs[index] = copier_run(
        from: UInt64(run.lowerBound.start.rawValue), to: UInt64(image.loadAddress + offset),
        byte_count: UInt64((count + 15) & ~15))
      offset += count
      index += 1
    }
    unsafe data.pointee.run_count = UInt64(index)
  }
}

extension ReservedRange.Reason {
  /// True for what the next kernel needs as the firmware left it, or what is not the kernel's at all.
  fileprivate var outlivesTheKernel: Bool {
    switch self {
    case .firmware, .deviceTree, .atags, .initrd, .reservationBlock, .reservedMemoryNode: true
    case .kernelImage, .bootStacks, .earlyHeap, .pageArray, .kernelHeap: false
    }
  }
}

extension Range where Bound == PageFrame {
  /// The bytes of the frames.
  fileprivate var range: PhysicalRange {
    PhysicalRange(from: lowerBound.start, to: upperBound.start)
  }
}
