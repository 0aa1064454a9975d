import Base
import Heaps
import Memory

/// What the monitor needs of the kernel. The kernel implements it on the board; tests implement it
/// with a fake.
///
/// The `forEach` functions call `body` once for each item, in the order in which it shall be shown.
/// `body` writes to the output and allocates nothing.
public protocol MonitorEnvironment {
  /// The terminal's type.
  associatedtype Output: TextSink

  /// Where all output goes.
  var output: Output { get }

  /// What runs, and on what.
  var identity: SystemIdentity { get }

  /// The map of physical memory, in address order.
  func forEachMemoryRange(_ body: (MemoryRangeReport) -> Void)

  /// The use of the early heap.
  var earlyHeap: EarlyHeapReport { get }

  /// How many pages are in each state. O(number of states).
  func forEachPageState(_ body: (PageStateReport) -> Void)

  /// The runs of pages in the same state, in address order. O(number of pages).
  func forEachPageRun(_ body: (PageRunReport) -> Void)

  /// The runs of equal mapping, in ascending order of virtual address.
  func forEachMapping(_ body: (MappedRun) -> Void)

  /// What `address` translates to; nil where it faults.
  func translation(of address: VirtualAddress) -> AddressReport

  /// Frames that are kept for memory that is not touched yet, and frames that hold tables.
  var mapStatistics: MapReport { get }

  /// The addresses that the heap may grow into; nil where there are none.
  var heapWindow: HeapWindowReport? { get }

  /// The kernel heap in numbers.
  var heap: HeapReport { get }

  /// The segments of the kernel heap, in address order.
  func forEachHeapSegment(_ body: (HeapSegmentReport) -> Void)

  /// Proves the invariants of each part of the kernel by a full walk. Changes nothing.
  func forEachCheck(_ body: (CheckReport) -> Void)

  /// Takes `byteCount` bytes at a multiple of `alignment` (a power of two) from the kernel heap, or
  /// nil when no free memory fits.
  func allocate(byteCount: UInt, alignment: UInt) -> VirtualAddress?

  /// Whose the live payload at `address` is; nil where there is none.
  func owner(ofPayload address: VirtualAddress) -> PayloadOwner?

  /// Gives a payload of the kernel heap back, whoever has it, or throws what is wrong with the address.
  func free(_ address: VirtualAddress) throws(HeapFault)

  /// Fails in the way that `kind` says. Does not come back on the board, unless it throws what it lacks.
  func panic(_ kind: PanicKind) throws(CommandError)

  /// Starts the board again. Does not come back on the board.
  func reboot()

  /// Stops the board for good. Does not come back on the board.
  func halt()
}
