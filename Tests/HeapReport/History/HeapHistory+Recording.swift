public import Record

extension HeapHistory {
  /// What a recording of the kernel's heap tells: addresses as they were. Segments are taken to be
  /// a header of eight bytes and the payload rounded up; what was allocated before the recording began is
  /// known only by its free, and counts as the smallest segment.
  public init(_ recording: Recording) {
    var book = RecordingBook(recording.events.count)
    for event in recording.events { book.add(event) }
    self = book.history(recording.header)
    let ticks = Double(recording.header.ticksPerSecond)
    let first = recording.events.first?.time ?? 0
    times = recording.events.map { Double($0.time - first) * 1e6 / ticks }
    name = "recorded"
  }
}

/// Follows payloads by their addresses. Offsets are addresses until the regions are known.
private struct RecordingBook {
  private static let headerByteCount = 8
  /// Addresses further apart than this are in regions of their own.
  private static let regionGap: UInt = 16 << 20

  private var notes: HistoryNotes
  private var alive: [UInt: Int] = [:]
  private var before: [UInt] = []

  init(_ count: Int) { notes = HistoryNotes(stepCapacity: count) }

  mutating func add(_ event: HeapEvent) {
    let chain = notes.number(of: event.callers)
    switch event.kind {
    case .allocate:
      guard event.address != 0 else { return notes.refuse(byteCount: Int(event.byteCount)) }
      alive[event.address] = notes.allocate(place(of: event), chain: chain)
    case .reallocate:
      guard event.address != 0 else { return notes.refuse(byteCount: Int(event.byteCount)) }
      let old = life(at: event.oldAddress)
      alive[event.address] = notes.reallocate(old, place(of: event), chain: chain)
    case .free:
      guard event.address != 0 else { return notes.nothing() }
      notes.free(life(at: event.address))
    }
  }

  private mutating func life(at address: UInt) -> Int {
    if let life = alive.removeValue(forKey: address) { return life }
    return notes.before(Self.place(at: address, byteCount: 8, alignment: 16))
  }

  private func place(of event: HeapEvent) -> HistoryNotes.Place {
    Self.place(
      at: event.address, byteCount: Int(event.byteCount), alignment: Int(event.alignment))
  }

  private static func place(
    at address: UInt, byteCount: Int, alignment: Int
  ) -> HistoryNotes.Place {
    HistoryNotes.Place(
      offset: Int(bitPattern: address) - headerByteCount,
      byteCount: (max(byteCount, 1) + headerByteCount + 15) & ~15,
      payloadOffset: headerByteCount, requestedByteCount: byteCount, alignment: alignment)
  }

  func history(_ header: RecordingHeader) -> HeapHistory {
    var history = notes.history()
    let ends = history.lives.map { life in
      (start: UInt(bitPattern: life.offset), end: UInt(bitPattern: life.end))
    }.sorted { $0.start < $1.start }
    for (start, end) in ends {
      if var last = history.regions.last,
        start <= last.address + UInt(last.byteCount) + Self.regionGap
      {
        last.byteCount = max(last.byteCount, Int(end - last.address))
        history.regions[history.regions.count - 1] = last
      } else {
        // The heap's own first byte where that is near, so that offsets are those of the heap.
        let isNear = header.heapStart <= start && start - header.heapStart <= Self.regionGap
        let first = isNear ? header.heapStart : start & ~15
        history.regions.append(
          HeapHistory.Region(
            address: first, offset: history.byteCount, byteCount: Int(end - first)))
      }
    }
    for index in history.lives.indices {
      let address = UInt(bitPattern: history.lives[index].offset)
      // A region begins at or below each life's address; the last of those is the one.
      let region = history.regions.last { $0.address <= address }
      guard let region else { continue }
      history.lives[index].offset = region.offset + Int(address - region.address)
    }
    return history
  }
}
