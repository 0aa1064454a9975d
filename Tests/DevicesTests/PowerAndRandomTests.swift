import Base
import Devices
import Testing

@Suite struct PowerManagerTests {
  private let base: UInt = 0x3F10_0000
  let bus = RecordingBus()

  @Test func rebootResetsIntoPartition0() {
    bus.script[base + 0x20] = [0x0000_1FFF]
    bus.script[base + 0x1C] = [0xAA00_0112]
    Board.raspberryPi3.power(on: bus).reboot()
    #expect(
      bus.traffic == [
        .barrier, .load(base + 0x20), .store(0x5A00_1AAA, base + 0x20),
        .store(0x5A00_000A, base + 0x24), .load(base + 0x1C), .store(0x5A00_0122, base + 0x1C),
        .barrier,
      ])
  }

  @Test func powerOffResetsIntoPartition63() {
    bus.script[base + 0x20] = [0x0000_1000]
    Board.raspberryPi3.power(on: bus).powerOff()
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
        .barrier, .load(base), .store(0x40000, base + 4), .store(1, base + 0x10),
        .store(1, base), .barrier,
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

  @Test func boardKnowsItsAddress() {
    bus.script[base + 4] = [0x0100_0000]
    bus.script[base + 8] = [1]
    #expect(Board.raspberryPi3.random(on: bus).next() == 1)
  }
}

@Suite struct BoardTests {
  @Test func peripheralsMoveWithTheBase() {
    let bus = RecordingBus()
    Board(peripheralBase: PhysicalAddress(0xFE00_0000)).power(on: bus).reboot()
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
