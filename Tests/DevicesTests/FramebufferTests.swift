import Base
import Devices
import Testing

/// A firmware that answers the request for a framebuffer, or the display's size, word by word.
private final class FakeVideoCore {
  static let mailboxBase: UInt = 0x3F00_B880
  static let buffer: UInt = 0x0001_0000
  let bus = RecordingBus()
  /// Words of the buffer that the answer changes.
  var answer: [UInt: UInt32] = [
    25 + 3: 0xFC10_0000, 25 + 4: 1280 * 720 * 4, 30 + 3: 1280 * 4,
  ]
  private(set) var question: [UInt32] = []

  init() {
    bus.script[Self.mailboxBase + 0x18] = [1 << 30]
    bus.onStore = { [unowned self] word, address in
      guard address == Self.mailboxBase + 0x20 else { return }
      let size = UInt(bus.words[Self.buffer] ?? 0)
      question = stride(from: Self.buffer, to: Self.buffer + size, by: 4).map {
        bus.words[$0] ?? 0xDEAD
      }
      bus.words[Self.buffer + 4] = 0x8000_0000
      bus.words[Self.buffer + 16] = 0x8000_0008
      for (index, value) in answer { bus.words[Self.buffer + index * 4] = value }
      bus.script[Self.mailboxBase + 0x18] = [0]
      bus.script[Self.mailboxBase] = [word]
    }
  }

  var mailbox: Mailbox<RecordingBus> {
    Mailbox(
      registers: RegisterBlock(bus: bus, base: PhysicalAddress(Self.mailboxBase)),
      buffer: PhysicalAddress(Self.buffer), polls: 4)
  }
}

@Suite struct FramebufferTests {
  private let firmware = FakeVideoCore()
  private let size = DisplaySize(width: 1280, height: 720)

  @Test func oneRequestWithAllTags() throws {
    let picture = try firmware.mailbox.makeFramebuffer(size)
    #expect(
      firmware.question == [
        140, 0, 0x48003, 8, 0, 1280, 720, 0x48004, 8, 0, 1280, 720, 0x48009, 8, 0, 0, 0,
        0x48005, 4, 0, 32, 0x48006, 4, 0, 0, 0x40001, 8, 0, 4096, 0, 0x40008, 4, 0, 0, 0,
      ])
    #expect(picture.range == PhysicalRange(start: .init(0x3C10_0000), byteCount: 1280 * 720 * 4))
    #expect((picture.width, picture.height, picture.pitch) == (1280, 720, 5120))
    #expect(!picture.startsWithRed)
  }

  @Test func redMayComeFirst() throws {
    firmware.answer[21 + 3] = 1
    #expect(try firmware.mailbox.makeFramebuffer(size).startsWithRed)
  }

  /// The firmware may know better what the display can show.
  @Test func anotherSizeIsTaken() throws {
    firmware.answer[2 + 3] = 640
    firmware.answer[2 + 4] = 480
    let picture = try firmware.mailbox.makeFramebuffer(size)
    #expect((picture.width, picture.height, picture.pitch) == (640, 480, 5120))
    #expect(picture.range.byteCount == 5120 * 480)
  }

  @Test(
    arguments: [
      ([2 + 3: 0], .absurdSize), ([2 + 3: 0xFFFF_FFFF], .absurdSize), ([2 + 4: 5000], .absurdSize),
      ([2 + 3: 1279], .absurdSize), ([17 + 3: 16], .wrongDepth), ([17 + 3: 0], .wrongDepth),
      ([25 + 3: 0], .noMemory), ([25 + 3: 0xC000_0000], .noMemory), ([25 + 4: 0], .noMemory),
      ([30 + 3: 0], .wrongPitch), ([30 + 3: 5116], .wrongPitch), ([30 + 3: 5124], .wrongPitch),
      ([30 + 3: 0xFFFF_FFF8], .wrongPitch), ([25 + 4: 1280 * 720 * 4 - 1], .tooSmall),
      ([25 + 3: 0xFC10_0004], .foreignMemory), ([1: 0x8000_0001], .mailbox(.refused)),
      ([1: 0], .mailbox(.unknownCode(0))),
    ] as [([UInt: UInt32], FramebufferError)])
  func nonsense(_ answer: [UInt: UInt32], _ error: FramebufferError) {
    firmware.answer.merge(answer) { $1 }
    #expect(throws: error) { try firmware.mailbox.makeFramebuffer(size) }
  }

  @Test func theDisplaysSize() throws {
    firmware.answer = [5: 1920, 6: 1080]
    #expect(try firmware.mailbox.displaySize() == DisplaySize(width: 1920, height: 1080))
    #expect(firmware.question[2] == 0x40003)
    firmware.answer = [5: 0, 6: 0]
    #expect(try firmware.mailbox.displaySize() == nil)
    firmware.answer = [5: 100_000, 6: 3]
    #expect(throws: FramebufferError.absurdSize) { try firmware.mailbox.displaySize() }
  }

  @Test func aRowIsWholeCells() {
    #expect(DisplaySize(width: 1366, height: 768).wholeCells.width == 1360)
  }
}
