public import Heaps

extension Replayer {
  /// Arena sizes are tried in steps of this many bytes.
  @inlinable public static var arenaStep: Int { 16 }

  /// How many steps below the answer are tried, too, after the binary search.
  @inlinable public static var confirmedSteps: Int { 64 }

  /// The fewest bytes, control block included, with which an `A` replays the trace without a
  /// failure; nil when all of `memory` is not enough.
  ///
  /// Success is not strictly monotone in the size: a few bytes less can shift placements so that
  /// they fit, and an allocator may have a larger control block from some power of two on. So the
  /// sizes just below powers of two are tried upwards until one succeeds; between the last two a
  /// binary search, O(log n) replays, is followed by a walk down from its answer, which ends when
  /// `confirmedSteps` sizes in a row have failed.
  @inlinable public func smallestArena<A: HeapAllocator & ~Copyable>(
    for type: A.Type, within memory: UnsafeMutableRawBufferPointer
  ) throws(HeapFault) -> Int? {
    let step = Replayer.arenaStep
    var best = memory.count / step
    func fits(_ steps: Int) throws(HeapFault) -> Bool {
      try unsafe succeeds(
        type, in: UnsafeMutableRawBufferPointer(rebasing: memory[..<(steps * step)]))
    }
    guard try fits(best) else { return nil }

    // The payloads alone do not fit in less than their sum, so that much is known to fail.
    var failing = min(trace.peakLiveByteCount / step, best) - 1
    var power = 1
    while power <= failing + 1 { power *= 2 }
    while power - 1 < best {
      if try fits(power - 1) { best = power - 1 } else { failing = power - 1 }
      power *= 2
    }
    while best - failing > 1 {
      let middle = failing + (best - failing) / 2
      if try fits(middle) {
        best = middle
      } else {
        failing = middle
      }
    }

    var candidate = best - 1
    while candidate > 0 && candidate >= best - Replayer.confirmedSteps {
      if try fits(candidate) { best = candidate }
      candidate -= 1
    }
    return best * step
  }

  /// True when a fresh `A` in `memory` replays the trace without a failure.
  @inlinable public func succeeds<A: HeapAllocator & ~Copyable>(
    _ type: A.Type, in memory: UnsafeMutableRawBufferPointer
  ) throws(HeapFault) -> Bool {
    guard var heap = unsafe A(memory: memory) else { return false }
    defer { forget() }
    return try succeeds(on: &heap)
  }
}
