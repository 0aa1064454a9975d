import Heaps
import Testing

/// What every allocator must do, whatever lies behind the protocol. One line runs an allocator through
/// all of it:
///
///     @Test(arguments: ConformanceCase.allCases)
///     func conforms(_ testCase: ConformanceCase) { HeapConformance<MyHeap>().run(testCase) }
struct HeapConformance<A: HeapAllocator & ~Copyable> {
  /// False for an allocator that never uses freed memory again.
  var reclaims = true
  /// Operations in the random run.
  var operations = 8000

  func run(_ testCase: ConformanceCase) {
    switch testCase {
    case .firstUse: firstUse()
    case .zeroSize: zeroSize()
    case .nilPayloads: nilPayloads()
    case .hugeSizes: hugeSizes()
    case .badAlignments: badAlignments()
    case .alignments: alignments()
    case .usableSizes: usableSizes()
    case .zeroed: zeroed()
    case .tinyMemory: tinyMemory()
    case .oddMemory: oddMemory()
    case .reallocateKeeps: reallocateKeeps()
    case .reallocateFailure: reallocateFailure()
    case .exhaustion: exhaustion()
    case .regions: regions()
    case .regionOverlaps: regionOverlaps()
    case .statistics: statisticsBalance()
    case .misuse: misuse()
    case .randomOperations: randomOperations()
    }
  }

  /// Runs `body` over a fresh heap, checking it and the margins around it before and after.
  func withHeap(
    _ byteCount: Int = 16384, offset: Int = 0,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: (inout A, TestArena) -> Void
  ) {
    let arena = TestArena(byteCount: byteCount, offset: offset)
    guard var heap = A(in: arena.memory) else {
      Issue.record("no heap in \(byteCount) bytes", sourceLocation: sourceLocation)
      return
    }
    expectSound(heap, sourceLocation: sourceLocation)
    body(&heap, arena)
    expectSound(heap, sourceLocation: sourceLocation)
    #expect(arena.marginsAreIntact, sourceLocation: sourceLocation)
  }

  func expectSound(_ heap: borrowing A, sourceLocation: SourceLocation = #_sourceLocation) {
    let fault = breach(of: heap)
    #expect(fault == nil, sourceLocation: sourceLocation)
  }

  func breach(of heap: borrowing A) -> HeapFault? {
    do throws(HeapFault) {
      try heap.check()
      return nil
    } catch { return error }
  }

  /// The fault that freeing `address` gives; nil when it is accepted.
  func faultOfFreeing(_ address: UInt, in heap: inout A) -> HeapFault.Kind? {
    do throws(HeapFault) {
      try heap.give(address)
      return nil
    } catch { return error.kind }
  }

  func faultOfReallocating(_ address: UInt, in heap: inout A) -> HeapFault.Kind? {
    do throws(HeapFault) {
      _ = try heap.resize(address, to: 64)
      return nil
    } catch { return error.kind }
  }

  func faultOfMeasuring(_ address: UInt, in heap: borrowing A) -> HeapFault.Kind? {
    do throws(HeapFault) {
      _ = try heap.size(of: address)
      return nil
    } catch { return error.kind }
  }

  func canTake(_ byteCount: Int, alignment: Int = A.payloadAlignment, from heap: inout A) -> Bool {
    heap.take(byteCount, alignment: alignment) != nil
  }

  func canTakeZeroed(_ byteCount: Int, from heap: inout A) -> Bool {
    heap.takeZeroed(byteCount) != nil
  }

  func extend(_ heap: inout A, by memory: MemoryRange) -> Bool { heap.addRegion(memory) }

  /// Allocates, or records an issue and returns 0.
  func allocate(
    _ byteCount: Int, alignment: Int = A.payloadAlignment, in heap: inout A,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> UInt {
    let address = heap.take(byteCount, alignment: alignment) ?? 0
    #expect(address != 0, "\(byteCount) bytes", sourceLocation: sourceLocation)
    return address
  }
}

enum ConformanceCase: CaseIterable {
  case firstUse, zeroSize, nilPayloads, hugeSizes, badAlignments, alignments, usableSizes, zeroed
  case tinyMemory, oddMemory, reallocateKeeps, reallocateFailure, exhaustion, regions
  case regionOverlaps, statistics, misuse, randomOperations
}
