import CSegmentHeap
import Heaps

// segment_heap.h says what each function does. A heap is one pointer, so each of them is a call
// into `SegmentHeap` and a translation of its answer.

/// A heap in `memory`, which is its control block and first region. Nil: too small.
@c @implementation
public func segment_heap_create(
  _ memory: UnsafeMutableRawPointer?, _ size: Int
) -> OpaquePointer? {
  unsafe create(memory, size, [])
}

/// The same in debug mode.
@c @implementation
public func segment_heap_create_debug(
  _ memory: UnsafeMutableRawPointer?, _ size: Int
) -> OpaquePointer? {
  unsafe create(memory, size, .debug)
}

/// A hardened heap, keyed with `secret`.
@c @implementation
public func segment_heap_create_hardened(
  _ memory: UnsafeMutableRawPointer?, _ size: Int, _ secret: UInt64
) -> OpaquePointer? {
  unsafe create(memory, size, .hardened, secret: secret)
}

private func create(
  _ memory: UnsafeMutableRawPointer?, _ size: Int, _ options: SegmentHeap.Options,
  secret: UInt64 = 0
) -> OpaquePointer? {
  guard let range = unsafe bytes(memory, size),
    let heap = unsafe SegmentHeap(memory: range, options: options, secret: secret)
  else { return nil }
  heap.answerInCodes()
  return unsafe OpaquePointer(heap.controlBlock)
}

/// A further region; 0 or a fault code.
@c @implementation
public func segment_heap_add_region(
  _ heap: OpaquePointer?, _ memory: UnsafeMutableRawPointer?, _ size: Int
) -> CInt {
  guard let heap = unsafe SegmentHeap(heap), let range = unsafe bytes(memory, size) else {
    return HeapFault.Kind.badArgument.code
  }
  guard heap.isControlValid else { return HeapFault.Kind.corruptControl.code }
  return unsafe heap.addRegion(range) ? 0 : HeapFault.Kind.badArgument.code
}

// MARK: Allocate

/// At least `size` bytes at a multiple of 16, or nil.
///
/// Swift keeps an optional pointer as an integer, and turning that into a pointer behind a call would cost
/// each of them a frame. So this one and `reallocate` return the integer, which every C that the library is for passes
/// in the same register; the compiler cannot hold it against the header.
@c(segment_heap_allocate)
public func allocate(_ heap: OpaquePointer?, _ size: Int) -> UInt {
  guard let heap = unsafe SegmentHeap(heap) else { return 0 }
  return unsafe UInt(
    bitPattern: heap.allocate(
      byteCount: size, alignment: SegmentHeap.payloadAlignment,
      caller: segment_heap_return_address()))
}

/// At least `size` bytes at a multiple of `alignment`, a power of two, or nil.
@c @implementation
public func segment_heap_allocate_aligned(
  _ heap: OpaquePointer?, _ alignment: Int, _ size: Int
) -> UnsafeMutableRawPointer? {
  guard let heap = unsafe SegmentHeap(heap), heap.accepts(alignment) else { return nil }
  return unsafe heap.allocate(
    byteCount: size, alignment: alignment, caller: segment_heap_return_address())
}

/// The payload with `size` bytes, at a multiple of 16; nil leaves it as it was. An integer, as with `allocate`.
@c(segment_heap_reallocate)
public func reallocate(
  _ heap: OpaquePointer?, _ payload: UnsafeMutableRawPointer?, _ size: Int
) -> UInt {
  guard let heap = unsafe SegmentHeap(heap) else { return 0 }
  return unsafe UInt(
    bitPattern: heap.reallocateOrRefuse(
      payload, byteCount: size, caller: segment_heap_return_address()))
}

/// The payload with `size` bytes, at a multiple of `alignment`; nil leaves it as it was.
@c @implementation
public func segment_heap_reallocate_aligned(
  _ heap: OpaquePointer?, _ payload: UnsafeMutableRawPointer?, _ alignment: Int, _ size: Int
) -> UnsafeMutableRawPointer? {
  guard let heap = unsafe SegmentHeap(heap), heap.accepts(alignment) else { return nil }
  return unsafe heap.reallocateOrRefuse(
    payload, byteCount: size, alignment: alignment, caller: segment_heap_return_address())
}

extension SegmentHeap {
  /// True for an alignment that makes sense; notes the refusal of any other.
  fileprivate func accepts(_ alignment: Int) -> Bool {
    let bits = UInt(bitPattern: alignment)
    if bits != 0, bits & (bits &- 1) == 0 { return true }
    noteRefusal(.badArgument)
    return false
  }
}

// MARK: Deallocate

/// Gives the payload back; 0 or a fault code, with nothing changed.
@c @implementation
public func segment_heap_free(
  _ heap: OpaquePointer?, _ payload: UnsafeMutableRawPointer?
) -> CInt {
  guard let heap = unsafe SegmentHeap(heap) else {
    return HeapFault.Kind.badArgument.code
  }
  return unsafe heap.deallocateOrRefuse(payload, caller: segment_heap_return_address())
}

/// Bytes that the payload's owner may use; 0 where it is no live payload.
@c @implementation
public func segment_heap_usable_size(
  _ heap: OpaquePointer?, _ payload: UnsafeRawPointer?
) -> Int {
  guard let heap = unsafe SegmentHeap(heap), let payload = unsafe payload, heap.isControlValid
  else { return 0 }
  return unsafe heap.usableSizeOrNil(of: UnsafeMutableRawPointer(mutating: payload)) ?? 0
}
