import CShims
import Base
import Devices

/// What the kernel runs on, and what of it is not as it should be.
enum BoardFacts {
  /// The part number of the processor, bits 4 to 15 of MIDR_EL1.
  static var processorPart: UInt64 { read_midr() >> 4 & 0xFFF }

  /// True when the processor is the one that the board's family has.
  static var isProcessorKnown: Bool {
    processorPart == Board.current.processorPart && read_midr() >> 24 & 0xFF == 0x41  // Arm
  }

  /// Says, a line each, what was found that no board should have, and what is done about it.
  static func tellOddities() {
    let console = Console.port
    if !isProcessorKnown {
      console.write("roost: unknown processor, MIDR_EL1 ")
      console.write(hex: UInt(read_midr()))
      console.write(": its devices are taken to be where a ")
      console.write(Board.current.chipName)
      console.write(" has them\n")
    }
    if read_cntfrq() != timer_frequency() {
      console.write("roost: CNTFRQ_EL0 is ")
      console.write(decimal: UInt(read_cntfrq()))
      console.write(", not credible: the counter is taken to run at ")
      console.write(decimal: UInt(timer_frequency()))
      console.write(" Hz\n")
    }
    guard let code = try? Console.mailbox.boardRevision() else {
      return console.write("roost: the firmware does not tell the board's revision code\n")
    }
    let revision = BoardRevision(code: code)
    if !revision.isKnown {
      console.write("roost: unknown board, revision code ")
      console.write(hex: UInt(code))
      console.write(": taken for one with a ")
      console.write(Board.current.chipName)
      console.write("\n")
    } else if let family = revision.family, family != Board.current.family {
      console.write("roost: revision code ")
      console.write(hex: UInt(code))
      console.write(" is of a board with another chip than this ")
      console.write(Board.current.chipName)
      console.write("\n")
    }
  }
}
