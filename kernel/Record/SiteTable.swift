/// Where memory is allocated: a chain of callers, and what it has allocated.
public struct AllocationSite: Equatable, Sendable {
  /// The chain.
  public var callers = CallerChain()
  /// Bytes asked for that are not given back.
  public var liveBytes: UInt = 0
  /// Payloads that are not given back.
  public var liveCount: UInt = 0
  /// Bytes asked for in all.
  public var totalBytes: UInt = 0
  /// Payloads asked for in all.
  public var totalCount: UInt = 0
  /// Payloads that their core gave back before it allocated another.
  public var temporaryCount: UInt = 0
  /// When the oldest payload that lives was allocated; `UInt64.max` where none does.
  public var oldestTime = UInt64.max

  /// A site without callers that has allocated nothing.
  public init() {}
}

/// What sites can be ordered by, the largest first.
public enum SiteOrder: UInt8, CaseIterable, Sendable {
  /// Bytes that live.
  case live
  /// Bytes in all.
  case total
  /// Payloads in all.
  case count
  /// Payloads that lived for nothing else.
  case temporary

  func value(_ site: AllocationSite) -> UInt {
    switch self {
    case .live: site.liveBytes
    case .total: site.totalBytes
    case .count: site.totalCount
    case .temporary: site.temporaryCount
    }
  }
}

/// Sorts events by where memory was allocated, and keeps book of what lives. Two hash tables with open
/// addresses (Knuth, The Art of Computer Programming, volume 3, 6.4) in memory that its maker provides.
///
/// ```
///   address ──> payload: address, size, time, core, site ──> site: callers, sums
/// ```
/// One of the types here that touch raw memory.
@safe public struct SiteTable {
  private struct Payload {
    /// 0: never used. 1: was freed; a search goes on behind it.
    var address: UInt
    var byteCount: UInt
    var time: UInt64
    var site: UInt
  }

  /// Sites that are told apart; what allocates beyond them counts for the last, which has no callers.
  public static var siteCapacity: Int { 1023 }
  private static var siteSlots: Int { 2048 }

  private let payloads: UnsafeMutablePointer<Payload>
  private let payloadMask: UInt
  private let sites: UnsafeMutablePointer<AllocationSite>
  private let slots: UnsafeMutablePointer<UInt16>
  private var payloadCount = 0
  private var lastAllocated = InlineArray<16, UInt>(repeating: 0)

  /// How many sites there are.
  public private(set) var siteCount = 0
  /// Frees of payloads whose allocation is not among the events.
  public private(set) var unknownFreeCount: UInt = 0
  /// Requests that found no memory.
  public private(set) var failureCount: UInt = 0

  private static func payloadCapacity(_ eventCount: Int) -> Int {
    var capacity = 64
    while capacity < 2 * eventCount { capacity *= 2 }
    return capacity
  }

  private static var sitesByteCount: Int {
    (siteCapacity + 1) * MemoryLayout<AllocationSite>.stride + siteSlots * 2
  }

  /// Bytes of memory for `eventCount` events.
  public static func byteCount(events eventCount: Int) -> Int {
    sitesByteCount + payloadCapacity(eventCount) * MemoryLayout<Payload>.stride
  }

  /// An empty table for `eventCount` events; nil when `memory` is too small or not at a multiple of 16.
  ///
  /// - Precondition: `memory` belongs to the table as long as there is one.
  @unsafe public init?(memory: UnsafeMutableRawBufferPointer, events eventCount: Int) {
    guard memory.count >= Self.byteCount(events: eventCount), let start = memory.baseAddress,
      UInt(bitPattern: start) % 16 == 0
    else { return nil }
    let siteCount = Self.siteCapacity + 1
    unsafe sites = start.bindMemory(to: AllocationSite.self, capacity: siteCount)
    let slotStart = unsafe start + siteCount * MemoryLayout<AllocationSite>.stride
    unsafe slots = slotStart.bindMemory(to: UInt16.self, capacity: Self.siteSlots)
    unsafe slots.initialize(repeating: 0, count: Self.siteSlots)
    let capacity = Self.payloadCapacity(eventCount)
    let payloadStart = unsafe slotStart + Self.siteSlots * 2
    unsafe payloads = payloadStart.bindMemory(to: Payload.self, capacity: capacity)
    let none = Payload(address: 0, byteCount: 0, time: 0, site: 0)
    unsafe payloads.initialize(repeating: none, count: capacity)
    payloadMask = UInt(capacity - 1)
  }

  /// Takes the next event; of more than `eventCount` the rest are left out. O(1), nearly always.
  public mutating func add(_ event: HeapEvent) {
    guard payloadCount <= Int(payloadMask) / 2 else { return }
    let core = Int(event.core & 15)
    switch event.kind {
    case .free: release(event.address, core)
    case .allocate, .reallocate:
      guard event.address > 1 else {
        failureCount += 1
        return
      }
      if event.kind == .reallocate { release(event.oldAddress, core) }
      keep(event, core)
    }
  }

  private mutating func keep(_ event: HeapEvent, _ core: Int) {
    let number = site(event.callers)
    unsafe sites[number].totalBytes += event.byteCount
    unsafe sites[number].totalCount += 1
    unsafe sites[number].liveBytes += event.byteCount
    unsafe sites[number].liveCount += 1
    let at = place(event.address)
    unsafe payloads[at] = Payload(
      address: event.address, byteCount: event.byteCount, time: event.time, site: UInt(number))
    lastAllocated[core] = event.address
  }

  /// Where a new payload at `address` goes: the first place that is free on its way.
  private mutating func place(_ address: UInt) -> Int {
    var at = slot(address)
    var free: Int?
    while unsafe payloads[at].address != 0 {
      if unsafe payloads[at].address == address {  // it was freed while nobody recorded
        forget(at)
        return at
      }
      if free == nil, unsafe payloads[at].address == 1 { free = at }
      at = (at + 1) & Int(payloadMask)
    }
    if free == nil { payloadCount += 1 }
    return free ?? at
  }

  private mutating func release(_ address: UInt, _ core: Int) {
    var at = slot(address)
    while unsafe payloads[at].address != 0 {
      if unsafe payloads[at].address == address {
        if lastAllocated[core] == address {
          unsafe sites[Int(payloads[at].site)].temporaryCount += 1
        }
        lastAllocated[core] = 0
        forget(at)
        unsafe payloads[at].address = 1
        return
      }
      at = (at + 1) & Int(payloadMask)
    }
    lastAllocated[core] = 0
    unknownFreeCount += 1
  }

  private func forget(_ at: Int) {
    let number = Int(unsafe payloads[at].site)
    unsafe sites[number].liveBytes -= payloads[at].byteCount
    unsafe sites[number].liveCount -= 1
  }

  /// Fibonacci hashing (Knuth, 6.4): addresses are multiples of 16.
  private func slot(_ address: UInt) -> Int {
    Int((address >> 4) &* 0x9E37_79B9_7F4A_7C15 >> 20 & payloadMask)
  }

  /// The number of the site with these callers, a new one if need be.
  private mutating func site(_ callers: CallerChain) -> Int {
    var hash: UInt = 0
    for index in 0..<callers.count { hash = (hash ^ callers[index]) &* 0x9E37_79B9_7F4A_7C15 }
    var slot = Int(hash >> 40) & (Self.siteSlots - 1)
    while unsafe slots[slot] != 0 {
      let number = Int(unsafe slots[slot]) - 1
      if unsafe sites[number].callers == callers { return number }
      slot = (slot + 1) & (Self.siteSlots - 1)
    }
    guard siteCount < Self.siteCapacity else { return otherSite() }
    unsafe (sites + siteCount).initialize(to: AllocationSite())
    unsafe sites[siteCount].callers = callers
    siteCount += 1
    unsafe slots[slot] = UInt16(siteCount)
    return siteCount - 1
  }

  private mutating func otherSite() -> Int {
    if siteCount == Self.siteCapacity {
      unsafe (sites + siteCount).initialize(to: AllocationSite())
      siteCount += 1
    }
    return siteCount - 1
  }
}

// MARK: - Answers

extension SiteTable {
  /// Finds the oldest payload of each site. After the last `add`, before `forEachSite`. O(capacity).
  public func findOldest() {
    for number in 0..<siteCount { unsafe sites[number].oldestTime = UInt64.max }
    for at in 0...Int(payloadMask) where unsafe payloads[at].address > 1 {
      let number = Int(unsafe payloads[at].site)
      unsafe sites[number].oldestTime = min(sites[number].oldestTime, payloads[at].time)
    }
  }

  /// All sites together.
  public var sum: AllocationSite {
    var sum = AllocationSite()
    for number in 0..<siteCount {
      let site = unsafe sites[number]
      sum.liveBytes += site.liveBytes
      sum.liveCount += site.liveCount
      sum.totalBytes += site.totalBytes
      sum.totalCount += site.totalCount
      sum.temporaryCount += site.temporaryCount
      sum.oldestTime = min(sum.oldestTime, site.oldestTime)
    }
    return sum
  }

  /// Sites of which there is something to say in this order.
  public func count(by order: SiteOrder) -> Int {
    var count = 0
    for number in 0..<siteCount where unsafe order.value(sites[number]) > 0 { count += 1 }
    return count
  }

  /// Calls `body` with the `limit` largest sites, the largest first; of equals the earlier one. O(limit *
  /// sites).
  public func forEachSite(by order: SiteOrder, limit: Int, _ body: (AllocationSite) -> Void) {
    var last: (value: UInt, number: Int)?
    for _ in 0..<max(0, limit) {
      var best: (value: UInt, number: Int)?
      for number in 0..<siteCount {
        let value = unsafe order.value(sites[number])
        if value == 0 { continue }
        if let last, value > last.value || value == last.value && number <= last.number {
          continue
        }
        if best.map({ value > $0.value }) ?? true { best = (value, number) }
      }
      guard let best else { return }
      unsafe body(sites[best.number])
      last = best
    }
  }
}
