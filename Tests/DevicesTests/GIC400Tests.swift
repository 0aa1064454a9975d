import Base
import Testing

@testable import Devices

private let distributor: UInt = 0xFF84_1000
private let interface: UInt = 0xFF84_2000

/// The BCM2711's controller, as the non-secure world sees it.
@Suite struct GIC400Tests {
  let bus = RecordingBus()
  var controller: BoardInterrupts<RecordingBus> { Board(.bcm2711).interruptController(on: bus) }

  init() { bus.words[distributor + 4] = 0xFC67 }  // GICD_TYPER of the BCM2711: 256 interrupts

  /// Between "off" and "on": nothing enabled, pending or active, all of one priority, sent to core 0.
  @Test func startsSilent() throws {
    controller.initialize()
    let control = bus.traffic.enumerated().filter {
      if case .store(_, distributor) = $0.element { true } else { false }
    }
    #expect(bus.stores(to: distributor) == [0, 1])
    let range = try #require(control.first).offset...(try #require(control.last).offset)
    for word in UInt(1)..<8 {
      for offset in [0x180, 0x280, 0x380] as [UInt] {
        #expect(bus.stores(to: distributor + offset + 4 * word) == [0xFFFF_FFFF])
      }
    }
    for word in UInt(8)..<64 {
      #expect(bus.stores(to: distributor + 0x400 + 4 * word) == [0xA0A0_A0A0])
      #expect(bus.stores(to: distributor + 0x800 + 4 * word) == [0x0101_0101])
    }
    for word in UInt(2)..<16 { #expect(bus.stores(to: distributor + 0xC00 + 4 * word) == [0]) }
    for (index, access) in bus.traffic.enumerated() {
      if case .store = access { #expect(range ~= index) }
    }
    // Neither beyond the last interrupt nor what is a core's own.
    #expect(bus.stores(to: distributor + 0x180) == [])
    #expect(bus.stores(to: distributor + 0x180 + 32) == [])
  }

  @Test func startsACore() {
    controller.initialize(core: 2)
    #expect(bus.stores(to: distributor + 0x180) == [0xFFFF_FFFF])
    #expect(bus.stores(to: distributor + 0x100) == [1 << 30])  // the timer
    for word in UInt(0)..<4 {
      #expect(bus.stores(to: distributor + 0xF10 + 4 * word) == [0xFFFF_FFFF])
    }
    // Stop before wake; the spare ones at the mask, so not heard.
    #expect(bus.words[distributor + 0x400] == 0x40F0_F0A0)
    #expect(bus.words[interface + 4] == 0xF0)
    #expect(bus.stores(to: interface) == [0, 1])
  }

  /// A peripheral has its old number and 96: the PL011 is 153.
  @Test func enablesAndMasks() {
    controller.enable(.serialPort, core: 0)
    #expect(bus.stores(to: distributor + 0x100 + 16) == [1 << 25])
    #expect(controller.mask(.serialPort, core: 0))
    #expect(bus.stores(to: distributor + 0x180 + 16) == [1 << 25])
    #expect(controller.mask(.timer, core: 0))
    #expect(bus.stores(to: distributor + 0x180) == [1 << 30])
    #expect(!controller.mask(.mailbox(0), core: 0))  // there is none
  }

  /// Software interrupts cannot be disabled, only made inaudible.
  @Test func masksSoftwareInterruptsByTheirPriority() {
    bus.words[distributor + 0x400] = 0x40F0_F0A0
    controller.enable(controller.source(of: .spare), core: 1)
    #expect(bus.words[distributor + 0x400] == 0x40F0_A0A0)
    #expect(controller.mask(controller.source(of: .spare), core: 1))
    #expect(bus.words[distributor + 0x400] == 0x40F0_F0A0)
  }

  /// The whole of what was acknowledged goes back, the caller's number too, after the handler.
  @Test func claimsAndCompletes() {
    let call: UInt32 = 3 << 10 | 0
    bus.script[interface + 0x0C] = [153, 30, call, 200, 1023]
    var handled: [InterruptSource] = []
    let result = controller.dispatch(core: 1) {
      handled.append($0)
      #expect(bus.stores(to: interface + 0x10).count == handled.count - 1)
    } stuck: { _ in
    }
    #expect(result == DispatchResult(claimCount: 4, isUnderControl: true))
    #expect(handled.prefix(3) == [.serialPort, .timer, .software(0)])
    #expect(handled.last?.number == 200)
    #expect(bus.stores(to: interface + 0x10) == [153, 30, call, 200])
    #expect(bus.traffic.last == .barrier)
  }

  @Test(arguments: [1020, 1021, 1022, 1023] as [UInt32]) func spuriousIsNotCompleted(id: UInt32) {
    bus.words[interface + 0x0C] = id
    let result = controller.dispatch(core: 0) { _ in
      Issue.record("nothing to handle")
    } stuck: { _ in
    }
    #expect(result.claimCount == 0)
    #expect(bus.stores(to: interface + 0x10) == [])
  }

  @Test func timerIsHandledOnce() {
    bus.words[interface + 0x0C] = 30
    var handled = 0
    _ = controller.dispatch(core: 0) { _ in
      handled += 1
    } stuck: { _ in
    }
    #expect(handled == 1)
    #expect(bus.stores(to: interface + 0x10) == [30, 30])  // both were acknowledged
  }

  @Test func masksWhatDoesNotStop() {
    bus.script[interface + 0x0C] = Array(repeating: 153, count: 201) + [1023]
    var handled = 0
    var stuck: [InterruptSource] = []
    let result = controller.dispatch(core: 0) { _ in
      handled += 1
    } stuck: {
      stuck.append($0)
    }
    #expect(result.isUnderControl)
    #expect(handled == 200)
    #expect(stuck == [.serialPort])
    #expect(bus.stores(to: interface + 0x10).count == 201)
    #expect(bus.stores(to: distributor + 0x180 + 16) == [1 << 25])
  }

  @Test func callsOneCore() {
    bus.forget()
    controller.call(3, .stop)
    #expect(bus.traffic == [.barrier, .store(1 << 19 | 3, distributor + 0xF00), .barrier])
    bus.forget()
    controller.acknowledge(.stop, core: 3)
    #expect(bus.traffic == [])
  }

  /// No two sources have one number, and each leads back to where it came from.
  @Test func numbersAreUnique() throws {
    var seen: Set<UInt16> = []
    for id in UInt32(0)..<256 {
      let source = try #require(InterruptSource(gicID: id))
      #expect(seen.insert(source.rawValue).inserted)
      #expect(source.gicID == id)
      #expect(InterruptSource(rawValue: source.rawValue) == source)
    }
    #expect(InterruptSource(gicID: 256) == nil)
    #expect(InterruptSource.mailbox(0).gicID == nil)
  }
}
