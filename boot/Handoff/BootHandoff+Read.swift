import Base

// The order of decisions is drawn in docs/handoff.md.
extension BootHandoff {
  /// What is assumed to be memory when nobody says: the least that any 64-bit Raspberry Pi leaves
  /// to its ARM cores (512 MiB with the largest `gpu_mem` of 384).
  public static var assumedMemory: PhysicalRange {
    PhysicalRange(from: PhysicalAddress(0), to: PhysicalAddress(128 << 20))
  }

  /// Page 0, which holds the firmware's stub and spin table.
  static var firmwarePage: PhysicalRange {
    PhysicalRange(from: PhysicalAddress(0), to: PhysicalAddress(PageFrame.byteCount))
  }

  /// Reads and checks what the firmware left. Never traps, never allocates.
  ///
  /// - Parameters:
  ///   - x0: what the firmware passed in x0, untrusted.
  ///   - mailboxMemory: the answer to the mailbox tag "get ARM memory"; nil when there was none.
  ///     Nothing outside it is read, or outside `assumedMemory` without it, and nothing of the kernel.
  ///   - reachable: what the processor can reach now. Nothing outside it is read, or placed there.
  ///   - board: where this board can have memory.
  ///   - image: the kernel from its first byte to `__end`.
  ///   - bootStacks: the stacks of all cores; nil when they lie in the image.
  ///   - displacement: what to add to a physical address to read there: 0 on the board, where
  ///     memory is mapped at its own address. Tests put "physical" memory elsewhere.
  /// - Precondition: the memory named above is mapped and readable, and what x0 points at stays
  ///   unchanged while the handoff is in use.
  @unsafe public static func read(
    x0: UInt, mailboxMemory: PhysicalRange?, reachable: PhysicalRange = .everything,
    board: MemoryPlaces = .anywhere, image: PhysicalRange, bootStacks: PhysicalRange? = nil,
    displacement: UInt = 0
  ) -> BootHandoff {
    var handoff = BootHandoff()
    handoff.reachable = reachable
    handoff.reserve(firmwarePage, .firmware, from: .builtIn)
    handoff.reserve(image, .kernelImage, from: .builtIn)
    if let bootStacks { handoff.reserve(bootStacks, .bootStacks, from: .builtIn) }

    let kernel = KernelPlace(image: image, bootStacks: bootStacks ?? .none)
    handoff.startWithMailbox(mailboxMemory, board, kernel)
    unsafe handoff.readFirmware(x0: x0, board, kernel, displacement)

    if handoff.memorySource == .builtIn {
      handoff.errors.note(.memoryAssumed(handoff.memory.span))
    }
    if let commandLine = handoff.commandLine { handoff.readOptions(commandLine.value) }
    return handoff
  }

  /// The memory to use unless something better follows, and the bounds for reading on.
  private mutating func startWithMailbox(
    _ said: PhysicalRange?, _ board: MemoryPlaces, _ kernel: KernelPlace
  ) {
    memory = MemoryRanges(Self.assumedMemory.intersection(reachable))
    guard let said else { return }
    do throws(FirmwareError) {
      if said.isEmpty { throw FirmwareError(.emptyRange, said) }
      let places = board.places.intersection(said)
      try kernel.check(isInside: places)
      memory = places
      memorySource = .mailbox
    } catch {
      errors.note(.refused(source: .mailbox, error: error))
    }
  }

  /// Reads what is at `x0`, and takes over what of it makes sense.
  @unsafe private mutating func readFirmware(
    x0: UInt, _ board: MemoryPlaces, _ kernel: KernelPlace, _ displacement: UInt
  ) {
    guard x0 != 0 else { return }
    let start = PhysicalAddress(x0)
    let part = memory.first { $0.start <= start && start < $0.end }?.intersection(reachable)
    guard let part, part.start <= start, start < part.end else {
      return errors.note(.pointerOutsideMemory(x0: x0))
    }
    let readable = kernel.bytesBefore(from: start, to: part.end)
    guard !readable.isEmpty else { return errors.note(.pointerIntoKernel(x0: x0)) }
    let bytes = unsafe Bytes(unsafeAddress: x0 &+ displacement, count: readable.byteCount)
    switch HandoffSource(ofHandoff: bytes) {
    case .deviceTree: adopt(DeviceTree(bytes, address: start).report(), at: start, board, kernel)
    case .atags: adopt(AtagList(bytes, address: start).report(), at: start, board, kernel)
    default: errors.note(.nothingAtPointer(x0: x0))
    }
  }

  private mutating func readOptions(_ commandLine: Bytes) {
    var arguments = CommandLine(commandLine)
    while let argument = arguments.next() {
      do throws(OptionError) {
        try options.apply(argument)
      } catch {
        errors.note(.option(text: argument.text, error: error))
      }
    }
  }
}

extension HandoffSource {
  /// Device tree or ATAGs, by their first words; nil for neither.
  init?(ofHandoff bytes: Bytes) {
    if bytes.bigEndian32(at: 0) == DeviceTree.magic {
      self = .deviceTree
    } else if bytes.littleEndian32(at: 4) == AtagList.Tag.core {
      self = .atags
    } else {
      return nil
    }
  }
}

// MARK: - What the firmware said

extension BootHandoff {
  /// Takes over a firmware's word, part by part: one that does not fit the board or the kernel costs
  /// only itself, and what is reserved counts in any case.
  private mutating func adopt(
    _ report: FirmwareReport, at start: PhysicalAddress, _ board: MemoryPlaces,
    _ kernel: KernelPlace
  ) {
    for entry in report.reserved {
      reserved.add(entry)
      guard entry.noMap, kernel.overlaps(entry.range), report.refusal == nil else { continue }
      errors.note(
        .part(
          source: report.source, name: .empty,
          error: FirmwareError(.noMapOverKernel, entry.range), outcome: .keptMapped))
    }
    if let refusal = report.refusal {
      return errors.note(.refused(source: report.source, error: refusal))
    }
    errors.note(contentsOf: report.errors)

    // The reader saw no byte outside memory or of the kernel, so this range cannot wrap, and is clear.
    let blob = PhysicalRange(
      from: start, to: PhysicalAddress(start.rawValue &+ report.byteCount))
    reserve(blob, report.source == .deviceTree ? .deviceTree : .atags, from: report.source)
    adoptMemory(report, board, kernel)
    adoptInitrd(report, blob, kernel)
    commandLine = report.commandLine.map { Sourced($0, from: report.source) }
    model = report.model.map { Sourced($0, from: report.source) }
    if let range = report.earlyHeap { earlyHeap = Sourced(range, from: report.source) }
  }

  /// Sets `memory` to what the report and the mailbox both name, or to the one's word where the other
  /// has none, and says so when they do not agree. The mailbox knows of a part of memory only.
  private mutating func adoptMemory(
    _ report: FirmwareReport, _ board: MemoryPlaces, _ kernel: KernelPlace
  ) {
    guard let first = report.memory.first else { return }
    let hasMailbox = memorySource == .mailbox
    let bounds = hasMailbox ? board.bounded(by: memory) : board.places
    let agreed = report.memory.intersection(bounds)
    do throws(FirmwareError) {
      if agreed.isEmpty { throw FirmwareError(.memoryNotShared, first) }
      try kernel.check(isInside: agreed)
    } catch {
      return errors.note(
        .part(source: report.source, name: .empty, error: error, outcome: .ignored))
    }
    let known = agreed.intersection(board.mailboxReach)
    if hasMailbox, agreed != report.memory || known != memory {
      errors.note(
        .memoryDisagreement(
          source: report.source, said: report.memory.span, saidBytes: report.memory.byteCount,
          mailbox: memory.span))
    }
    if !hasMailbox || agreed == report.memory || agreed != memory { memorySource = report.source }
    memory = agreed
  }

  private mutating func adoptInitrd(
    _ report: FirmwareReport, _ blob: PhysicalRange, _ kernel: KernelPlace
  ) {
    guard let range = report.initrd else { return }
    do throws(FirmwareError) {
      guard memory.contains(range) else { throw FirmwareError(.initrdOutsideMemory, range) }
      if kernel.overlaps(range) { throw FirmwareError(.initrdOverKernel, range) }
      if range.overlaps(blob) { throw FirmwareError(.initrdOverItself, range) }
      for other in reserved where other.noMap && other.range.overlaps(range) {
        throw FirmwareError(.initrdNotMapped, range)
      }
      reserve(range, .initrd, from: report.source)
      initrd = Sourced(range, from: report.source)
    } catch {
      errors.note(.part(source: report.source, name: .empty, error: error, outcome: .ignored))
    }
  }
}

/// Where the kernel itself lies: nothing else may.
private struct KernelPlace {
  let image: PhysicalRange
  let bootStacks: PhysicalRange

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

  func check(isInside memory: MemoryRanges) throws(FirmwareError) {
    guard memory.contains(image) else { throw FirmwareError(.kernelOutsideMemory, image) }
    guard bootStacks.isEmpty || memory.contains(bootStacks) else {
      throw FirmwareError(.kernelOutsideMemory, bootStacks)
    }
  }
}
