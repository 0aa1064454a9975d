import Base
import Handoff
import Testing

/// A handoff that must be refused, and why.
struct RefusalCase: CustomTestStringConvertible {
  let reason: Refusal.Reason
  let name: String
  let blob: [UInt8]
  var board = Board()
  var testDescription: String { "\(reason): \(name)" }

  init(_ reason: Refusal.Reason, _ name: String, _ blob: [UInt8], board: Board = Board()) {
    (self.reason, self.name, self.blob, self.board) = (reason, name, blob, board)
  }
}

@Suite struct RefusalTests {
  @Test(arguments: DeviceTreeRefusals.all + AtagRefusals.all + RangeRefusals.all)
  func refused(_ refused: RefusalCase) throws {
    try refused.board.boot(refused.blob) { handoff in
      let complaint = try #require(handoff.complaints.first)
      guard case .refused(let source, let refusal) = complaint else {
        Issue.record("another complaint: \(line(complaint))")
        return
      }
      #expect(refusal.reason == refused.reason)
      // Without the mailbox, what is assumed instead is a second line.
      #expect(handoff.complaints.count == (source == .mailbox ? 2 : 1))
      if source != .mailbox {
        #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
        #expect(handoff.memorySource == .mailbox)
      }
      // Nothing of what was refused is used.
      #expect(handoff.commandLine == nil && handoff.initrd == nil && handoff.model == nil)
      #expect(handoff.earlyHeap.value == .none)
      #expect(handoff.reserved.allSatisfy { $0.source == .builtIn })
      #expect(line(complaint).contains(refused.reason.description.description))
    }
  }

  /// The reasons that `BootHandoff.read` cannot meet, since it looks before it calls a reader.
  @Test func readersCheckWhatTheyAreGiven() {
    FencedMemory.with([UInt8](repeating: 7, count: 64)) { bytes in
      #expect(throws: Refusal.self) {
        try DeviceTree(bytes, address: PhysicalAddress(0))
      }
      #expect(reason { _ = try DeviceTree(bytes, address: PhysicalAddress(0)) } == .badMagic)
      #expect(
        reason { _ = try AtagList(bytes, address: PhysicalAddress(0)).report() } == .noCore)
    }
  }

  private func reason(_ body: () throws -> Void) -> Refusal.Reason? {
    do { try body() } catch { return (error as? Refusal)?.reason }
    return nil
  }

  @Test func everyReasonHasATest() {
    let all = DeviceTreeRefusals.all + AtagRefusals.all + RangeRefusals.all
    let tested = Set(all.map(\.reason)).union([.badMagic, .noCore])
    #expect(Set(Refusal.Reason.allCases).subtracting(tested) == [])
  }

  @Test func everyReasonHasItsOwnWords() {
    let words = Refusal.Reason.allCases.map { $0.description.description }
    #expect(Set(words).count == words.count)
  }
}
