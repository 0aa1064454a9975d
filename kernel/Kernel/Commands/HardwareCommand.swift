import Base
import Devices
import Monitor

extension Command<KernelEnvironment> {
  /// Looks at the board.
  static var hardware: Command {
    Command(
      "hardware", "[report]", "what the board is like and what was expected, or all to report it"
    ) { call throws(CommandError) in
      let report = HardwareReport(output: call.output)
      guard try call.option(0, "report") else { return report.write() }
      call.output.write("```text\n")
      call.output.field("roost", call.environment.identity.version)
      call.output.field("build", call.environment.identity.build)
      report.write()
      call.output.write("\n")
      call.output.writeMemoryMap(of: call.environment)
      call.output.write("\n")
      call.output.writeInterrupts()
      call.output.write("```\n")
    }
  }
}
