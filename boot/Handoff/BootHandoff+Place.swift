import Base

// Where the kernel puts what it starts with. In this order, since each stays clear of those before it:
// page array, kernel heap, early heap. All of it is used before the kernel has a map of its own, so it
// lies in `reachable`.
extension BootHandoff {
  /// The early heap's size where nobody asks for another: 1 MiB.
  public static var defaultEarlyHeapByteCount: UInt { 1 << 20 }

  /// Where the early heap goes where nobody asks for another place: the last MiB below the kernel
  /// image, clear of the boot stacks.
  public static var knownEarlyHeapAddress: PhysicalAddress { PhysicalAddress(0x10_0000) }

  /// The smallest heap that is any use: the least that `heap=` and `earlyheap=` take.
  private static var leastHeapByteCount: UInt { 64 << 10 }

  /// Reserves `byteCount` bytes behind the image for the page array; nil when they fit nowhere. Once.
  public mutating func placePageArray(byteCount: UInt) -> PhysicalRange? {
    let place = firstFree(byteCount: byteCount, from: imageEnd)
    if let place { reserve(place, .pageArray, from: .builtIn) }
    return place
  }

  /// Chooses and reserves the kernel heap, page-aligned, behind image and page array. Call once.
  ///
  /// When the size that `heap=` asks for fits nowhere, or leaves less than the early heap's usual size
  /// and `leaving` bytes, that is an error noted and the largest of 1 MiB, 512 KiB and so on down to
  /// 64 KiB taken that does. Where nothing does, 64 KiB are taken all the same.
  ///
  /// - Parameter leaving: what must stay free for the kernel's map and stacks.
  /// - Returns: nil when not even 64 KiB are free.
  public mutating func placeKernelHeap(leaving: UInt = 0) -> PhysicalRange? {
    let asked = options.heapByteCount
    let usual = min(asked, BootOptions.defaultHeapByteCount)
    let rest = leaving &+ usualEarlyHeapByteCount
    guard
      let place = place(
        asked, or: usual, leaving: rest,
        at: { handoff, byteCount in
          handoff.firstFree(byteCount: byteCount, from: handoff.imageEnd)
        })
    else { return nil }
    if place.byteCount < asked {
      errors.note(.noRoom(for: "heap=", byteCount: asked, instead: place.byteCount))
    }
    reserve(place, .kernelHeap, from: .builtIn)
    return place
  }

  /// Chooses and reserves the early heap, page-aligned, over nothing that is reserved. Call once.
  ///
  /// Tried in turn: where the handoff named it, `knownAddress`, the lowest free place. When the
  /// size that `earlyheap=` asks for fits nowhere or leaves less than `leaving` bytes, that is an error
  /// noted and the largest of the usual size, half of it and so on down to 64 KiB taken that does.
  ///
  /// - Parameters:
  ///   - knownAddress: the place to prefer when the handoff named none.
  ///   - leaving: what must stay free for the kernel's map and stacks.
  /// - Returns: the range, which is `earlyHeap` from now on; nil (and an error noted) when not even
  ///   64 KiB are free.
  public mutating func placeEarlyHeap(
    knownAddress: PhysicalAddress = knownEarlyHeapAddress, leaving: UInt = 0
  ) -> PhysicalRange? {
    let named = earlyHeap
    let usual = usualEarlyHeapByteCount
    let asked = options.earlyHeapByteCount ?? usual
    earlyHeap = Sourced(.none, from: .builtIn)
    var source = options.earlyHeapByteCount == nil ? HandoffSource.builtIn : .commandLine
    let place = place(asked, or: usual, leaving: leaving) { handoff, byteCount in
      handoff.place(byteCount, named, knownAddress)
    }
    guard let place else {
      errors.note(.noRoom(for: "an early heap of ", byteCount: asked, instead: nil))
      return nil
    }
    if place.byteCount < asked {
      errors.note(.noRoom(for: "earlyheap=", byteCount: asked, instead: place.byteCount))
      source = .builtIn
    }
    if !named.value.isEmpty {
      if place.start == named.value.start {
        source = named.source
      } else {
        errors.note(.earlyHeapMoved(from: named.value))
      }
    }
    earlyHeap = Sourced(place, from: source)
    reserve(place, .earlyHeap, from: .builtIn)
    return place
  }

  private var usualEarlyHeapByteCount: UInt {
    let named = earlyHeap.value
    return named.isEmpty ? Self.defaultEarlyHeapByteCount : named.byteCount
  }

  private var imageEnd: PhysicalAddress { range(of: .kernelImage)?.end ?? PhysicalAddress(0) }

  /// The place that `find` has for the first of these sizes that fits and leaves `rest` bytes free:
  /// `asked`, `usual`, halves of it down to 64 KiB. Then 64 KiB whatever is left.
  private func place(
    _ asked: UInt, or usual: UInt, leaving rest: UInt,
    at find: (BootHandoff, UInt) -> PhysicalRange?
  ) -> PhysicalRange? {
    let free = freeByteCount
    let page = PageFrame.byteCount
    var byteCount = asked
    var next = usual
    while byteCount >= Self.leastHeapByteCount {
      if let size = byteCount.roundedUp(to: page), size <= free, free - size >= rest,
        let place = find(self, size)
      {
        return place
      }
      byteCount = next
      next = (next / 2).roundedDown(to: page)
    }
    return find(self, Self.leastHeapByteCount)
  }

  /// Where an early heap of `byteCount` bytes goes.
  private func place(
    _ byteCount: UInt, _ named: Sourced<PhysicalRange>, _ known: PhysicalAddress
  ) -> PhysicalRange? {
    if !named.value.isEmpty, let place = free(at: named.value.start, byteCount) { return place }
    return free(at: known, byteCount) ?? firstFree(byteCount: byteCount)
  }

  private func free(at start: PhysicalAddress, _ byteCount: UInt) -> PhysicalRange? {
    guard start.rawValue.isMultiple(of: PageFrame.byteCount),
      let range = PhysicalRange(start: start, byteCount: byteCount),
      isFree(range), reachable.contains(range)
    else { return nil }
    return range
  }
}

// MARK: - Free memory

extension BootHandoff {
  /// What is reserved for `reason`: the first, where there are several.
  public func range(of reason: ReservedRange.Reason) -> PhysicalRange? {
    reserved.first { $0.reason == reason }?.range
  }

  /// True when all of `range` is memory and none of it is reserved.
  public func isFree(_ range: PhysicalRange) -> Bool {
    memory.contains(range) && !reserved.contains { $0.range.overlaps(range) }
  }

  /// The bytes of `memory` that can be reached and are not reserved. O(m * r * r).
  public var freeByteCount: UInt {
    var count: UInt = 0
    for part in memory.intersection(reachable) {
      var next = part.start
      while next < part.end {
        let rest = PhysicalRange(from: next, to: part.end)
        var end = part.end
        for taken in reserved where taken.range.overlaps(rest) {
          end = min(end, max(taken.range.start, next))
        }
        count &+= PhysicalRange(from: next, to: end).byteCount
        let blocker = reserved.first { $0.range.start <= end && end < $0.range.end }
        next = blocker?.range.end ?? part.end
      }
    }
    return count
  }

  /// The lowest free range of `byteCount` bytes at or above `start` that can be reached; nil when
  /// there is none.
  ///
  /// - Parameter alignment: a power of two that the range's start is a multiple of.
  /// - Complexity: O(m * r * r) for m memory ranges and r reserved ones.
  public func firstFree(
    byteCount: UInt, alignment: UInt = PageFrame.byteCount,
    from start: PhysicalAddress = PhysicalAddress(0)
  ) -> PhysicalRange? {
    for range in memory.intersection(reachable) {
      let part = PhysicalRange(from: max(range.start, start), to: range.end)
      if let found = firstFree(byteCount, alignment, in: part) { return found }
    }
    return nil
  }

  /// The lowest free place in one memory range: steps over whatever is in the way.
  private func firstFree(_ byteCount: UInt, _ alignment: UInt, in part: PhysicalRange)
    -> PhysicalRange?
  {
    var next = part.start
    while let start = next.rawValue.roundedUp(to: alignment),
      let range = PhysicalRange(start: PhysicalAddress(start), byteCount: byteCount),
      part.contains(range)
    {
      guard let blocker = reserved.first(where: { $0.range.overlaps(range) }) else { return range }
      next = blocker.range.end
    }
    return nil
  }
}
