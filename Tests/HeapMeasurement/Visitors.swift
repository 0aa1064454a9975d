import Heaps
import Replay

/// What one allocator is given to replay a trace.
struct Track {
  let replayer: Replayer
  let arena: Arena

  func heap<A: HeapAllocator & ~Copyable>(
    _ type: A.Type
  ) throws(MeasurementError) -> A {
    guard let heap = unsafe A(memory: arena.memory) else {
      throw .arenaTooSmall(byteCount: unsafe arena.memory.count)
    }
    return heap
  }
}

/// Replays once; the nanoseconds that it took, and the failures.
struct TimedReplay: AllocatorVisitor {
  let track: Track

  func visit<A: HeapAllocator & ~Copyable>(
    _ type: A.Type
  ) throws(MeasurementError) -> (nanoseconds: UInt64, failures: Int) {
    var heap = try track.heap(type)
    do throws(HeapFault) {
      let start = nanoseconds()
      let failures = try track.replayer.replay(on: &heap)
      let elapsed = nanoseconds() - start
      try track.replayer.drain(&heap)
      return (elapsed, failures)
    } catch { throw .heap(error) }
  }
}

/// Replays once with each operation timed by itself.
struct OperationReplay: AllocatorVisitor {
  let track: Track
  var fastest: [UInt64]

  mutating func visit<A: HeapAllocator & ~Copyable>(
    _ type: A.Type
  ) throws(MeasurementError) {
    var heap = try track.heap(type)
    do throws(HeapFault) {
      try track.replayer.time(on: &heap, fastest: &fastest, clock: nanoseconds)
      try track.replayer.drain(&heap)
    } catch { throw .heap(error) }
  }
}

/// Replays once with every payload proven.
struct CheckedReplay: AllocatorVisitor {
  let track: Track
  let usesArena: Bool

  func visit<A: HeapAllocator & ~Copyable>(_ type: A.Type) throws(MeasurementError) {
    var heap = try track.heap(type)
    do throws(ReplayFault) {
      _ = try unsafe track.replayer.replayChecked(
        on: &heap, arena: usesArena ? track.arena.memory : nil)
    } catch { throw .replay(error) }
  }
}

/// Replays once with each call of the allocator a function of its own, for a profiler.
struct ProfiledReplay: AllocatorVisitor {
  let track: Track

  func visit<A: HeapAllocator & ~Copyable>(_ type: A.Type) throws(MeasurementError) -> Int {
    var heap = try track.heap(ProfiledAllocator<A>.self)
    do throws(HeapFault) {
      return try track.replayer.replay(on: &heap)
    } catch { throw .heap(error) }
  }
}
