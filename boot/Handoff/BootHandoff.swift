import Base

/// What the firmware left for the kernel, checked: what memory there is, what of it is taken, and
/// how the kernel was asked to behave.
///
/// Made before there is a heap, so it holds everything inside itself (about 3 KiB) or points into
/// ranges that it reserves.
public struct BootHandoff: Sendable {
  /// The memory ranges that are ours, none overlapping another.
  public internal(set) var memory = MemoryRanges()

  /// Who said what memory there is.
  public internal(set) var memorySource = Source.builtIn

  /// What must not be given out. Ranges may overlap each other and may lie outside `memory`.
  public internal(set) var reserved = FixedList<32, ReservedRange>()

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
  public internal(set) var complaints = FixedList<16, Complaint>()

  /// Complaints that found no room in `complaints`.
  public internal(set) var lostComplaintCount = 0

  init() {}

  mutating func complain(_ complaint: Complaint) {
    if !complaints.append(complaint) { lostComplaintCount += 1 }
  }

  mutating func reserve(_ range: PhysicalRange, _ reason: ReservedRange.Reason, from source: Source)
  {
    reserved.append(ReservedRange(range, reason, from: source))
  }
}
