import HeapMeasurement
import HeapReport
import KernelSymbols
import Record
import Replay

/// Turns recordings and traces into what people look at. Exit status: 0 when all was written, 1 when an
/// input was refused (then nothing is written), 2 when the command line makes no sense.
@main struct HeapReportProgram {
  static func main() {
    let arguments: ReportArguments
    do throws(UsageError) {
      arguments = try ReportArguments(CommandLine.arguments.dropFirst())
    } catch {
      HostFiles.fail("heap-report: \(error.message)", status: 2)
    }
    if arguments.help { return print(ReportArguments.usage) }
    do throws(HostFileError) {
      try run(arguments)
    } catch {
      HostFiles.fail("heap-report: \(error.message)", status: 1)
    }
  }

  /// All that can go wrong with the input does so before anything is written.
  private static func run(_ arguments: ReportArguments) throws(HostFileError) {
    var texts: [[UInt8]] = []
    for file in arguments.files { texts.append(try HostFiles.read(file)) }
    let isRecording = texts.contains(where: ReportInput.isRecording)
    let input: ReportInput
    do throws(ReportError) {
      input =
        isRecording
        ? try ReportInput(recordings: texts, named: arguments)
        : try ReportInput(traces: texts, named: arguments)
    } catch {
      HostFiles.fail(error.message, status: error.isUsage ? 2 : 1)
    }
    let names = try callerNames(arguments, input)
    let report = Report(input, names: names)
    if arguments.outputs.isEmpty { print(report.summary, terminator: "") }
    let outputs = arguments.outputs.map { (file: $0.file, bytes: report.bytes($0.form)) }
    for output in outputs { try HostFiles.write(output.bytes, to: output.file) }
  }

  private static func callerNames(
    _ arguments: ReportArguments, _ input: ReportInput
  ) throws(HostFileError) -> CallerNames {
    guard let path = arguments.elf else { return input.namesWithoutKernel }
    let bytes = try HostFiles.read(path)
    do throws(KernelELFError) {
      let build = try KernelELF(bytes).build
      guard build == input.build else {
        HostFiles.fail(
          "heap-report: \(arguments.files[0]): recorded by build \(input.build.buildText), but "
            + "\(path) is build \(build.buildText)", status: 1)
      }
    } catch { HostFiles.fail("heap-report: \(path): \(error.description)", status: 1) }
    do throws(SymbolizerError) {
      let symbolizer = try Symbolizer(elf: path)
      var names: [UInt: CallerName] = [:]
      for address in input.callers {
        // A return address is that of the next instruction, which may be another line's.
        guard let frame = try symbolizer.frames(at: address &- 4).first else { continue }
        names[address] = CallerName(
          function: frame.function, file: frame.file, line: frame.line)
      }
      return CallerNames(names)
    } catch { HostFiles.fail("heap-report: \(error.message)", status: 1) }
  }
}
