import Devices
import Testing

private let base: UInt = 0x3F20_0000

@Suite struct GPIOTests {
  let bus = RecordingBus()
  private var gpio: GPIO<RecordingBus> { Board(.bcm2837).gpio(on: bus) }

  @Test(
    arguments: [
      (0, .output, 0x00, 0xFFFF_FFF9), (9, .input, 0x00, 0xC7FF_FFFF),
      (14, .alternate0, 0x04, 0xFFFF_CFFF), (15, .alternate5, 0x04, 0xFFFD_7FFF),
      (53, .alternate3, 0x14, 0xFFFF_FFFF),
    ] as [(UInt, PinFunction, UInt, UInt32)])
  func selectLeavesOtherPinsAlone(
    pin: UInt, function: PinFunction, offset: UInt, expected: UInt32
  ) {
    bus.script[base + offset] = [0xFFFF_FFFF]
    gpio.select(function, for: pin)
    #expect(
      bus.traffic == [
        .barrier, .load(base + offset), .store(expected, base + offset), .barrier,
      ])
  }

  /// One store each, to GPSETn or GPCLRn, so that other pins keep what they have.
  @Test(
    arguments: [(0, 0, 1), (31, 0, 1 << 31), (32, 4, 1), (53, 4, 1 << 21)] as [(UInt, UInt, UInt32)]
  )
  func drivesAndReads(pin: UInt, offset: UInt, bit: UInt32) {
    gpio.drive(pin, high: true)
    gpio.drive(pin, high: false)
    #expect(
      bus.traffic == [
        .barrier, .store(bit, base + 0x1C + offset), .barrier, .barrier,
        .store(bit, base + 0x28 + offset), .barrier,
      ])
    bus.words[base + 0x34 + offset] = bit
    #expect(gpio.isHigh(pin))
    bus.words[base + 0x34 + offset] = ~bit
    #expect(!gpio.isHigh(pin))
  }

  @Test(
    arguments: [
      (15, .up, 2, 0x98, 1 << 15), (0, .down, 1, 0x98, 1), (32, .none, 0, 0x9C, 1),
      (53, .up, 2, 0x9C, 1 << 21),
    ] as [(UInt, PinPull, UInt32, UInt, UInt32)])
  func pullFollowsTheManual(
    pin: UInt, pull: PinPull, value: UInt32, clock: UInt, bit: UInt32
  ) {
    gpio.setPull(pull, for: pin)
    #expect(
      bus.traffic == [
        .barrier, .store(value, base + 0x94), .barrier, .wait(1000), .store(bit, base + clock),
        .barrier, .wait(1000), .store(0, base + 0x94), .store(0, base + clock), .barrier,
      ])
  }

  /// BCM2711: two bits a pin, and up is 1.
  @Test(
    arguments: [
      (15, .up, 0xE4, 0x7FFF_FFFF), (0, .down, 0xE4, 0xFFFF_FFFE), (32, .none, 0xEC, 0xFFFF_FFFC),
      (53, .up, 0xF0, 0xFFFF_F7FF),
    ] as [(UInt, PinPull, UInt, UInt32)])
  func pullOfTheBCM2711(pin: UInt, pull: PinPull, offset: UInt, expected: UInt32) {
    let base: UInt = 0xFE20_0000
    bus.script[base + offset] = [0xFFFF_FFFF]
    Board(.bcm2711).gpio(on: bus).setPull(pull, for: pin)
    #expect(
      bus.traffic == [
        .barrier, .load(base + offset), .store(expected, base + offset), .barrier,
      ])
  }

  @Test func serialPortTakesPins14And15() {
    bus.words[base + 4] = 0x0001_2000  // both on ALT5, where the mini UART is
    gpio.connectSerialPort()
    #expect(bus.stores(to: base + 4) == [0x0001_4000, 0x0002_4000])
    #expect(bus.stores(to: base + 0x94) == [0, 0, 2, 0])
    #expect(bus.stores(to: base + 0x98) == [1 << 14, 0, 1 << 15, 0])
  }

  @Test func refusesPinsThatAreNotThere() async {
    await #expect(processExitsWith: .failure) {
      Board(.bcm2837).gpio(on: RecordingBus()).select(.input, for: 54)
    }
    await #expect(processExitsWith: .failure) {
      Board(.bcm2837).gpio(on: RecordingBus()).setPull(.up, for: 54)
    }
  }
}
