import Base
import Handoff
import Testing

/// A handoff that is wrong, and why.
struct RefusalCase: CustomTestStringConvertible {
  let reason: FirmwareError.Reason
  let name: String
  let blob: [UInt8]
  var board = Board()
  var testDescription: String { "\(reason): \(name)" }

  init(
    _ reason: FirmwareError.Reason, _ name: String, _ blob: [UInt8], board: Board = Board()
  ) {
    (self.reason, self.name, self.blob, self.board) = (reason, name, blob, board)
  }
}

@Suite struct RefusalTests {
  /// What cannot be walked is refused whole, with one line.
  @Test(arguments: DeviceTreeRefusals.all + AtagRefusals.all + RangeRefusals.all)
  func refused(_ refused: RefusalCase) throws {
    try refused.board.ending(with: refused.blob).boot(refused.blob) { handoff in
      let first = try #require(handoff.errors.first)
      guard case .refused(let source, let error) = first else {
        Issue.record("another error: \(line(first))")
        return
      }
      #expect(error.reason == refused.reason)
      // Without the mailbox, what is assumed instead is a second line.
      #expect(handoff.errors.count == (source == .mailbox ? 2 : 1))
      if source != .mailbox {
        #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
        #expect(handoff.memorySource == .mailbox)
      }
      // Nothing of what was refused is used.
      #expect(handoff.commandLine == nil && handoff.initrd == nil && handoff.model == nil)
      #expect(handoff.earlyHeap.value == .none)
      #expect(handoff.reserved.allSatisfy { $0.source == .builtIn })
      #expect(line(first).contains(refused.reason.description.description))
    }
  }

  /// A part that makes no sense costs itself and one line; the rest is used.
  @Test(arguments: DeviceTreeParts.all + AtagParts.all + RangeParts.all)
  func partIgnored(_ part: RefusalCase) throws {
    try part.board.boot(part.blob) { handoff in
      let first = try #require(handoff.errors.first)
      guard case .part(_, _, let error, _) = first else {
        Issue.record("another error: \(line(first))")
        return
      }
      #expect(error.reason == part.reason)
      #expect(handoff.errors.count == 1, "\(lines(handoff))")
      #expect(line(first).contains(part.reason.description.description))
      // What every one of these trees and lists says besides.
      #expect(handoff.options.heapByteCount == 2 << 20, "\(lines(handoff))")
      #expect(!handoff.memory.isEmpty)
    }
  }

  /// The reasons that `BootHandoff.read` cannot meet, since it looks before it calls a reader.
  @Test func readersCheckWhatTheyAreGiven() {
    FencedMemory.with([UInt8](repeating: 7, count: 64)) { bytes in
      let address = PhysicalAddress(0)
      #expect(DeviceTree(bytes, address: address).report().refusal?.reason == .badMagic)
      #expect(AtagList(bytes, address: address).report().refusal?.reason == .noCore)
    }
  }

  @Test func everyReasonHasATest() {
    let all =
      DeviceTreeRefusals.all + AtagRefusals.all + RangeRefusals.all + DeviceTreeParts.all
      + AtagParts.all + RangeParts.all
    let tested = Set(all.map(\.reason)).union([.badMagic, .noCore])
    #expect(Set(FirmwareError.Reason.allCases).subtracting(tested) == [])
  }

  @Test func everyReasonHasItsOwnWords() {
    let words = FirmwareError.Reason.allCases.map { $0.description.description }
    #expect(Set(words).count == words.count)
  }
}
