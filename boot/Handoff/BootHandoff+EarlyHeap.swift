import Base

extension BootHandoff {
  /// The early heap's size where nobody asks for another: 1 MiB.
  public static var defaultEarlyHeapByteCount: UInt { 1 << 20 }

  /// Where the early heap goes where nobody asks for another place: the last MiB below the kernel
  /// image, clear of the boot stacks.
  public static var knownEarlyHeapAddress: PhysicalAddress { PhysicalAddress(0x10_0000) }

  /// Chooses and reserves the early heap, page-aligned, over nothing that is reserved. Call once.
  ///
  /// Tried in turn: where the handoff named it, `knownAddress`, the lowest free place. When the
  /// size that `earlyheap=` asks for fits nowhere, that is complained about and the default taken.
  ///
  /// - Parameters:
  ///   - knownAddress: the place to prefer when the handoff named none.
  ///   - keepClear: memory that the caller has plans for (page array and kernel heap).
  /// - Returns: the range, which is `earlyHeap` from now on; nil (and a complaint) when not even
  ///   the default fits.
  public mutating func placeEarlyHeap(
    knownAddress: PhysicalAddress = knownEarlyHeapAddress, keepClear: PhysicalRange = .none
  ) -> PhysicalRange? {
    let named = earlyHeap.value
    let usual = named.isEmpty ? Self.defaultEarlyHeapByteCount : named.byteCount
    let places = EarlyHeapPlaces(named: earlyHeap, known: knownAddress, keepClear: keepClear)
    earlyHeap = Sourced(.none, from: .builtIn)
    if let asked = options.earlyHeapByteCount {
      if settle(asked, places, from: .commandLine) { return earlyHeap.value }
      complain(.noRoomForEarlyHeap(byteCount: asked, instead: usual))
    }
    if settle(usual, places, from: .builtIn) { return earlyHeap.value }
    complain(.noRoomForEarlyHeap(byteCount: usual, instead: nil))
    return nil
  }

  /// Takes the first place where `byteCount` bytes fit; false when there is none.
  private mutating func settle(
    _ byteCount: UInt, _ places: EarlyHeapPlaces, from source: Source
  ) -> Bool {
    guard let size = byteCount.roundedUp(to: PageFrame.byteCount) else { return false }
    let named = places.named.value
    if !named.isEmpty, let range = free(at: named.start, size, places.keepClear) {
      return settle(on: range, from: places.named.source)
    }
    guard
      let range = free(at: places.known, size, places.keepClear)
        ?? firstFree(byteCount: size, keepClear: places.keepClear)
    else { return false }
    if !named.isEmpty { complain(.earlyHeapMoved(from: named)) }
    return settle(on: range, from: source)
  }

  private func free(
    at start: PhysicalAddress, _ byteCount: UInt, _ keepClear: PhysicalRange
  ) -> PhysicalRange? {
    guard start.rawValue.isMultiple(of: PageFrame.byteCount),
      let range = PhysicalRange(start: start, byteCount: byteCount),
      isFree(range), !range.overlaps(keepClear)
    else { return nil }
    return range
  }

  private mutating func settle(on range: PhysicalRange, from source: Source) -> Bool {
    earlyHeap = Sourced(range, from: source)
    reserve(range, .earlyHeap, from: source)
    return true
  }
}

/// Where an early heap may go.
private struct EarlyHeapPlaces {
  let named: Sourced<PhysicalRange>
  let known: PhysicalAddress
  let keepClear: PhysicalRange
}

// MARK: - Free memory

extension BootHandoff {
  /// True when all of `range` is memory and none of it is reserved.
  public func isFree(_ range: PhysicalRange) -> Bool {
    memory.contains(range) && !reserved.contains { $0.range.overlaps(range) }
  }

  /// The lowest free range of `byteCount` bytes at or above `start`; nil when there is none.
  ///
  /// - Parameters:
  ///   - alignment: a power of two that the range's start is a multiple of.
  ///   - keepClear: more memory to stay out of.
  /// - Complexity: O(m * r * r) for m memory ranges and r reserved ones.
  public func firstFree(
    byteCount: UInt, alignment: UInt = PageFrame.byteCount,
    from start: PhysicalAddress = PhysicalAddress(0), keepClear: PhysicalRange = .none
  ) -> PhysicalRange? {
    var lowest: PhysicalRange?
    for range in memory {
      let part = PhysicalRange(from: max(range.start, start), to: range.end)
      guard let found = firstFree(byteCount, alignment, in: part, keepClear) else { continue }
      if lowest.map({ found.start < $0.start }) ?? true { lowest = found }
    }
    return lowest
  }

  /// The lowest free place in one memory range: steps over whatever is in the way.
  private func firstFree(
    _ byteCount: UInt, _ alignment: UInt, in part: PhysicalRange, _ keepClear: PhysicalRange
  ) -> PhysicalRange? {
    var next = part.start
    while let start = next.rawValue.roundedUp(to: alignment),
      let range = PhysicalRange(start: PhysicalAddress(start), byteCount: byteCount),
      part.contains(range)
    {
      guard let blocker = obstacle(to: range, keepClear) else { return range }
      next = blocker.end
    }
    return nil
  }

  private func obstacle(to range: PhysicalRange, _ keepClear: PhysicalRange) -> PhysicalRange? {
    if range.overlaps(keepClear) { return keepClear }
    return reserved.first { $0.range.overlaps(range) }?.range
  }
}
