import Base
import Devices
import Testing

@Suite struct PowerManagerTests {
  private let base: UInt = 0x3F10_0000
  let bus = RecordingBus()

  @Test func rebootResetsIntoPartition0() {
    bus.script[base + 0x20] = [0x0000_1FFF]
    bus.script[base + 0x1C] = [0xAA00_0112]
    Board(.bcm2837).power(on: bus).reboot()
    #expect(
      bus.traffic == [
        .barrier, .load(base + 0x20), .store(0x5A00_1AAA, base + 0x20),
        .store(0x5A00_000A, base + 0x24), .load(base + 0x1C), .store(0x5A00_0122, base + 0x1C),
        .barrier,
      ])
  }

  @Test func powerOffResetsIntoPartition63() {
    bus.script[base + 0x20] = [0x0000_1000]
    Board(.bcm2837).power(on: bus).powerOff()
    #expect(bus.stores(to: base + 0x20) == [0x5A00_1555])
    #expect(bus.stores(to: base + 0x1C) == [0x5A00_0020])
  }
}

@Suite struct HardwareRandomTests {
  private let base: UInt = 0x3F10_4000
  let bus = RecordingBus()

  private var random: HardwareRandom<RecordingBus> {
    HardwareRandom(registers: RegisterBlock(bus: bus, base: PhysicalAddress(base)), polls: 3)
  }

  @Test func startWarmsUp() {
    random.start()
    #expect(
      bus.traffic == [
        .barrier, .load(base), .store(0x40000, base + 4), .store(1, base), .barrier,
      ])
  }

  @Test func startLeavesRunningGeneratorAlone() {
    bus.script[base] = [1]
    random.start()
    #expect(bus.traffic == [.barrier, .load(base), .barrier])
  }

  @Test func waitsForAWord() {
    bus.script[base + 4] = [0x40000, 0x0003_FFFF, 0x0100_0000]
    bus.script[base + 8] = [0xCAFE_F00D]
    #expect(random.next() == 0xCAFE_F00D)
    #expect(bus.loadCount(of: base + 4) == 3)
    #expect(bus.traffic.first == .barrier && bus.traffic.last == .barrier)
  }

  @Test func silenceEnds() {
    bus.script[base + 4] = [0x40000]
    #expect(random.next() == nil)
    #expect(random.next64() == nil)
    #expect(bus.loadCount(of: base + 4) == 6)
    #expect(bus.loadCount(of: base + 8) == 0)
  }

  @Test func twoWordsMakeSixtyFourBits() {
    bus.script[base + 4] = [0x0200_0000]
    bus.script[base + 8] = [0x1122_3344, 0x5566_7788]
    #expect(random.next64() == 0x1122_3344_5566_7788)
  }

  @Test func secondWordMayFail() {
    bus.script[base + 4] = [0x0100_0000, 0]
    #expect(random.next64() == nil)
  }

  /// iproc-rng200: bits 0 to 12 of the control register, and a FIFO.
  @Test func rng200() {
    let random = HardwareRandom(
      kind: .rng200, registers: RegisterBlock(bus: bus, base: PhysicalAddress(base)), polls: 3)
    bus.script[base] = [0xFFFF_FFFE]
    random.start()
    #expect(bus.traffic == [.barrier, .load(base), .store(0xFFFF_E001, base), .barrier])
    bus.forget()
    bus.script[base] = [0x0000_A001]
    random.start()
    #expect(bus.traffic == [.barrier, .load(base), .barrier])
    bus.script[base + 0x24] = [0xFFFF_FF00, 1]
    bus.script[base + 0x20] = [0xCAFE_F00D]
    #expect(random.next() == 0xCAFE_F00D)
    #expect(bus.loadCount(of: base + 0x24) == 2)
    bus.script[base + 0x24] = [0]
    #expect(random.next() == nil)
  }

  /// An emulated 3A+ aborts on registers that are not there: none but these three is touched.
  @Test func touchesNothingElse() {
    bus.script[base + 4] = [0x0100_0000]
    random.start()
    _ = random.next()
    for access in bus.traffic {
      switch access {
      case .load(let address), .store(_, let address): #expect(address <= base + 8)
      default: break
      }
    }
  }

  @Test func boardKnowsItsAddress() {
    bus.script[base + 4] = [0x0100_0000]
    bus.script[base + 8] = [1]
    #expect(Board(.bcm2837).random(on: bus).next() == 1)
  }
}

@Suite struct BoardTests {
  /// Memory never lies where devices do, and every driver's registers do.
  @Test(arguments: [Board.Family.bcm2837, .bcm2711]) func devicesAreInTheirRanges(
    family: Board.Family
  ) {
    let board = Board(family)
    let ranges = board.deviceRanges
    func isIn(_ address: UInt) -> Bool {
      ranges.contains { $0.start.rawValue <= address && address < $0.end.rawValue }
    }
    for range in ranges { #expect(range.start.rawValue % (2 << 20) == 0 && !range.isEmpty) }
    #expect(isIn(board.peripheralBase.rawValue) && isIn(board.localBase.rawValue))
    let bus = RecordingBus()
    bus.words[board.localBase.rawValue + 0x4_1004] = 7
    board.gpio(on: bus).connectSerialPort()
    _ = board.serialPort(on: bus).send(1)
    _ = board.systemTimer(on: bus).microseconds
    board.power(on: bus).reboot()
    board.random(on: bus).start()
    board.interruptController(on: bus).initialize()
    board.interruptController(on: bus).initialize(core: 3)
    board.interruptController(on: bus).call(1, .wake)
    for access in bus.traffic {
      switch access {
      case .load(let address), .store(_, let address): #expect(isIn(address))
      default: break
      }
    }
  }

  @Test func hostHasNoBoard() { #expect(Board.current == Board(.bcm2837)) }

  @Test func peripheralsMoveWithTheBase() {
    let bus = RecordingBus()
    Board(.bcm2711).power(on: bus).reboot()
    #expect(bus.stores(to: 0xFE10_0024) == [0x5A00_000A])
  }

  @Test(
    arguments: [
      (0xA0_2082, "Raspberry Pi 3 Model B", 1 << 30),
      (0xA0_20D3, "Raspberry Pi 3 Model B+", 1 << 30),
      (0x90_20E0, "Raspberry Pi 3 Model A+", 512 << 20),
      (0x90_2120, "Raspberry Pi Zero 2 W", 512 << 20),
      (0xA2_1041, "Raspberry Pi 2 Model B", 1 << 30),
      (0xA0_20A0, "Raspberry Pi Compute Module 3", 1 << 30),
      (0xA0_2100, "Raspberry Pi Compute Module 3+", 1 << 30),
      (0xD0_3114, "Raspberry Pi 4 Model B", 8 << 30), (0xC0_3130, "Raspberry Pi 400", 4 << 30),
      (0xB0_3140, "Raspberry Pi Compute Module 4", 2 << 30),
      (0x80_0FF0, "unknown board", 256 << 20), (0xE0_2082, "Raspberry Pi 3 Model B", nil),
      (0x00_000E, "unknown board", nil),
    ] as [(UInt32, String, UInt64?)])
  func revisionCodes(code: UInt32, name: String, memory: UInt64?) {
    #expect("\(BoardRevision(code: code).name)" == name)
    #expect(BoardRevision(code: code).memoryByteCount == memory)
  }

  @Test(
    arguments: [
      (0xA0_2082, .bcm2837), (0x90_2120, .bcm2837), (0xA2_2042, .bcm2837), (0xA2_1041, nil),
      (0xD0_3114, .bcm2711), (0xC0_3130, .bcm2711), (0xB0_3140, .bcm2711), (0x80_0FF0, nil),
      (0x00_000E, nil), (0xD0_4170, nil),
    ] as [(UInt32, Board.Family?)])
  func revisionCodesTellTheChip(code: UInt32, family: Board.Family?) {
    #expect(BoardRevision(code: code).family == family)
    #expect(BoardRevision(code: code).isKnown == (family != nil))
  }
}

@Suite struct MemoryMappedBusTests {
  @Test func reachesMemory() {
    let word = UnsafeMutablePointer<UInt32>.allocate(capacity: 2)
    defer { unsafe word.deallocate() }
    unsafe word.initialize(repeating: 0x1111_1111, count: 2)
    let bus = unsafe MemoryMappedBus()
    let address = PhysicalAddress(UInt(bitPattern: word))
    bus.store(0x2222_2222, to: address)
    bus.barrier()
    bus.wait(cycles: 10)
    #expect(bus.load(address) == 0x2222_2222)
    #expect(unsafe word[1] == 0x1111_1111)
    #if !arch(arm64)  // there, cache maintenance is not for programs
      bus.cleanCache(from: address, byteCount: 8)
      bus.invalidateCache(from: address, byteCount: 8)
      #expect(bus.load(address) == 0x2222_2222)
    #endif
  }
}
