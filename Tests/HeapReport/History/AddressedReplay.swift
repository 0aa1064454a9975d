public import HeapMeasurement
import Heaps
public import Replay

extension HeapHistory {
  /// Replays a trace through one of the allocators, in an arena, to learn where everything lies.
  ///
  /// The picture is as wide as the part of the arena that was used: from the first segment, behind the heap's
  /// own data, to the end of the last. Its addresses are distances from the arena's start.
  public init(
    replaying trace: Trace, on contestant: Contestant, arena choice: ArenaChoice
  ) throws(ContestantFailure) {
    guard let byteCount = try choice.byteCount(for: contestant, Replayer(trace)) else {
      throw ContestantFailure(contestant: contestant, failure: .noArena(limit: 0))
    }
    var replay = AddressedReplay(
      trace: trace, arena: Arena(byteCount: byteCount, touched: false),
      headerByteCount: contestant == .bestFit ? 8 : 16)
    do throws(MeasurementError) {
      self = try contestant.accept(&replay)
    } catch { throw ContestantFailure(contestant: contestant, failure: error) }
    name = contestant.rawValue
  }
}

/// Replays once, and writes down every payload's place.
private struct AddressedReplay: AllocatorVisitor {
  let trace: Trace
  let arena: Arena
  /// What lies before each payload: one word in the segment heap, two in the others.
  let headerByteCount: Int

  func visit<A: HeapAllocator & ~Copyable>(
    _ type: A.Type
  ) throws(MeasurementError) -> HeapHistory {
    guard var heap = unsafe A(memory: arena.memory) else {
      throw .arenaTooSmall(byteCount: unsafe arena.memory.count)
    }
    var notes = HistoryNotes(stepCapacity: trace.operations.count)
    var payloads = unsafe [UnsafeMutableRawPointer?](repeating: nil, count: trace.identifierCount)
    var lives = [Int](repeating: -1, count: trace.identifierCount)
    do throws(HeapFault) {
      for operation in trace.operations {
        let identifier = operation.identifier
        switch operation.kind {
        case .freeNil: notes.nothing()
        case .allocate:
          let payload = unsafe heap.allocate(byteCount: operation.byteCount, alignment: 16)
          unsafe payloads[identifier] = payload
          if let payload = unsafe payload {
            lives[identifier] = notes.allocate(
              try unsafe place(of: payload, for: operation, in: heap),
              chain: notes.number(of: SizeClass(operation.byteCount).chain))
          } else {
            notes.refuse(byteCount: operation.byteCount)
          }
        case .reallocate:
          guard let payload = unsafe payloads[identifier] else {
            notes.nothing()
            continue
          }
          let moved = try unsafe heap.reallocate(
            payload, byteCount: operation.byteCount, alignment: 16)
          if let moved = unsafe moved {
            unsafe payloads[identifier] = moved
            lives[identifier] = notes.reallocate(
              lives[identifier], try unsafe place(of: moved, for: operation, in: heap),
              chain: notes.number(of: SizeClass(operation.byteCount).chain))
          } else {
            notes.refuse(byteCount: operation.byteCount)
          }
        case .free:
          guard let payload = unsafe payloads[identifier] else {
            notes.nothing()
            continue
          }
          unsafe payloads[identifier] = nil
          try unsafe heap.deallocate(payload)
          notes.free(lives[identifier])
        }
      }
    } catch { throw .heap(error) }
    return notes.historyOfOneRegion()
  }

  private func place<A: HeapAllocator & ~Copyable>(
    of payload: UnsafeMutableRawPointer, for operation: TraceOperation, in heap: borrowing A
  ) throws(HeapFault) -> HistoryNotes.Place {
    let offset = unsafe Int(bitPattern: payload) - Int(bitPattern: arena.memory.baseAddress)
    let usable = try unsafe heap.usableSize(of: payload)
    return HistoryNotes.Place(
      offset: offset - headerByteCount, byteCount: usable + headerByteCount,
      payloadOffset: headerByteCount, requestedByteCount: operation.byteCount)
  }
}
