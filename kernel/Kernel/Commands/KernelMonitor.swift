import Handoff
import Monitor

/// The monitor on the console.
enum KernelMonitor {
  /// Shows what was found, obeys `run=`, runs the program that is linked with the kernel, if there is one, then
  /// serves the terminal for ever.
  static func run() -> Never {
    var monitor = Monitor(KernelEnvironment(), commands: Command.ofTheKernel)
    monitor.greet()
    if let script = unsafe KernelState.handoff?.options.run { monitor.run(script.bytes) }
    Program.run()
    monitor.begin()
    while true {
      Console.buffered.flush()  // the prompt, and what was typed: no line ends there
      Display.settle()
      let byte = SerialInput.next()
      if Interruption.watch({ monitor.receive(byte) }) { monitor.receive(3) }
    }
  }
}

extension Bytes {
  /// The bytes one after the other.
  fileprivate var bytes: ByteSequence { ByteSequence(bytes: self) }
}

private struct ByteSequence: Sequence, IteratorProtocol {
  let bytes: Bytes
  var offset = 0

  mutating func next() -> UInt8? {
    guard let byte = bytes[offset] else { return nil }
    offset += 1
    return byte
  }
}
