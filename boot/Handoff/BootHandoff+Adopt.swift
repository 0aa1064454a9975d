import Base

extension BootHandoff {
  /// Takes over what a firmware said, all of it or (thrown) nothing.
  mutating func adopt(
    _ report: FirmwareReport, from source: Source, at start: PhysicalAddress, _ kernel: KernelPlace
  ) throws(Refusal) {
    // The reader saw no byte outside memory or of the kernel, so this range cannot wrap, and is clear.
    let blob = PhysicalRange(
      from: start, to: PhysicalAddress(start.rawValue &+ report.byteCount))
    let agreed = try agreedMemory(report, kernel)
    if let initrd = report.initrd { try check(initrd, in: agreed, blob, kernel) }

    adoptMemory(agreed, report, from: source)
    reserve(blob, source == .deviceTree ? .deviceTree : .atags, from: source)
    for entry in report.reserved { reserved.append(entry) }
    if let range = report.initrd {
      reserve(range, .initrd, from: source)
      initrd = Sourced(range, from: source)
    }
    commandLine = report.commandLine.map { Sourced($0, from: source) }
    model = report.model.map { Sourced($0, from: source) }
    if let range = report.earlyHeap { earlyHeap = Sourced(range, from: source) }
  }

  /// The memory that the firmware's report and the mailbox both name; the mailbox's alone where
  /// the report names none, and the report's alone where the mailbox gave no answer.
  private func agreedMemory(
    _ report: FirmwareReport, _ kernel: KernelPlace
  ) throws(Refusal) -> MemoryRanges {
    guard let first = report.memory.first else { return memory }
    let bounds = memorySource == .mailbox ? memory[0] : kernel.mapped
    var agreed = MemoryRanges()
    for range in report.memory {
      let both = range.intersection(bounds)
      if !both.isEmpty { agreed.append(both) }
    }
    if agreed.isEmpty { throw Refusal(.memoryNotShared, first) }
    try kernel.check(isInside: agreed)
    return agreed
  }

  private func check(
    _ initrd: PhysicalRange, in agreed: MemoryRanges, _ blob: PhysicalRange, _ kernel: KernelPlace
  ) throws(Refusal) {
    guard agreed.contains(initrd) else { throw Refusal(.initrdOutsideMemory, initrd) }
    if kernel.overlaps(initrd) { throw Refusal(.initrdOverKernel, initrd) }
    if initrd.overlaps(blob) { throw Refusal(.initrdOverItself, initrd) }
  }

  /// Sets `memory`, and complains when the mailbox and the report do not say the same.
  private mutating func adoptMemory(
    _ agreed: MemoryRanges, _ report: FirmwareReport, from source: Source
  ) {
    guard !report.memory.isEmpty else { return }
    let mailbox = memory[0]
    let agrees =
      agreed.byteCount == report.memory.byteCount && agreed.byteCount == mailbox.byteCount
    if memorySource == .mailbox, !agrees {
      complain(
        .memoryDisagreement(
          source: source, said: report.memory.span, saidBytes: report.memory.byteCount,
          mailbox: mailbox))
    }
    let mailboxDecided = agreed.byteCount == mailbox.byteCount && !agrees
    if memorySource == .builtIn || !mailboxDecided { memorySource = source }
    memory = agreed
  }
}

/// Where the kernel itself lies: nothing else may.
struct KernelPlace {
  let image: PhysicalRange
  let bootStacks: PhysicalRange
  let mapped: PhysicalRange

  /// The bytes from `start` on, up to `end` or to where the kernel begins; none inside it. Below its
  /// stacks are pages that are not mapped, and the stacks are in use.
  func bytesBefore(from start: PhysicalAddress, to end: PhysicalAddress) -> PhysicalRange {
    var end = end
    if start < image.end { end = min(end, image.start) }
    if start < bootStacks.end { end = min(end, bootStacks.start) }
    return PhysicalRange(from: start, to: end)
  }

  func overlaps(_ range: PhysicalRange) -> Bool {
    range.overlaps(image) || range.overlaps(bootStacks)
  }

  func check(isInside memory: MemoryRanges) throws(Refusal) {
    guard memory.contains(image) else { throw Refusal(.kernelOutsideMemory, image) }
    guard bootStacks.isEmpty || memory.contains(bootStacks) else {
      throw Refusal(.kernelOutsideMemory, bootStacks)
    }
  }
}
