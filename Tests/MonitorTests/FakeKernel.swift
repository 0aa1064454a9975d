import Base
import Devices
import Heaps
import Memory
import Monitor

/// A terminal's other end: keeps what was written.
final class Collector: TextSink {
  private(set) var bytes: [UInt8] = []
  func write(byte: UInt8) { bytes.append(byte) }
  var text: String { String(decoding: bytes, as: UTF8.self) }
  func forget() { bytes = [] }
}

/// A kernel whose answers a test sets, and which keeps a record of what it was told to do.
final class FakeKernel: MonitorEnvironment {
  enum Act: Equatable {
    case allocate(UInt, UInt)
    case free(UInt)
    case panic(PanicKind)
    case reboot, halt
  }

  let output = Collector()
  private(set) var acts: [Act] = []

  var identity = SystemIdentity(
    version: "1.2.3", build: "optimised", buildID: 0xC0_FFEE_0011_2233,
    board: BoardRevision(code: 0xA02082),
    firmware: 0x5F44_0C10)
  var earlyHeap = EarlyHeapReport(
    start: PhysicalAddress(0x100000), byteCount: 1 << 20, usedBytes: 4096, peakBytes: 8192,
    freeCount: 3)
  var hasSegments = true
  var heapStart: UInt = 0x50_0000
  var statistics = FakeKernel.someStatistics
  var breach: CheckReport.Breach?
  var owner: PayloadOwner? = .prompt
  var allocation: VirtualAddress? = VirtualAddress(0x50_0010)
  var fault: HeapFault?
  var mappings: [MappedRun] = []
  var translations: [UInt: AddressReport] = [:]
  var heapWindow: HeapWindowReport?

  func forEachMemoryRange(_ body: (MemoryRangeReport) -> Void) {
    body(.init(start: .init(0), byteCount: 4096, source: "roost", use: "firmware: spin table"))
    body(
      .init(start: .init(0x20_0000), byteCount: 0x12_3000, source: "linker", use: "kernel image"))
    body(
      .init(start: .init(0x32_3000), byteCount: 0x3B0D_D000, source: "mailbox", use: "free pages"))
  }

  func forEachPageState(_ body: (PageStateReport) -> Void) {
    body(.init(state: "free", count: 245_000))
    body(.init(state: "reserved", count: 760))
  }

  func forEachPageRun(_ body: (PageRunReport) -> Void) {
    body(.init(first: PageFrame(number: 0), count: 1, state: "reserved"))
    body(.init(first: PageFrame(number: 1), count: 245_000, state: "free"))
  }

  var heap: HeapReport {
    HeapReport(
      allocator: "best-fit", start: VirtualAddress(heapStart), byteCount: 1 << 20,
      statistics: statistics)
  }

  func forEachMapping(_ body: (MappedRun) -> Void) { for run in mappings { body(run) } }

  func translation(of address: VirtualAddress) -> AddressReport {
    translations[address.rawValue] ?? AddressReport(translation: nil)
  }

  let mapStatistics = MapReport(tableCount: 7, reservedCount: 64)

  func forEachHeapSegment(_ body: (HeapSegmentReport) -> Void) {
    guard hasSegments else { return }
    func add(_ offset: UInt, _ byteCount: UInt, _ state: HeapSegmentReport.State) {
      body(.init(payload: VirtualAddress(heapStart + offset), byteCount: byteCount, state: state))
    }
    add(8, 64, .used(.kernel))
    add(72, 128, .used(.prompt))
    add(200, 48, .quarantined)
    add(248, 1_048_336, .free)
  }

  func forEachCheck(_ body: (CheckReport) -> Void) {
    body(CheckReport(part: "pages", breach: nil))
    body(CheckReport(part: "heap", breach: breach))
  }

  func allocate(byteCount: UInt, alignment: UInt) -> VirtualAddress? {
    acts.append(.allocate(byteCount, alignment))
    return allocation
  }

  func owner(ofPayload address: VirtualAddress) -> PayloadOwner? { owner }

  func free(_ address: VirtualAddress) throws(HeapFault) {
    acts.append(.free(address.rawValue))
    if let fault { throw fault }
  }

  func panic(_ kind: PanicKind) { acts.append(.panic(kind)) }
  func reboot() { acts.append(.reboot) }
  func halt() { acts.append(.halt) }

  static var someMappings: [MappedRun] {
    func run(_ start: UInt, _ byteCount: UInt, _ physical: UInt, _ mapping: Mapping) -> MappedRun {
      MappedRun(
        range: VirtualRange(start: VirtualAddress(start), byteCount: byteCount),
        physical: PhysicalAddress(physical), mapping: mapping)
    }
    let shared = Mapping(.readOnly, kind: .normalNonCacheable, purpose: .shared)
    return [
      run(0x20_0000, 0x4_0000, 0x20_0000, Mapping(.readExecute, purpose: .image)),
      run(
        0x3f00_0000, 1 << 24, 0x3f00_0000,
        Mapping(.readWrite, kind: .deviceNGnRE, purpose: .device)),
      run(0xffff_ff80_4000_0000, 4096, 0x123_4000, shared),
    ]
  }

  private static var someStatistics: HeapStatistics {
    var statistics = HeapStatistics()
    statistics.capacityBytes = 1 << 20
    statistics.usedBytes = 48_576
    statistics.freeBytes = 1_000_000
    statistics.largestFreeBytes = 877_000
    statistics.largestFreeSegmentBytes = 877_008
    statistics.peakUsedBytes = 60_000
    statistics.liveCount = 12
    statistics.freeSegmentCount = 3
    statistics.allocationCount = 112
    statistics.deallocationCount = 100
    statistics.failureCount = 1
    return statistics
  }
}
