import Heaps
import Replay

/// The arena that allocators are measured in.
public enum ArenaChoice: Equatable, Sendable {
  /// `Arena.roomyByteCount`: the same for all allocators, some of which may fail in it.
  case roomy
  /// The roomy one, doubled until nothing fails.
  case sufficient
  /// As many bytes.
  case bytes(Int)
  /// The smallest in which nothing fails.
  case smallest

  /// The size of the arena; nil for an allocator that uses none.
  public func byteCount(
    for contestant: Contestant, _ replayer: Replayer
  ) throws(ContestantFailure) -> Int? {
    guard contestant.usesArena else { return nil }
    switch self {
    case .roomy: return Arena.roomyByteCount(forPeak: replayer.trace.peakLiveByteCount)
    case .bytes(let byteCount): return byteCount
    case .sufficient:
      return try attempt(contestant) { () throws(MeasurementError) in
        var search = SufficientArena(replayer: replayer)
        return try contestant.accept(&search)
      }
    case .smallest:
      return try attempt(contestant) { () throws(MeasurementError) in
        var search = SmallestArena(replayer: replayer)
        return try contestant.accept(&search)
      }
    }
  }
}

/// Doubles the roomy arena until nothing fails; its size in bytes.
private struct SufficientArena: AllocatorVisitor {
  /// No arena larger than this is tried.
  static let limit = 1 << 32

  let replayer: Replayer

  func visit<A: HeapAllocator & ~Copyable>(_ type: A.Type) throws(MeasurementError) -> Int {
    var byteCount = Arena.roomyByteCount(forPeak: replayer.trace.peakLiveByteCount)
    while byteCount <= SufficientArena.limit {
      let arena = Arena(byteCount: byteCount, touched: false)
      do throws(HeapFault) {
        if try unsafe replayer.succeeds(type, in: arena.memory) { return byteCount }
      } catch { throw .heap(error) }
      byteCount *= 2
    }
    throw .noArena(limit: SufficientArena.limit)
  }
}

/// Looks for the smallest arena in which nothing fails; its size in bytes.
private struct SmallestArena: AllocatorVisitor {
  let replayer: Replayer

  func visit<A: HeapAllocator & ~Copyable>(_ type: A.Type) throws(MeasurementError) -> Int {
    let enough = try SufficientArena(replayer: replayer).visit(type)
    let arena = Arena(byteCount: enough, touched: false)
    do throws(HeapFault) {
      return try unsafe replayer.smallestArena(for: type, within: arena.memory) ?? enough
    } catch { throw .heap(error) }
  }
}
