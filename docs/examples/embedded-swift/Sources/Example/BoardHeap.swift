import Heaps

/// The heap that the Swift runtime allocates from.
///
/// A global of a board's memory must not be made lazily: its first use would be inside an allocation.
/// `nil` is a constant, and `start` replaces it before the first object.
enum BoardHeap {
  nonisolated(unsafe) static var heap: SegmentHeap?
}

/// Takes over the board's memory; false when that is too small.
@c(board_heap_start)
public func start(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) -> Bool {
  guard let heap = SegmentHeap(memory: .init(start: memory, count: byteCount)) else { return false }
  BoardHeap.heap = consume heap
  return true
}

/// Behind `posix_memalign`. Out of memory gives nil; the runtime does not look, so `board.c` stops.
@c(board_heap_allocate)
public func allocate(_ alignment: Int, _ byteCount: Int) -> UnsafeMutableRawPointer? {
  BoardHeap.heap?.allocate(byteCount: byteCount, alignment: alignment)
}

/// Behind `free`. Returns the fault code, 0 for none.
@c(board_heap_free)
public func deallocate(_ payload: UnsafeMutableRawPointer?) -> CInt {
  do throws(HeapFault) {
    try BoardHeap.heap?.deallocate(payload)
    return 0
  } catch {
    return CInt(error.kind.rawValue)
  }
}
