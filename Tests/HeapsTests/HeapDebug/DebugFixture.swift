import Testing

@testable import Heaps

/// A debug heap in an arena, with faults as values and every call's caller given.
final class DebugFixture {
  let arena: TestArena
  var heap: SegmentHeap

  init(_ byteCount: Int = 32768) throws {
    arena = TestArena(byteCount: byteCount)
    let heap = unsafe SegmentHeap(memory: arena.memory.buffer, options: .debug)
    guard let heap else { throw HeapFault(.badArgument, address: arena.start) }
    self.heap = heap
  }

  func take(_ byteCount: Int, alignment: Int = SegmentHeap.payloadAlignment, caller: UInt = 0)
    -> UInt
  {
    let pointer = unsafe heap.allocate(byteCount: byteCount, alignment: alignment, caller: caller)
    return UInt(bitPattern: pointer)
  }

  /// The fault of freeing `address`, or nil.
  func give(_ address: UInt, caller: UInt = 0) -> HeapFault? {
    do throws(HeapFault) {
      try unsafe heap.deallocate(UnsafeMutableRawPointer(bitPattern: address), caller: caller)
      return nil
    } catch { return error }
  }

  /// The new address (0: no memory), or the fault.
  func resize(
    _ address: UInt, to byteCount: Int, alignment: Int = SegmentHeap.payloadAlignment,
    caller: UInt = 0
  ) -> Result<UInt, HeapFault> {
    do throws(HeapFault) {
      let pointer = try unsafe heap.reallocate(
        UnsafeMutableRawPointer(bitPattern: address), byteCount: byteCount, alignment: alignment,
        caller: caller)
      return .success(UInt(bitPattern: pointer))
    } catch { return .failure(error) }
  }

  func resized(
    _ address: UInt, to byteCount: Int, alignment: Int = SegmentHeap.payloadAlignment,
    caller: UInt = 0
  ) -> UInt {
    (try? resize(address, to: byteCount, alignment: alignment, caller: caller).get()) ?? 0
  }

  /// The fault of asking for the size of `address`, or nil.
  func faultOfMeasuring(_ address: UInt) -> HeapFault? {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return nil }
    do throws(HeapFault) {
      _ = try unsafe heap.usableSize(of: pointer)
      return nil
    } catch { return error }
  }

  func size(of address: UInt) -> Int {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return -1 }
    return (try? unsafe heap.usableSize(of: pointer)) ?? -1
  }

  var fault: HeapFault? { heap.fault }
  var statistics: HeapStatistics { heap.statistics }
  func takeNotedFault() -> HeapFault? { heap.takeNotedFault() }

  /// Address of the trailer of the payload in use at `address`; 0 for none.
  func trailer(of address: UInt) -> UInt {
    guard let payload = heap.debugPayload(at: address) else { return 0 }
    return payload.region.address + payload.trailerOffset
  }

  /// The whole arena, to compare before and after.
  var bytes: [UInt8] { (arena.start..<arena.end).map { Bytes[$0] } }

  /// True when all of a range holds one byte.
  func holds(_ byte: UInt8, _ address: UInt, count: Int) -> Bool {
    (0..<UInt(count)).allSatisfy { Bytes[address + $0] == byte }
  }
}
