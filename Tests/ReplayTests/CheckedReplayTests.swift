import Heaps
import Replay
import Testing

struct CheckedReplayTests {
  static let text = "1\n3\n6\n1\na 0 16\na 1 100\nr 0 64\nf 1\na 2 16\nf 0\n"

  /// The fault that a checked replay finds in a `RowHeap` with a defect, or nil.
  private func fault<Choice: DefectChoice>(
    _ choice: Choice.Type, in text: String = text
  ) throws -> ReplayFault? {
    let replayer = Replayer(try parse(text))
    return unsafe withArena(byteCount: 8192) { memory in
      // The heap has only half, so that a payload outside it can still be written to.
      let arena = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<4096])
      guard var heap = unsafe RowHeap<Choice>(memory: arena) else { fatalError("too small") }
      do throws(ReplayFault) {
        let failures = try unsafe replayer.replayChecked(on: &heap, arena: arena)
        #expect(failures == 0)
        return nil
      } catch { return error }
    }
  }

  @Test func passesASoundAllocator() throws {
    #expect(try fault(Sound.self) == nil)
  }

  @Test func catchesOverlap() throws {
    #expect(try fault(Overlapping.self) == ReplayFault(.clobbered, operation: 2, identifier: 0))
  }

  @Test func catchesMisalignment() throws {
    #expect(try fault(Misaligning.self) == ReplayFault(.misaligned, operation: 0, identifier: 0))
  }

  @Test func catchesWritesToNeighbours() throws {
    #expect(try fault(Clobbering.self) == ReplayFault(.clobbered, operation: 2, identifier: 0))
  }

  @Test func catchesLostContents() throws {
    #expect(try fault(Forgetful.self) == ReplayFault(.clobbered, operation: 2, identifier: 0))
  }

  @Test func catchesPayloadsOutsideTheArena() throws {
    #expect(try fault(Straying.self) == ReplayFault(.outsideArena, operation: 0, identifier: 0))
  }

  @Test func catchesAnUnderstatedSize() throws {
    #expect(try fault(Understating.self) == ReplayFault(.tooSmall, operation: 0, identifier: 0))
  }

  @Test func catchesAFalseAccusation() throws {
    let fault = try #require(try fault(Accusing.self))
    #expect(fault.operation == 3 && fault.identifier == 1)
    guard case .heap(let heapFault) = fault.kind else { throw fault }
    #expect(heapFault.kind == .doubleFree)
  }

  @Test func callsCheck() throws {
    let damage = ReplayFault.Kind.heap(HeapFault(.corruptHeader, address: 0))
    #expect(try fault(Damaged.self) == ReplayFault(damage, operation: 1, identifier: 0))
  }

  /// What is live at the end is looked at, too.
  @Test func looksAtWhatStaysLive() throws {
    let found = try fault(Clobbering.self, in: "1\n2\n2\n1\na 0 16\na 1 16\n")
    #expect(found == ReplayFault(.clobbered, operation: 2, identifier: 0))
  }

  @Test func goesOnAfterAFailure() throws {
    let replayer = Replayer(try parse(Self.text))
    try unsafe withArena(byteCount: 32) { memory throws in
      guard var heap = unsafe RowHeap<Sound>(memory: memory) else { fatalError("too small") }
      #expect(try unsafe replayer.replayChecked(on: &heap, arena: memory) == 3)
    }
  }
}
