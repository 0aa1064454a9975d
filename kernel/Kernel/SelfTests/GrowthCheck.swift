import Base
import Handoff
import Heaps
import Memory
import Monitor
import Sync

/// Proves that the heap grows when it is full, that what it handed out can be touched whatever happens
/// to the rest of memory, and that all frames and bytes come back.
struct GrowthCheck {
  /// What must be the same before and after.
  private struct Balance: Equatable {
    let freeFrames: UInt
    let promised: UInt
    let usedBytes: Int
    let liveCount: Int

    init() {
      KernelHeap.trim()
      freeFrames = Locks.pages.withLock { unsafe KernelState.pages?.statistics.freeFrames ?? 0 }
      promised = Locks.pages.withLock { unsafe KernelState.pages?.reservedForCommit ?? 0 }
      let statistics = KernelHeap.statistics ?? HeapStatistics()
      usedBytes = statistics.usedBytes
      liveCount = statistics.liveCount
    }

    func write(_ when: StaticString, to console: some TextSink) {
      console.write(when)
      console.write(": ")
      console.write(decimal: freeFrames)
      console.write(" free frames, ")
      console.write(decimal: promised)
      console.write(" promised, ")
      console.write(decimal: usedBytes)
      console.write(" bytes used, ")
      console.write(decimal: liveCount)
      console.write(" live\n")
    }
  }

  /// Runs `body` and compares. The name of what went wrong, or nil.
  private static func balanced(_ body: () -> StaticString?) -> StaticString? {
    let console = Console.buffered
    let before = Balance()
    before.write("before", to: console)
    if let failure = body() { return failure }
    let after = Balance()
    after.write("after", to: console)
    guard before == after else { return "frames or bytes did not come back" }
    return Interruption.take() ? Interruption.words : nil
  }

  private static func tellWindow() {
    let window = KernelHeap.windowReport
    Console.buffered.field("claimed", bytes: window?.committedByteCount ?? 0)
    Console.buffered.field("mapped", bytes: window?.mappedByteCount ?? 0)
  }
}

// MARK: - Swift's own types

extension GrowthCheck {
  /// How many strings `growWithSwift` makes where nobody asks for another number.
  static var defaultStringCount: Int { 200_000 }

  /// An array of 336 bytes for each string, 64 MiB if there are 200,000, and a dictionary of them; both
  /// are dropped again.
  static func growWithSwift(stringCount: Int = defaultStringCount) -> StaticString? {
    balanced {
      let isRight = buildArray(stringCount * 42) && buildDictionary(stringCount)
      return isRight || Interruption.isRequested ? nil : "a Swift type lost its contents"
    }
  }

  @inline(never) private static func buildArray(_ count: Int) -> Bool {
    var numbers = [UInt64](repeating: 1, count: count)
    for index in stride(from: 0, to: count, by: 512) { numbers[index] = UInt64(index) }
    tellWindow()
    var sum: UInt64 = 0
    for index in stride(from: 0, to: count, by: 512) { sum += numbers[index] &- UInt64(index) }
    return sum == 0 && numbers[1] == 1 && numbers[count - 1] == 1
  }

  @inline(never) private static func buildDictionary(_ count: Int) -> Bool {
    var names: [Int: String] = [:]
    // Longer than the 15 bytes that a String holds without memory.
    var progress = Progress(of: count, "strings")
    for number in 0..<count {
      guard progress.goesOn(done: number) else { break }
      names[number] = "the number is \(number)"
    }
    tellWindow()
    return names.count == count && names[count / 2] == "the number is \(count / 2)"
  }
}

// MARK: - Most of memory

extension GrowthCheck {
  private static var availableFrames: UInt {
    Locks.pages.withLock { unsafe KernelState.pages?.availableFrames ?? 0 }
  }

  /// Bytes of a payload: as many MiB as leave fewer payloads than `PayloadChain.capacity` of all memory.
  private static var chunk: Int {
    let mebibytes = Int(availableFrames * PageFrame.byteCount >> 20)
    return (mebibytes / PayloadChain.capacity + 1) << 20
  }

  /// Asks for more than there is; takes all that there is, untouched; takes every frame that is not
  /// promised; and only then touches what was handed out.
  static func fill() -> StaticString? {
    balanced {
      if let failure = refusesTooMuch() { return failure }
      var chunks = PayloadChain()
      let chunk = chunk
      while !Interruption.isRequested, !chunks.isFull,
        let payload = unsafe KernelHeap.allocate(byteCount: chunk)
      {
        unsafe chunks.push(payload)
      }
      tellWindow()
      let frames = takeAllFrames()
      let isRight = unsafe chunks.touchAll(byteCount: chunk) && chunks.checkAll(byteCount: chunk)
      tellWindow()
      Console.buffered.field("payloads", count: chunks.count)
      unsafe chunks.freeAll()
      giveBack(frames)
      return isRight || Interruption.isRequested ? nil : "a page of the heap lost its contents"
    }
  }

  /// A request for more than all free memory is refused at once, and nothing is claimed for it.
  private static func refusesTooMuch() -> StaticString? {
    let claimed = KernelHeap.windowReport?.committedByteCount
    let byteCount = Int((availableFrames + 512) * PageFrame.byteCount)
    let payload = unsafe KernelHeap.allocate(byteCount: byteCount)
    guard unsafe payload == nil else { return "a request for more than there is was served" }
    guard KernelHeap.windowReport?.committedByteCount == claimed else {
      return "a request that was refused has claimed memory"
    }
    return nil
  }

  /// Takes every frame that the page array will give; the first word of each names the one before.
  private static func takeAllFrames() -> UInt {
    var last: UInt = 0
    var count: UInt = 0
    while !Interruption.isRequested,
      let frame = Locks.pages.withLock({ try? unsafe KernelState.pages?.allocateFrame() })
    {
      unsafe UnsafeMutablePointer<UInt>(bitPattern: frame.start.rawValue)?.pointee = last
      last = frame.start.rawValue
      count += 1
    }
    Console.buffered.field("frames taken besides", count: count)
    return last
  }

  private static func giveBack(_ last: UInt) {
    var address = last
    while let word = unsafe UnsafeMutablePointer<UInt>(bitPattern: address) {
      let previous = unsafe word.pointee
      Locks.pages.withLock {
        try? unsafe KernelState.pages?.deallocate(PageFrame(containing: PhysicalAddress(address)))
      }
      address = previous
    }
  }
}

/// The addresses of up to 1,024 payloads, without memory of its own.
private struct PayloadChain {
  static var capacity: Int { 1024 }

  private var payloads = InlineArray<1024, UInt>(repeating: 0)
  private(set) var count = 0

  var isFull: Bool { count == Self.capacity }

  /// Adds `payload`, while it is not full.
  mutating func push(_ payload: UnsafeMutableRawPointer) {
    payloads[count] = UInt(bitPattern: payload)
    count += 1
  }

  @unsafe private func word(_ index: Int, _ offset: Int) -> UnsafeMutablePointer<UInt>? {
    unsafe UnsafeMutablePointer<UInt>(bitPattern: payloads[index] + UInt(offset))
  }

  /// A word of fresh memory: zero, or debug mode's poison.
  private var fresh: UInt {
    unsafe KernelState.handoff?.options.heapDebug ?? false ? 0xa5a5_a5a5_a5a5_a5a5 : 0
  }

  /// Writes a word of each page; false when one was not fresh. What the heap began with has been used before.
  @unsafe func touchAll(byteCount: Int) -> Bool {
    let fresh = fresh
    let firstFresh = KernelHeap.addedStart
    var progress = Progress(of: count, "payloads touched")
    for index in 0..<count {
      guard progress.goesOn(done: index) else { return false }
      for offset in stride(from: 4096, to: byteCount, by: 4096) {
        let isFresh = unsafe word(index, offset)?.pointee == fresh
        guard isFresh || payloads[index] + UInt(offset) < firstFresh else { return false }
        unsafe word(index, offset)?.pointee = payloads[index] ^ UInt(offset)
      }
    }
    return true
  }

  @unsafe func checkAll(byteCount: Int) -> Bool {
    var progress = Progress(of: count, "payloads looked at")
    for index in 0..<count {
      guard progress.goesOn(done: index) else { return false }
      for offset in stride(from: 4096, to: byteCount, by: 4096)
      where unsafe word(index, offset)?.pointee != payloads[index] ^ UInt(offset) {
        return false
      }
    }
    return true
  }

  /// Every other one first, then the rest.
  @unsafe func freeAll() {
    for odd in 0..<2 {
      for index in stride(from: odd, to: count, by: 2) {
        try? unsafe KernelHeap.deallocate(
          UnsafeMutableRawPointer(bitPattern: payloads[index]))
      }
    }
  }
}
