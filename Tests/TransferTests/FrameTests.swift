import Base
import Replay
import Testing
import Transfer

/// A frame's bytes on the line.
private func encoded(_ kind: FrameKind, _ sequence: UInt32, _ payload: [UInt8]) -> [UInt8] {
  var frame = FrameEncoder(kind, sequence: sequence)
  for byte in payload { frame.append(byte) }
  frame.seal()
  var bytes: [UInt8] = []
  while let byte = frame.next() { bytes.append(byte) }
  return bytes
}

/// What a decoder makes of `bytes`: the frames' payloads, and the text between them.
private func decoded(_ bytes: [UInt8]) -> (frames: [[UInt8]], text: [UInt8]) {
  var decoder = FrameDecoder()
  var frames: [[UInt8]] = []
  var text: [UInt8] = []
  for byte in bytes {
    switch decoder.receive(byte) {
    case .frame: frames.append((0..<decoder.payloadCount).map { decoder.byte($0) })
    case .text(let byte): text.append(byte)
    case .nothing, .damaged: break
    }
  }
  return (frames, text)
}

@Suite struct FrameTests {
  /// The check value of CRC-32 (ISO-HDLC), as catalogues of such sums give it.
  @Test func checkValue() {
    var sum = CRC32()
    for byte in "123456789".utf8 { sum.add(byte) }
    #expect(sum.value == 0xCBF4_3926)
    #expect(CRC32().value == 0)
  }

  @Test func thereAndBack() {
    for count in [0, 1, 255, 512] {
      let payload = (0..<count).map { UInt8($0 & 255) }
      #expect(decoded(encoded(.data, 7, payload)).frames == [payload])
    }
  }

  /// No byte of a frame but its flags means anything to a terminal or a prompt.
  @Test func nothingInAFrameIsAKey() {
    let bytes = encoded(.data, 0x0D0A_0301, (0...255).map { UInt8($0) }).dropFirst().dropLast()
    #expect(!bytes.contains { $0 != FrameForm.escape && FrameForm.mustEscape($0) })
  }

  /// Every single bit that flips, every byte that is lost or comes twice: no other frame comes of it.
  @Test func everyDamage() {
    let payload = (0..<40).map { UInt8($0 * 6 & 255) }
    let whole = encoded(.data, 3, payload)
    for place in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[place] ^= 1 << UInt8(bit)
        expectNothingWrong(bytes, payload)
      }
      var bytes = whole
      bytes.remove(at: place)
      expectNothingWrong(bytes, payload)
      bytes = whole
      bytes.insert(whole[place], at: place)
      expectNothingWrong(bytes, payload)
      expectNothingWrong(Array(whole[..<place]), payload)
      expectNothingWrong(Array(whole[place...]), payload)
    }
  }

  private func expectNothingWrong(_ bytes: [UInt8], _ payload: [UInt8]) {
    let next = encoded(.data, 4, [1, 2, 3])
    // Whatever it was, the frame after the next is read.
    let frames = decoded(bytes + next + next).frames
    #expect(frames.allSatisfy { $0 == payload || $0 == [1, 2, 3] } && frames.last == [1, 2, 3])
  }

  @Test func framesAmongText() {
    let text = Array("roost> heap\r\nused: 1~2\r\n".utf8)
    let bytes = text + encoded(.probe, 1, [9]) + text + encoded(.probe, 2, [8])
    let found = decoded(bytes)
    #expect(found.frames == [[9], [8]])
    #expect(String(decoding: found.text, as: UTF8.self).contains("roost> heap\r\nused: 1\r\n"))
  }

  @Test func noiseIsNoFrame() {
    var random = SplitMix64(seed: 1)
    let noise = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    #expect(decoded(noise).frames == [])
    let choice: [UInt8] = [0x7E, 0x7D, 1, 5, 0]
    let flags = (0..<100_000).map { _ in choice[Int.random(in: 0..<5, using: &random)] }
    #expect(decoded(flags).frames == [])
  }

  @Test func aPayloadThatIsTooLong() {
    #expect(decoded(encoded(.data, 1, [UInt8](repeating: 5, count: 600))).frames[0].count == 512)
  }
}

@Suite struct KernelImageTests {
  private static func image() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    bytes.replaceSubrange(16..<24, with: [0, 0x30, 0, 0, 0, 0, 0, 0])
    bytes[24] = 2
    bytes.replaceSubrange(56..<60, with: Array("ARM\u{64}".utf8))
    return bytes
  }

  private static func roost(_ byteCount: UInt16 = 4096) -> [UInt8] {
    var bytes = image()
    bytes.replaceSubrange(64..<69, with: Array("Roost".utf8))
    bytes[72] = UInt8(byteCount & 255)
    bytes[73] = UInt8(byteCount >> 8)
    bytes.replaceSubrange(80..<85, with: Array("1.2.3".utf8))
    return bytes
  }

  private static func read(_ bytes: [UInt8]) throws(KernelImage.Fault) -> KernelImage {
    try KernelImage(byteCount: UInt(bytes.count)) { bytes[$0] }
  }

  /// What is wrong with `bytes`; nil when nothing is.
  private static func fault(in bytes: [UInt8]) -> KernelImage.Fault? {
    do throws(KernelImage.Fault) {
      _ = try read(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func roost() throws {
    var bytes = Self.roost()
    bytes[17] = 0x40
    let image = try Self.read(bytes)
    #expect(image.loadAddress == 0x20_0000 && image.memoryByteCount == 0x4000)
    #expect(image.isRoost && image.version == "1.2.3")
  }

  @Test func anotherKernel() throws {
    var bytes = Self.image()
    bytes[10] = 8  // text_offset 0x80000
    bytes[17] = 0x40
    let image = try Self.read(bytes)
    #expect(image.loadAddress == 0x8_0000 && !image.isRoost)
  }

  @Test func refusals() {
    func expect(_ fault: KernelImage.Fault, _ change: (inout [UInt8]) -> Void) {
      var bytes = Self.roost()
      bytes[17] = 0x40
      change(&bytes)
      #expect(Self.fault(in: bytes) == fault)
    }
    expect(.tooShort) { $0 = Array($0[..<63]) }
    expect(.notArm64) { $0[56] = 0 }
    expect(.notArm64) { $0 = Array("\u{7f}ELF".utf8) + $0.dropFirst(4).map { _ in 0 } }
    expect(.bigEndian) { $0[24] = 1 }
    expect(.noSize) { $0.replaceSubrange(16..<24, with: [UInt8](repeating: 0, count: 8)) }
    expect(.tooLarge) { $0[20] = 1 }
    expect(.longerThanItSays) { $0[17] = 0x0F }
    expect(.misplaced) { $0[8] = 1 }
    expect(.cutOff) { $0 = Array($0[..<4095]) }
  }
}
