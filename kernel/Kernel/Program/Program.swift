import CShims

/// A program of one's own, which `make build PROGRAM=folder` links with the kernel. It runs on core 0 once all is
/// started, and the prompt comes when it ends. What it may use is public in this room; docs/your-program.md tells.
enum Program {
  /// Runs it, if there is one.
  static func run() {
    _ = Interruption.watch {
      guard run_program() != 0 else { return }
      Console.buffered.flush()
      finishStartedCores()
    }
  }
}

/// True once ctrl-C was typed while the program ran: one that goes on for ever looks here, and ends.
///
/// What was typed before the ctrl-C is forgotten. Any core may ask.
@export(interface) public var isInterrupted: Bool { Interruption.isRequested }
