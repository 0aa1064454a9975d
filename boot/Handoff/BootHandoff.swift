import Base

/// What the firmware left for the kernel, checked: what memory there is, what of it is taken, and
/// how the kernel was asked to behave.
///
/// Made before there is a heap, so it holds everything inside itself (about 6 KiB) or points into
/// ranges that it reserves.
public struct BootHandoff: Sendable {
  /// The memory that is ours, whether it is mapped yet or not.
  public internal(set) var memory = MemoryRanges()

  /// Who said what memory there is.
  public internal(set) var memorySource = HandoffSource.builtIn

  /// What the processor can reach until the kernel has a map of its own.
  public internal(set) var reachable = PhysicalRange.everything

  /// What must not be given out. Ranges may overlap each other and may lie outside `memory`.
  public internal(set) var reserved = ReservedRanges()

  /// The kernel command line as it was written, without its NUL; nil when there is none.
  public internal(set) var commandLine: Sourced<Bytes>?

  /// What the command line asks for.
  public internal(set) var options = BootOptions()

  /// The initial RAM disk: inside `memory`, clear of the kernel; nil when there is none.
  public internal(set) var initrd: Sourced<PhysicalRange>?

  /// The board's model in words; nil when nobody said.
  public internal(set) var model: Sourced<Bytes>?

  /// The early heap's base and size: as the handoff named it, (0, 0) when it named none, and the
  /// place that was chosen after `placeEarlyHeap`.
  public internal(set) var earlyHeap = Sourced(PhysicalRange.none, from: .builtIn)

  /// What was wrong, in the order found.
  public internal(set) var errors = HandoffErrors()

  init() {}

  mutating func reserve(
    _ range: PhysicalRange, _ reason: ReservedRange.Reason, from source: HandoffSource
  ) {
    reserved.add(ReservedRange(range, reason, from: source))
  }
}

// MARK: - Keeping

extension BootHandoff {
  /// Bytes that `moveTexts` needs.
  public var textByteCount: Int { (commandLine?.value.count ?? 0) + (model?.value.count ?? 0) }

  /// Copies the texts that the handoff points at, so that the firmware's memory is needed no more:
  /// the command line, with `options.run` as a part of it, and the model. Errors that quote the
  /// command line have to be told before. O(n).
  ///
  /// - Precondition: `memory` has `textByteCount` bytes and stays as it is from now on.
  @unsafe public mutating func moveTexts(to memory: UnsafeMutableRawBufferPointer) {
    var used = 0
    if let old = commandLine {
      let copy = unsafe Bytes(copying: old.value, to: memory, at: &used)
      if let offset = options.run.offset(in: old.value),
        let moved = copy.slice(from: offset, count: options.run.count)
      {
        options.run = moved
      }
      commandLine = Sourced(copy, from: old.source)
    }
    if let old = model {
      model = unsafe Sourced(Bytes(copying: old.value, to: memory, at: &used), from: old.source)
    }
  }
}
