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
  ///   - mapped: what the processor can reach. Memory beyond it is not taken, whoever names it.
  ///   - image: the kernel from its first byte to `__end`.
  ///   - bootStacks: the stacks of all cores; nil when they lie in the image.
  ///   - displacement: what to add to a physical address to read there: 0 on the board, where
  ///     memory is mapped at its own address. Tests put "physical" memory elsewhere.
  /// - Precondition: the memory named above is mapped and readable, and what x0 points at stays
  ///   unchanged while the handoff is in use.
  @unsafe public static func read(
    x0: UInt, mailboxMemory: PhysicalRange?, mapped: PhysicalRange = .everything,
    image: PhysicalRange,
    bootStacks: PhysicalRange? = nil, displacement: UInt = 0
  ) -> BootHandoff {
    var handoff = BootHandoff()
    handoff.reserve(firmwarePage, .firmware, from: .builtIn)
    handoff.reserve(image, .kernelImage, from: .builtIn)
    if let bootStacks { handoff.reserve(bootStacks, .bootStacks, from: .builtIn) }

    let kernel = KernelPlace(image: image, bootStacks: bootStacks ?? .none, mapped: mapped)
    handoff.startWithMailbox(mailboxMemory?.intersection(mapped), kernel)
    unsafe handoff.readFirmware(x0: x0, kernel, displacement)

    if handoff.memorySource == .builtIn { handoff.complain(.memoryAssumed(handoff.memory[0])) }
    if let commandLine = handoff.commandLine { handoff.readOptions(commandLine.value) }
    return handoff
  }

  /// The memory to use unless something better follows, and the bounds for reading on.
  private mutating func startWithMailbox(_ mailboxMemory: PhysicalRange?, _ kernel: KernelPlace) {
    memory.append(Self.assumedMemory.intersection(kernel.mapped))
    guard let mailboxMemory else { return }
    do throws(Refusal) {
      if mailboxMemory.isEmpty { throw Refusal(.emptyRange, mailboxMemory) }
      var ranges = MemoryRanges()
      ranges.append(mailboxMemory)
      try kernel.check(isInside: ranges)
      memory = ranges
      memorySource = .mailbox
    } catch {
      complain(.refused(source: .mailbox, refusal: error))
    }
  }

  /// Reads what is at `x0`, and takes it over if all of it makes sense.
  @unsafe private mutating func readFirmware(x0: UInt, _ kernel: KernelPlace, _ displacement: UInt)
  {
    guard x0 != 0 else { return }
    let start = PhysicalAddress(x0)
    guard memory[0].start <= start, start < memory[0].end else {
      return complain(.pointerOutsideMemory(x0: x0))
    }
    let readable = kernel.bytesBefore(from: start, to: memory[0].end)
    guard !readable.isEmpty else { return complain(.pointerIntoKernel(x0: x0)) }
    let bytes = unsafe Bytes(unsafeAddress: x0 &+ displacement, count: readable.byteCount)
    guard let source = Source(ofHandoff: bytes) else { return complain(.nothingAtPointer(x0: x0)) }
    do throws(Refusal) {
      let report =
        source == .deviceTree
        ? try DeviceTree(bytes, address: start).report()
        : try AtagList(bytes, address: start).report()
      try adopt(report, from: source, at: start, kernel)
    } catch {
      complain(.refused(source: source, refusal: error))
    }
  }

  private mutating func readOptions(_ commandLine: Bytes) {
    var arguments = CommandLine(commandLine)
    while let argument = arguments.next() {
      do throws(OptionFault) {
        try options.apply(argument)
      } catch {
        complain(.option(text: argument.text, reason: error.description))
      }
    }
  }
}

extension Source {
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
