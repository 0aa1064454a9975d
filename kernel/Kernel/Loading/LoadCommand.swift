import Base
import Monitor
import Transfer

extension Command<KernelEnvironment> {
  /// Receives a kernel over the serial line and starts it.
  static var load: Command {
    Command("load", "receive a kernel over this line (make load), and start it") {
      call throws(CommandError) in
      let output = call.output
      output.write("load: waiting for an image; make load sends one, ctrl-C stops\n")
      output.flush()
      var loader = ImageLoader()
      switch loader.run() {
      case .stopped: output.write("load: stopped\n")
      case .failed(let why):
        output.write("load: ")
        output.write(why)
        output.write("\n")
      case .loaded(let memory, let image):
        output.write(image, memory)
        Handover.start(image, in: memory)
      }
    }
  }
}

extension BufferedConsole {
  /// Says what was received.
  fileprivate func write(_ image: KernelImage, _ memory: ImageMemory) {
    write("image: ")
    write(image.isRoost ? "Roost " : "an arm64 kernel")
    write(image.version)
    write("\n")
    field("size", bytes: memory.byteCount)
    field("address", hex: image.loadAddress)
    field("needs", bytes: image.memoryByteCount)
    field("runs", count: memory.runs.count)
  }
}
