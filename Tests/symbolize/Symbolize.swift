import KernelSymbols

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads a kernel's log on standard input, and writes it with source lines beside its addresses. Exit status:
/// 0 at the log's end, 1 when it was refused, 2 when the command line makes no sense.
@main struct Symbolize {
  private static let usage = """
    usage: symbolize [--any-build] [KERNEL.elf] <LOG
      KERNEL.elf   the kernel that wrote the log; otherwise build/kernel8.elf
      --any-build  read a log of another build, or of one that it does not name: lines will be wrong
    """

  static func main() {
    var path = "build/kernel8.elf"
    var anyBuild = false
    for word in CommandLine.arguments.dropFirst() {
      switch word {
      case "--help", "-h": return print(usage)
      case "--any-build": anyBuild = true
      case _ where word.hasPrefix("-"):
        HostFiles.fail("symbolize: unknown option \(word)", status: 2)
      default: path = word
      }
    }
    do throws(HostFileError) {
      try run(path, anyBuild)
    } catch { HostFiles.fail("symbolize: \(error.message)", status: 1) }
  }

  private static func run(_ path: String, _ anyBuild: Bool) throws(HostFileError) {
    let build: UInt64
    let bytes = try HostFiles.read(path)
    do throws(KernelELFError) {
      build = try KernelELF(bytes).build
    } catch { HostFiles.fail("symbolize: \(path): \(error.description)", status: 1) }
    let symbolizer: Symbolizer
    do throws(SymbolizerError) { symbolizer = try Symbolizer(elf: path) } catch {
      HostFiles.fail("symbolize: \(error.message)", status: 1)
    }
    var log = LogSymbolizer(build: build, anyBuild: anyBuild) {
      (address) throws(SymbolizerError) in try symbolizer.frames(at: address)
    }
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(0, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      let shown: [UInt8]
      do throws(LogError) { shown = try log.add(buffer[..<count]) } catch {
        refuse(error, path, build)
      }
      try HostFiles.write(shown, to: "-")
    }
    do throws(LogError) { buffer = try log.finish() } catch { refuse(error, path, build) }
    try HostFiles.write(buffer, to: "-")
  }

  private static func refuse(_ error: LogError, _ path: String, _ build: UInt64) -> Never {
    let reason =
      switch error.kind {
      case .otherBuild(let logged):
        "the log is of build \(logged.buildText), \(path) is build \(build.buildText)"
      case .unknownBuild:
        "addresses, but no build ID before them; --any-build reads them as \(path)'s"
      case .noTool(let message): message
      }
    HostFiles.fail("symbolize: line \(error.line): \(reason)", status: 1)
  }
}
