import Heaps

/// What a `RowHeap` does wrong, on purpose.
enum Defect {
  case none, overlaps, misaligns, writesToNeighbour, forgetsToCopy, leavesArena, saysLess
  case callsUseMisuse, failsCheck
}

protocol DefectChoice { static var defect: Defect { get } }
enum Sound: DefectChoice { static var defect: Defect { .none } }
enum Overlapping: DefectChoice { static var defect: Defect { .overlaps } }
enum Misaligning: DefectChoice { static var defect: Defect { .misaligns } }
enum Clobbering: DefectChoice { static var defect: Defect { .writesToNeighbour } }
enum Forgetful: DefectChoice { static var defect: Defect { .forgetsToCopy } }
enum Straying: DefectChoice { static var defect: Defect { .leavesArena } }
enum Understating: DefectChoice { static var defect: Defect { .saysLess } }
enum Accusing: DefectChoice { static var defect: Defect { .callsUseMisuse } }
enum Damaged: DefectChoice { static var defect: Defect { .failsCheck } }

/// The least that an allocator can be: payloads in a row, each after 16 bytes that hold its size;
/// nothing is used twice. With or without a defect.
@safe struct RowHeap<Choice: DefectChoice>: HeapAllocator, ~Copyable {
  static var name: StaticString { "row" }

  private let memory: UnsafeMutableRawBufferPointer
  private var used = 0

  init?(memory: UnsafeMutableRawBufferPointer) {
    guard memory.count >= 32 else { return nil }
    unsafe self.memory = unsafe memory
  }

  mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    let taken = 16 + (byteCount + 15) / 16 * 16
    guard unsafe taken <= memory.count - used, let base = unsafe memory.baseAddress else {
      return nil
    }
    if Choice.defect == .writesToNeighbour && used > 0 {
      unsafe base.storeBytes(of: 0x5A, toByteOffset: used - 1, as: UInt8.self)
    }
    unsafe base.storeBytes(of: byteCount, toByteOffset: used, as: Int.self)
    let payload = unsafe base + used + 16
    used += Choice.defect == .overlaps ? taken - 16 : taken
    switch Choice.defect {
    case .misaligns: return unsafe payload + 8
    case .leavesArena: return unsafe payload + memory.count
    default: return unsafe payload
    }
  }

  mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    if Choice.defect == .callsUseMisuse, let payload = unsafe payload {
      throw HeapFault(.doubleFree, address: UInt(bitPattern: payload))
    }
  }

  mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    guard let moved = unsafe allocate(byteCount: byteCount) else { return nil }
    guard let payload = unsafe payload, Choice.defect != .forgetsToCopy else {
      return unsafe moved
    }
    let kept = min(try unsafe usableSize(of: payload), byteCount)
    unsafe moved.copyMemory(from: payload, byteCount: kept)
    return unsafe moved
  }

  func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int {
    guard Choice.defect != .misaligns, Choice.defect != .leavesArena else { return .max }
    let byteCount = unsafe (payload - 16).load(as: Int.self)
    return Choice.defect == .saysLess ? byteCount - 1 : byteCount
  }

  mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool { false }

  func check() throws(HeapFault) {
    if Choice.defect == .failsCheck && used > 64 { throw HeapFault(.corruptHeader, address: 0) }
  }

  var statistics: HeapStatistics { HeapStatistics() }
}

/// A row heap that counts what is asked of it.
struct CountingHeap: HeapAllocator, ~Copyable {
  struct Calls: Equatable {
    var allocate = 0
    var reallocate = 0
    var free = 0
    var freeNil = 0
  }

  static var name: StaticString { "counting" }

  private var heap: RowHeap<Sound>
  private(set) var calls = Calls()

  init?(memory: UnsafeMutableRawBufferPointer) {
    guard let heap = unsafe RowHeap<Sound>(memory: memory) else { return nil }
    self.heap = heap
  }

  mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    calls.allocate += 1
    return unsafe heap.allocate(byteCount: byteCount, alignment: alignment)
  }

  mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    if unsafe payload == nil { calls.freeNil += 1 } else { calls.free += 1 }
    try unsafe heap.deallocate(payload)
  }

  mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    calls.reallocate += 1
    return unsafe try heap.reallocate(payload, byteCount: byteCount, alignment: alignment)
  }

  func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int {
    try unsafe heap.usableSize(of: payload)
  }

  mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool { false }
  func check() throws(HeapFault) {}
  var statistics: HeapStatistics { HeapStatistics() }
}

/// Calls `body` with `byteCount` bytes that are 4 KiB aligned.
func withArena<Output>(
  byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Output
) rethrows -> Output {
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 4096)
  defer { unsafe memory.deallocate() }
  unsafe memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
  return try unsafe body(memory)
}
