import Base
import Testing

@testable import Memory

/// Frames in ordinary memory, with promises.
@safe final class FakeFrames: FrameSource {
  let tables: FakeTableSource
  private(set) var promised: UInt = 0
  /// Frames behind pages, in use.
  private(set) var given: Set<UInt> = []
  /// What `takePromised` refuses, whatever was promised.
  var isBroken = false

  init(capacity: Int) { tables = FakeTableSource(capacity: capacity) }

  var free: UInt { UInt(tables.capacity - tables.live.count) }

  func allocateTable() -> PageFrame? { promised < free ? tables.allocateTable() : nil }
  func freeTable(_ frame: PageFrame) { tables.freeTable(frame) }
  func accessibleAddress(of frame: PageFrame) -> UnsafeMutableRawPointer {
    unsafe tables.accessibleAddress(of: frame)
  }

  func promise(_ count: UInt) -> Bool {
    guard count <= free - promised else { return false }
    promised += count
    return true
  }

  func withdraw(_ count: UInt) {
    precondition(count <= promised, "more withdrawn than promised")
    promised -= count
  }

  func takePromised() -> PageFrame? {
    guard !isBroken, promised > 0, let frame = tables.allocateTable() else { return nil }
    promised -= 1
    given.insert(frame.number)
    unsafe accessibleAddress(of: frame).initializeMemory(as: UInt8.self, repeating: 0, count: 4096)
    return frame
  }

  func giveBack(_ frame: PageFrame) {
    precondition(given.remove(frame.number) != nil, "frame \(frame.number) given back twice")
    tables.freeTable(frame)
  }
}

/// A window of 8 MiB over fakes, and what holds between operations.
final class WindowRig {
  typealias Space = AddressSpace<FakeFrames, TranslationHardware>
  static let byteCount: UInt = 8 << 20
  let frames: FakeFrames
  let hardware: TranslationHardware
  var space: Space
  var window: HeapWindow<FakeFrames>

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
  func claim(_ byteCount: UInt) -> Bool { window.claim(byteCount, in: &space) }
  func release(_ byteCount: UInt) throws { try window.release(byteCount, in: &space) }
  func touch(_ offset: UInt) -> WindowTouch {
    window.touch(VirtualAddress(start &+ offset), in: &space)
  }

  func verify(_ context: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: Never.self, "\(context)", sourceLocation: sourceLocation) {
      try self.space.check()
    }
    #expect(hardware.takeComplaints() == [], "\(context)", sourceLocation: sourceLocation)
    let mapped = window.mappedByteCount / 4096
    #expect(UInt(frames.given.count) == mapped, "\(context)", sourceLocation: sourceLocation)
    #expect(
      frames.promised == window.claimedByteCount / 4096 - mapped, "\(context)",
      sourceLocation: sourceLocation)
    #expect(
      frames.tables.live.count == frames.given.count + space.tableCount, "\(context)",
      sourceLocation: sourceLocation)
  }
}
