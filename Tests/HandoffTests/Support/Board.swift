import Base
import Handoff
import Testing

/// A make-believe board: 960 MiB of memory, the kernel at 2 MiB, boot stacks below 1 MiB.
struct Board {
  var mailbox: PhysicalRange? = range(0, 0x3c00_0000)
  var reachable = PhysicalRange.everything
  var places = MemoryPlaces.anywhere
  var image = range(0x20_0000, 0x10_0000)
  var bootStacks: PhysicalRange? = range(0x8_0000, 0x8_0000)
  /// Where the firmware puts its blob.
  var x0: UInt = 0x0900_0000

  /// Boots with `blob` at x0, right before a page that must not be read, and proves before and
  /// after `body` what always holds. `note` says which case this is.
  func boot<Result>(
    _ blob: [UInt8], in memory: FencedMemory? = nil, note: @autoclosure () -> String = "",
    _ body: (inout BootHandoff) throws -> Result
  ) rethrows -> Result {
    let memory = memory ?? FencedMemory(byteCount: max(blob.count, 1))
    defer { withExtendedLifetime(memory) {} }
    var handoff = unsafe BootHandoff.read(
      x0: x0, mailboxMemory: mailbox, reachable: reachable, board: places, image: image,
      bootStacks: bootStacks, displacement: memory.put(blob) &- x0)
    if let breach = breach(of: handoff) { Issue.record("after reading: \(breach) \(note())") }
    let result = try body(&handoff)
    if let breach = breach(of: handoff) { Issue.record("at the end: \(breach) \(note())") }
    return result
  }

  /// The same, but nothing can be read behind `blob`, as in the tests' memory.
  func ending(with blob: [UInt8]) -> Board {
    var board = self
    if !blob.isEmpty {
      board.reachable = range(0, min(reachable.end.rawValue, x0 + UInt(blob.count)))
    }
    return board
  }

  /// Boots and shows the errors as the kernel would print them.
  func errors(_ blob: [UInt8]) -> [String] { ending(with: blob).boot(blob) { lines($0) } }

  /// The reason for which all of `blob` is refused; nil when it is not.
  func refusal(of blob: [UInt8]) -> FirmwareError.Reason? {
    boot(blob) { handoff in
      for case .refused(_, let error) in handoff.errors { return error.reason }
      return nil
    }
  }

  /// The reasons for which parts of `blob` are not used, in order.
  func parts(of blob: [UInt8]) -> [FirmwareError.Reason] {
    boot(blob) { handoff in
      handoff.errors.compactMap {
        if case .part(_, _, let error, _) = $0 { error.reason } else { nil }
      }
    }
  }

  /// A Pi 3 as its firmware leaves it: 948 MiB.
  static var raspberryPi3: Board {
    var board = Board()
    board.mailbox = range(0, 0x3b40_0000)
    board.places = MemoryPlaces(
      MemoryRanges(range(0, 0x3f00_0000)), mailboxReach: range(0, 0x4000_0000))
    return board
  }

  /// A Pi 4 whose cores can reach the first GiB so far; devices from 0xFC000000 to 4 GiB.
  static var raspberryPi4: Board {
    var board = raspberryPi3
    var places = MemoryRanges(range(0, 0xfc00_0000))
    places.add(range(1 << 32, 4 << 30))
    board.places = MemoryPlaces(places, mailboxReach: range(0, 1 << 30))
    board.reachable = range(0, 0x3b40_0000)
    board.bootStacks = nil
    return board
  }
}

func range(_ start: UInt, _ byteCount: UInt) -> PhysicalRange {
  PhysicalRange(from: PhysicalAddress(start), to: PhysicalAddress(start + byteCount))
}

func lines(_ handoff: BootHandoff) -> [String] { handoff.errors.map(line) }

func line(_ error: HandoffError) -> String {
  var line = ""
  error.forEachPiece { piece in
    switch piece {
    case .words(let words): line += words.description
    case .text(let bytes): line += text(bytes)
    case .decimal(let value): line += String(value)
    case .hex(let value): line += "0x" + String(value, radix: 16)
    }
  }
  return line
}

func text(_ bytes: Bytes) -> String {
  var units: [UInt8] = []
  bytes.forEach { units.append($0) }
  return String(decoding: units, as: UTF8.self)
}

/// What of all that holds for every handoff, whatever the firmware said, does not; nil when sound.
func breach(of handoff: BootHandoff) -> String? {
  let memory = Array(handoff.memory)
  let reserved = Array(handoff.reserved)
  if memory.isEmpty { return "no memory" }
  for (index, range) in memory.enumerated() {
    if range.byteCount == 0 || range.end <= range.start { return "empty or wrapping memory" }
    if index > 0, memory[index - 1].end >= range.start {
      return "memory not in order, or not merged"
    }
  }
  for reason in [ReservedRange.Reason.firmware, .kernelImage] {
    if !reserved.contains(where: { $0.reason == reason }) { return "\(reason) not reserved" }
  }
  if let initrd = handoff.initrd?.value {
    if !memory.contains(where: { holds($0, initrd) }) { return "initrd outside memory" }
    if !reserved.contains(where: { $0.range == initrd }) { return "initrd not reserved" }
    for kernel in reserved where kernel.reason == .kernelImage || kernel.reason == .bootStacks {
      if meet(kernel.range, initrd) { return "initrd over the kernel" }
    }
  }
  return earlyHeapBreach(of: handoff, memory, reserved)
}

private func earlyHeapBreach(
  of handoff: BootHandoff, _ memory: [PhysicalRange], _ reserved: [ReservedRange]
) -> String? {
  guard let range = reserved.first(where: { $0.reason == .earlyHeap })?.range else { return nil }
  if range != handoff.earlyHeap.value { return "another early heap reserved" }
  if !range.start.rawValue.isMultiple(of: 4096) { return "early heap not page-aligned" }
  if !memory.contains(where: { holds($0, range) }) { return "early heap outside memory" }
  for other in reserved where other.reason != .earlyHeap && meet(other.range, range) {
    return "early heap over \(other.reason)"
  }
  return nil
}

// Written out here, so that the tests do not lean on what they test.
func meet(_ a: PhysicalRange, _ b: PhysicalRange) -> Bool {
  a.byteCount > 0 && b.byteCount > 0 && a.start.rawValue < b.start.rawValue + b.byteCount
    && b.start.rawValue < a.start.rawValue + a.byteCount
}

func holds(_ outer: PhysicalRange, _ inner: PhysicalRange) -> Bool {
  outer.start.rawValue <= inner.start.rawValue
    && inner.start.rawValue + inner.byteCount <= outer.start.rawValue + outer.byteCount
}
