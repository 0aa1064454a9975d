import Base
import Testing

@testable import Memory

/// Frames in ordinary memory, with reservations.
@safe final class FakeFrames: FrameSource {
  let tables: FakeTableSource
  private(set) var reserved: UInt = 0
  /// Frames behind pages, in use.
  private(set) var given: Set<UInt> = []
  /// How many frames `allocateReserved` still gives, whatever was reserved; nil for all of them.
  var framesLeft: Int?

  init(capacity: Int) { tables = FakeTableSource(capacity: capacity) }

  var free: UInt { UInt(tables.capacity - tables.live.count) }

  func allocateTable() -> PageFrame? { reserved < free ? tables.allocateTable() : nil }
  func freeTable(_ frame: PageFrame) { tables.freeTable(frame) }
  func accessibleAddress(of frame: PageFrame) -> UnsafeMutableRawPointer {
    unsafe tables.accessibleAddress(of: frame)
  }

  func reserve(_ count: UInt) -> Bool {
    guard count <= free - reserved else { return false }
    reserved += count
    return true
  }

  func unreserve(_ count: UInt) {
    precondition(count <= reserved, "more withdrawn than reserved")
    reserved -= count
  }

  func allocateReserved(for use: PageUse) -> PageFrame? {
    guard framesLeft != 0, reserved > 0, let frame = tables.allocateTable() else { return nil }
    framesLeft? -= 1
    reserved -= 1
    given.insert(frame.number)
    unsafe accessibleAddress(of: frame).initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
    return frame
  }

  func free(_ frame: PageFrame) {
    precondition(given.remove(frame.number) != nil, "frame \(frame.number) given back twice")
    tables.freeTable(frame)
  }
}

/// A window of 8 MiB over fakes, and what holds between operations.
final class HeapWindowFixture {
  typealias Space = AddressSpace<FakeFrames, TranslationHardware>
  static let byteCount: UInt = 8 << 20
  let frames: FakeFrames
  let hardware: TranslationHardware
  var space: Space
  var window: HeapWindow<FakeFrames, TranslationHardware>

  init(frames capacity: Int = 64) throws {
    let half = AddressHalf(.upper)
    frames = FakeFrames(capacity: capacity)
    hardware = TranslationHardware(source: frames.tables, half: half)
    space = try Space(half: half, source: frames, maintenance: hardware)
    hardware.walk(from: space.root)
    let start = VirtualAddress(half.start.rawValue + 1 << 30)
    window = HeapWindow(VirtualRange(start: start, byteCount: Self.byteCount), frames: frames)
  }

  var start: UInt { window.range.start.rawValue }
  func translate(_ offset: UInt) -> Translation? {
    space.translate(VirtualAddress(start &+ offset))
  }
  /// Begins the window with `byteCount` bytes of memory that is nobody else's.
  func begin(_ byteCount: UInt) throws {
    let base = PhysicalRange(
      from: PhysicalAddress(1 << 33), to: PhysicalAddress(1 << 33 + byteCount))
    try window.begin(with: base, in: &space)
  }
  func commit(_ byteCount: UInt) -> Bool { window.commit(byteCount, in: &space) }
  func decommit(_ byteCount: UInt) throws { try window.decommit(byteCount, in: &space) }
  func pageIn(_ offset: UInt) -> WindowAccess {
    window.pageIn(VirtualAddress(start &+ offset), in: &space)
  }

  func verify(_ context: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: Never.self, "\(context)", sourceLocation: sourceLocation) {
      try self.space.check()
    }
    #expect(hardware.takeComplaints() == [], "\(context)", sourceLocation: sourceLocation)
    let base = window.baseByteCount / 4096
    let mapped = window.mappedByteCount / 4096 - base
    #expect(UInt(frames.given.count) == mapped, "\(context)", sourceLocation: sourceLocation)
    #expect(
      frames.reserved == window.committedByteCount / 4096 - mapped - base, "\(context)",
      sourceLocation: sourceLocation)
    #expect(
      frames.tables.live.count == frames.given.count + space.tableCount, "\(context)",
      sourceLocation: sourceLocation)
  }
}
