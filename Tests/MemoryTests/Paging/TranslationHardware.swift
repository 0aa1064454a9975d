import Base
import Foundation
import Memory

/// The translation hardware of a hostile machine: it caches every valid descriptor the moment that
/// it is stored, and keeps it until an invalidation has been completed. It records the
/// instructions, and complains of everything that the architecture does not allow.
final class TranslationHardware: TranslationMaintenance {
  enum Event: Equatable {
    case publish, leaf(UInt), walk(UInt), all, await, synchronize
  }

  typealias Place = Architecture.Place
  let source: FakeTableSource
  let half: AddressHalf
  var root: UInt?
  private(set) var events: [Event] = []
  private(set) var complaints: [String] = []
  /// What TLBs and walk caches may hold.
  private(set) var cached: [Place: UInt64] = [:]
  private var inMemory: [Place: UInt64] = [:]
  private var seen: [UInt8]
  /// Memory, and the valid descriptors in it, at the last dsb.
  private var published: [UInt8]
  private var publishedDescriptors: [Place: UInt64] = [:]
  private var pending: [Event] = []
  private var needsSynchronize = false

  init(source: FakeTableSource, half: AddressHalf) {
    self.source = source
    self.half = half
    unsafe seen = [UInt8](source.memory)
    published = seen
    source.onFree = { [unowned self] in frameIsFreed($0) }
  }

  func publishStores() { record(.publish) { publish() } }

  func invalidateLeaf(at address: VirtualAddress) { invalidate(.leaf(address.rawValue)) }

  func invalidateWalk(at address: VirtualAddress) { invalidate(.walk(address.rawValue)) }

  func invalidateAll() { invalidate(.all) }

  func awaitInvalidation() {
    record(.await) {
      publish()
      for event in pending { drop(event) }
      pending = []
      cached.merge(inMemory) { old, _ in old }
    }
  }

  func synchronize() {
    record(.synchronize) {
      if pending.isEmpty && isPublished { needsSynchronize = false }
    }
  }

  /// Walks begin at `table` from now on; how it was made is forgotten.
  func walk(from table: PageFrame) {
    root = table.number
    synchronize()
    events = []
  }

  /// What was recorded since the last call.
  func takeEvents() -> [Event] {
    defer { events = [] }
    return events
  }

  /// What was complained of since the last call.
  func takeComplaints() -> [String] {
    defer { complaints = [] }
    return complaints
  }

  /// Complains of what an operation must not leave behind.
  func checkQuiet() {
    observe()
    if !pending.isEmpty { complain("tlbi without dsb ish") }
    if !isPublished { complain("stores without dsb") }
    if needsSynchronize { complain("change without isb") }
    for (place, raw) in cached where inMemory[place] != raw {
      complain("stale entry in the TLB", place)
    }
  }

  /// True while a TLB may translate something to the byte at `physical`.
  func mayReach(_ physical: UInt) -> Bool {
    cached.contains { place, raw in
      let distance = physical &- Architecture.address(raw)
      return Architecture.isLeaf(raw, level: place.level)
        && distance < Place.byteCount(place.level)
    }
  }
}

extension TranslationHardware {
  /// True when no valid descriptor changed since the last dsb. What an invalid one holds is of no
  /// matter to hardware.
  private var isPublished: Bool { inMemory == publishedDescriptors }

  private func record(_ event: Event, _ effect: () -> Void) {
    observe()
    events.append(event)
    effect()
  }

  private func invalidate(_ event: Event) {
    record(event) {
      if !isPublished { complain("tlbi before its stores are published") }
      pending.append(event)
    }
  }

  private func publish() {
    unsafe published = [UInt8](source.memory)
    publishedDescriptors = inMemory
  }

  private func complain(_ what: String, _ place: Place? = nil) {
    let where_ = place.map { " at level \($0.level) + 0x" + String($0.offset, radix: 16) } ?? ""
    complaints.append(what + where_)
  }

  private func drop(_ event: Event) {
    switch event {
    case .all: cached = [:]
    case .leaf(let address), .walk(let address):
      for level in 0...3 {
        let place = Place(level, address & (half.byteCount - 1))
        guard let raw = cached[place] else { continue }
        if case .leaf = event, !Architecture.isLeaf(raw, level: level) { continue }
        cached[place] = nil
      }
    default: break
    }
  }

  /// Looks at memory, as it might at any time; called before every instruction.
  private func observe() {
    guard let root, unsafe !source.memory.elementsEqual(fast: seen) else { return }
    unsafe seen = [UInt8](source.memory)
    let now = Architecture.descriptors(
      root: root, level: half.rootLevel.rawValue, in: source
    ).reduce(into: [:]) { $0[$1.key] = Architecture.effective($1.value, level: $1.key.level) }
    if now != inMemory { needsSynchronize = true }
    for (place, raw) in now where inMemory[place] != raw { meet(raw, place) }
    inMemory = now
    cached.merge(now) { old, _ in old }
  }

  private func meet(_ raw: UInt64, _ place: Place) {
    if let old = cached[place], old != raw { compare(old, raw, place) }
    if Architecture.isTable(raw, level: place.level), inMemory[place] == nil {
      checkPublished(Architecture.address(raw) / 4096, place)
    }
    guard Architecture.isLeaf(raw, level: place.level), place.level < 3 else { return }
    for below in cached.keys
    where below.level > place.level && Place(place.level, below.offset) == place {
      complain("block over cached entries", place)
    }
  }

  /// D8.14: what may differ between a descriptor and one that a TLB still holds.
  private func compare(_ old: UInt64, _ new: UInt64, _ place: Place) {
    let isTable = Architecture.isTable(old, level: place.level)
    guard isTable == Architecture.isTable(new, level: place.level) else {
      return complain("size changed without break-before-make", place)
    }
    let permissions: UInt64 = 0b11 << 6 | 0b11 << 53
    if isTable || (old ^ new) & ~permissions != 0 {
      complain("changed without break-before-make", place)
    }
  }

  private func checkPublished(_ frame: UInt, _ place: Place) {
    let start = Int(frame - FakeTableSource.firstFrame) * 4096
    if source.contents(of: frame)[...] != published[start..<start + 4096] {
      complain("table linked before its entries were published", place)
    }
  }

  private func frameIsFreed(_ frame: PageFrame) {
    observe()
    for (place, raw) in cached
    where Architecture.isTable(raw, level: place.level)
      && Architecture.address(raw) == frame.start.rawValue
    {
      complain("table freed while a walk may read it", place)
    }
  }
}

extension UnsafeMutableRawBufferPointer {
  func elementsEqual(fast other: [UInt8]) -> Bool {
    unsafe other.withUnsafeBytes { bytes in
      unsafe memcmp(baseAddress.unsafelyUnwrapped, bytes.baseAddress.unsafelyUnwrapped, count) == 0
    }
  }
}
