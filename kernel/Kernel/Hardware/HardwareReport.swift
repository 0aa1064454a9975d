import Base
import CShims
import Devices
import Handoff

/// What a look at one thing of the board came to.
enum HardwareVerdict {
  /// As expected.
  case ok
  /// Not as expected. The kernel goes on; a person should know.
  case odd
  /// Nothing here to look at, or nobody to look.
  case notTried

  var description: StaticString {
    switch self {
    case .ok: "ok"
    case .odd: "odd"
    case .notTried: "not tried"
    }
  }

  init(_ isExpected: Bool) { self = isExpected ? .ok : .odd }
}

/// Looks at what differs between boards, and between a board and an emulator, one line each:
/// ```
/// key: value found; expected: value; ok
/// ```
struct HardwareReport<Output: TextSink> {
  let output: Output

  /// Writes a line. `value` and `expected` write their part.
  func line(
    _ key: StaticString, _ verdict: HardwareVerdict, expected: () -> Void, value: () -> Void
  ) {
    output.write(key)
    output.write(": ")
    value()
    output.write("; expected: ")
    expected()
    output.write("; ")
    output.write(verdict.description)
    output.write("\n")
  }

  func line(
    _ key: StaticString, _ verdict: HardwareVerdict, _ expected: StaticString, value: () -> Void
  ) {
    line(key, verdict, expected: { output.write(expected) }, value: value)
  }

  func notTried(_ key: StaticString, _ why: StaticString, _ expected: StaticString) {
    line(key, .notTried, expected) { output.write(why) }
  }

  /// All of it. Takes a second.
  func write() {
    writeBoard()
    writeProcessor()
    writeHandoff()
    writeMemory()
    writeSerialPort()
    writeMailbox()
    writeSharing()
    writeControllers()
    writeSecond()
  }
}

// MARK: - Which board

extension HardwareReport {
  func writeBoard() {
    if let code = try? Console.mailbox.boardRevision() {
      let revision = BoardRevision(code: code)
      line(
        "board", HardwareVerdict(revision.family == Board.current.family), Board.current.chipName
      ) {
        output.write(revision.name)
        output.write(", revision code ")
        output.write(hex: UInt(code))
      }
    } else {
      line("board", .odd, Board.current.chipName) { output.write("the firmware does not say") }
    }
    let firmware = try? Console.mailbox.firmwareRevision()
    line("firmware", HardwareVerdict(firmware != nil), "a date, in seconds since 1970") {
      output.write(decimal: UInt(firmware ?? 0))
    }
  }

  func writeProcessor() {
    line("processor", HardwareVerdict(BoardFacts.isProcessorKnown)) {
      output.write("part ")
      output.write(hex: UInt(Board.current.processorPart), digits: 3)
    } value: {
      output.write("MIDR_EL1 ")
      output.write(hex: UInt(read_midr()))
    }
    for core in 0..<Cores.limit { writeSMP(core) }
    line("counter frequency", HardwareVerdict(read_cntfrq() == Board.current.crystalHertz)) {
      output.write(decimal: UInt(Board.current.crystalHertz))
    } value: {
      output.write(decimal: UInt(read_cntfrq()))
      output.write(" Hz, taken as ")
      output.write(decimal: UInt(timer_frequency()))
    }
  }

  /// CPUECTLR_EL1.SMPEN: without it a core's caches do not take part in coherency (Cortex-A53 TRM, 4.3.67).
  func writeSMP(_ core: UInt) {
    let isReadable = BoardFacts.isProcessorKnown && Cores.state(of: core) == .online
    let value = isReadable ? HardwareProbe.controlRegister(of: core) : nil
    let verdict = value.map { HardwareVerdict($0 >> 6 & 1 == 1) } ?? .notTried
    line("CPUECTLR_EL1", verdict) {
      output.write("SMPEN, bit 6 (emulators have 0)")
    } value: {
      if let value {
        output.write(hex: UInt(value))
      } else {
        output.write("no such core")
      }
    } core: {
      core
    }
  }
}

// MARK: - What the firmware left

extension HardwareReport {
  func writeHandoff() {
    line("entry", HardwareVerdict(entry_level() == 2), "EL2") {
      output.write("EL")
      output.write(decimal: UInt(entry_level()))
      output.write(", x0 ")
      output.write(hex: UInt(entry_x0()))
    }
    guard let handoff = unsafe KernelState.handoff else { return }
    guard let tree = handoff.reserved.first(where: { $0.reason == .deviceTree }) else {
      return notTried("device tree", "none", "below 1 GiB, and a model")
    }
    line(
      "device tree", HardwareVerdict(tree.range.end.rawValue <= 1 << 30), "below 1 GiB, and a model"
    ) {
      output.write(hex: tree.range.start.rawValue)
      output.write(", ")
      output.write(decimal: tree.range.byteCount)
      output.write(" bytes, model ")
      if let model = handoff.model {
        output.write(printable: model.value)
      } else {
        output.write("unknown")
      }
    }
  }

  func writeMemory() {
    let told = (try? Console.mailbox.boardRevision()).flatMap {
      BoardRevision(code: $0).memoryByteCount
    }
    let board = told ?? 0
    let arm = (try? Console.mailbox.armMemory()).map { UInt64($0.byteCount) }
    let videoCore = (try? Console.mailbox.videoCoreMemory()).map { UInt64($0.byteCount) }
    let sum = (arm ?? 0) + (videoCore ?? 0)
    line("memory by mailbox", HardwareVerdict(arm != nil && sum == min(board, 1 << 30))) {
      output.write(decimal: UInt(min(board, 1 << 30)))
      output.write(" together")
    } value: {
      output.write(decimal: UInt(arm ?? 0))
      output.write(" bytes, VideoCore ")
      output.write(decimal: UInt(videoCore ?? 0))
    }
    writeMemory(by: .deviceTree, "memory by device tree", board: UInt(board))
    writeMemory(by: .atags, "memory by ATAGs", board: UInt(board))
  }

  /// The handoff keeps what one source said.
  func writeMemory(by source: HandoffSource, _ key: StaticString, board: UInt) {
    guard let handoff = unsafe KernelState.handoff, handoff.memorySource == source else {
      return notTried(key, "not the source that was taken", "not more than the board has")
    }
    var sum: UInt = 0
    for range in handoff.memory { sum += range.byteCount }
    line(key, HardwareVerdict(sum > 0 && sum <= board)) {
      output.write("at most ")
      output.write(decimal: board)
    } value: {
      output.write(decimal: sum)
      output.write(" bytes, highest ")
      output.write(hex: handoff.memory.span.end.rawValue)
    }
  }
}

// MARK: - Devices

extension HardwareReport {
  func writeSerialPort() {
    let clock = try? Console.mailbox.clockRate(of: .uart)
    let divisor = Console.port.divisor
    let isSet = divisor.integer > 0
    let baud = clock.flatMap { isSet ? divisor.baud(clockHertz: $0) : nil } ?? 0
    line("UART clock", HardwareVerdict(clock == 48_000_000), "48000000 Hz (emulators have 3000000)")
    {
      output.write(decimal: UInt(clock ?? 0))
    }
    // A receiver of 8N1 stands 2 % at each side.
    line("UART rate", HardwareVerdict(112_900...117_500 ~= baud), "115200, 2 % more or less") {
      output.write(decimal: UInt(baud))
      output.write(", divisor ")
      output.write(decimal: UInt(divisor.integer))
      output.write(" and ")
      output.write(decimal: UInt(divisor.fraction))
      output.write("/64")
    }
    let damaged = SerialInput.damagedCount
    line("UART damaged characters", HardwareVerdict(damaged == 0), "0") {
      output.write(decimal: damaged)
    }
  }

  func writeMailbox() {
    let start = timer_count()
    var answered: UInt = 0
    for _ in 0..<10 where (try? Console.mailbox.boardRevision()) != nil { answered += 1 }
    let each = ProcessorTimer().nanoseconds(timer_count() &- start) / 10
    line("mailbox calls answered", HardwareVerdict(answered == 10), "10 of 10") {
      output.write(decimal: answered)
      output.write(" of 10, ")
      output.write(decimal: UInt(each / 1000))
      output.write(" us each")
    }
  }

  /// All cores add to one counter at a time: exclusives, caches and coherency at once.
  func writeSharing() {
    let found = HardwareProbe.addOnAllCores()
    let expected = HardwareProbe.rounds * Cores.onlineCount
    line("shared counter", HardwareVerdict(found == expected)) {
      output.write(decimal: expected)
    } value: {
      output.write(decimal: found)
    }
  }

  func writeControllers() {
    guard let setup = unsafe Interrupts.setupAsFound else { return }
    for register in setup {
      output.write(register.name)
      output.write(" as found: ")
      output.write(hex: UInt(register.value))
      output.write("; expected: ")
      if let expected = register.expected {
        output.write(hex: UInt(expected))
      } else {
        output.write("anything")
      }
      output.write("; ")
      let isExpected = register.expected.map { $0 == register.value } ?? true
      output.write(HardwareVerdict(isExpected).description)
      output.write("\n")
    }
  }
}

/// What other cores do for the report. Nothing here needs memory.
private enum HardwareProbe {
  private nonisolated(unsafe) static var word: UInt64 = 0

  /// CPUECTLR_EL1 of `core`; nil when it is busy.
  static func controlRegister(of core: UInt) -> UInt64? {
    if core == core_number() { return read_cpuectlr() }
    guard (try? Cores.begin(on: core) { unsafe word = read_cpuectlr() }) != nil else { return nil }
    Cores.finish(on: core)
    return unsafe word
  }

  static var rounds: UInt { 10_000 }

  /// Lets every core that is online count to ten thousand in one word at once.
  static func addOnAllCores() -> UInt {
    unsafe word = 0
    for core in 1..<Cores.limit { try? Cores.begin(on: core) { add() } }
    add()
    for core in 1..<Cores.limit where Cores.state(of: core) == .online { Cores.finish(on: core) }
    return UInt(unsafe peek_word(&word))
  }

  private static func add() {
    for _ in 0..<rounds { unsafe add_word(&word, 1) }
  }
}
