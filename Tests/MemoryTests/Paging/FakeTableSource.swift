import Base
import Memory

/// Frames for tables in ordinary memory. A frame's number has nothing to do with the address where
/// the test reaches it, and it comes full of junk that looks like valid entries.
@safe final class FakeTableSource: TableSource {
  static let firstFrame: UInt = 0x12340
  let capacity: Int
  let memory: UnsafeMutableRawBufferPointer
  private(set) var live: Set<UInt> = []
  /// How many allocations still succeed; nil for no limit but the capacity.
  var allocationsLeft: Int?
  /// Told of a frame before it is free.
  var onFree: (PageFrame) -> Void = { _ in }

  init(capacity: Int = 48) {
    self.capacity = capacity
    unsafe memory = .allocate(byteCount: capacity * 4096, alignment: 4096)
    unsafe memory.initializeMemory(as: UInt8.self, repeating: 0xff)
  }

  deinit { unsafe memory.deallocate() }

  func allocateTable() -> PageFrame? {
    if let left = allocationsLeft {
      guard left > 0 else { return nil }
      allocationsLeft = left - 1
    }
    let range = Self.firstFrame..<Self.firstFrame + UInt(capacity)
    guard let number = range.first(where: { !live.contains($0) }) else { return nil }
    live.insert(number)
    unsafe accessibleAddress(of: PageFrame(number: number))
      .initializeMemory(as: UInt8.self, repeating: 0xff, count: 4096)
    return PageFrame(number: number)
  }

  func freeTable(_ frame: PageFrame) {
    onFree(frame)
    precondition(live.remove(frame.number) != nil, "frame \(frame.number) freed twice")
  }

  func accessibleAddress(of frame: PageFrame) -> UnsafeMutableRawPointer {
    precondition(live.contains(frame.number), "frame \(frame.number) is not a live table")
    let index = Int(frame.number - Self.firstFrame)
    return unsafe memory.baseAddress.unsafelyUnwrapped + index * 4096
  }

  /// Entry `index` of the table in frame `number`, read and written behind the library's back.
  subscript(number: UInt, index: Int) -> UInt64 {
    get {
      unsafe accessibleAddress(of: PageFrame(number: number))
        .load(fromByteOffset: index * 8, as: UInt64.self)
    }
    set {
      unsafe accessibleAddress(of: PageFrame(number: number))
        .storeBytes(of: newValue, toByteOffset: index * 8, as: UInt64.self)
    }
  }

  /// The bytes of the live table in `number`.
  func contents(of number: UInt) -> [UInt8] {
    let start = Int(number - Self.firstFrame) * 4096
    return unsafe [UInt8](memory[start..<start + 4096])
  }

  /// The bytes of all live tables.
  var snapshot: [UInt: [UInt8]] {
    Dictionary(uniqueKeysWithValues: live.map { ($0, contents(of: $0)) })
  }
}
