public import HeapMeasurement

/// What heap-report was asked to do.
public struct ReportArguments: Equatable {
  /// A file to write, and what in.
  public struct Output: Equatable {
    /// A form that a report can have.
    public enum Form: String, CaseIterable, Sendable {
      case rep, heaptrack, dhat, perfetto, html, svg
    }

    /// What to write.
    public var form: Form
    /// The path; `-` for standard output.
    public var file: String

    /// This form, in this file.
    public init(form: Form, file: String) {
      self.form = form
      self.file = file
    }
  }

  /// The text for `--help`.
  public static let usage = """
    usage: heap-report [--FORM OUTPUT]... [--allocator NAME[,NAME...]]
                       [--arena BYTES|--smallest-arena] [--elf KERNEL] [--title TEXT] FILE...
      FILE         what `trace save` sent, with whatever else the terminal showed, in one file
                   or several; or one .rep trace, which is replayed
      FORM         rep        a trace without places
                   heaptrack  for heaptrack_print and heaptrack_gui
                   dhat       for valgrind's dh_view.html
                   perfetto   for ui.perfetto.dev and chrome://tracing
                   html       one page: the heap over time
                   svg        the same as a still picture
      OUTPUT       a file, or - for standard output; without any, figures are printed
      --allocator  best-fit, first-fit, bump: what replays a .rep trace; html, svg and the figures
                   show several side by side, the other forms the first
      --arena      replay in an arena of so many bytes; otherwise the power of two that is at least
                   1 MiB and four times the trace's peak
      --smallest-arena  replay in the smallest arena in which nothing fails
      --elf        name callers as this kernel does; refused where another one recorded
      --title      what to call it; otherwise the file's name
    """

  /// What to write.
  public private(set) var outputs: [Output] = []
  /// What replays a trace.
  public private(set) var contestants: [Contestant] = [.bestFit]
  /// Whether the command line chose them.
  public private(set) var choosesAllocator = false
  /// Where they live.
  public private(set) var arena = ArenaChoice.roomy
  /// Whether the command line chose it.
  public private(set) var choosesArena = false
  /// The kernel that recorded.
  public private(set) var elf: String?
  /// What to call it.
  public private(set) var title: String?
  /// Print the usage.
  public private(set) var help = false
  /// What to read.
  public private(set) var files: [String] = []

  /// Reads the words after the program's name.
  public init(_ words: some Sequence<String>) throws(UsageError) {
    var words = words.makeIterator()
    while let word = words.next() {
      switch word {
      case "--allocator":
        contestants = try Self.contestants(words.next())
        choosesAllocator = true
      case "--arena":
        guard !choosesArena else { throw Self.twoArenas }
        arena = .bytes(try Self.byteCount(words.next()))
        choosesArena = true
      case "--smallest-arena":
        guard !choosesArena else { throw Self.twoArenas }
        arena = .smallest
        choosesArena = true
      case "--elf": elf = try Self.value(of: word, words.next())
      case "--title": title = try Self.value(of: word, words.next())
      case "--help", "-h": help = true
      case _ where word.hasPrefix("--"):
        guard let form = Output.Form(rawValue: String(word.dropFirst(2))) else {
          throw UsageError(message: "unknown option \(word)")
        }
        outputs.append(Output(form: form, file: try Self.value(of: word, words.next())))
      case _ where word.hasPrefix("-"): throw UsageError(message: "unknown option \(word)")
      default: files.append(word)
      }
    }
    guard help || !files.isEmpty else { throw UsageError(message: "no FILE given; see --help") }
    let names = outputs.map(\.file)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw UsageError(message: "\(twice): two outputs cannot go to one file")
    }
    if let both = names.first(where: { files.contains($0) }) {
      throw UsageError(message: "\(both): is read, so it is not written")
    }
  }

  private static var twoArenas: UsageError {
    UsageError(message: "--arena and --smallest-arena: choose one, once")
  }

  private static func value(of option: String, _ word: String?) throws(UsageError) -> String {
    guard let word, !word.isEmpty, word == "-" || !word.hasPrefix("-") else {
      throw UsageError(message: "\(option) needs a value")
    }
    return word
  }

  private static func contestants(_ word: String?) throws(UsageError) -> [Contestant] {
    var contestants: [Contestant] = []
    for name in try value(of: "--allocator", word).split(
      separator: ",", omittingEmptySubsequences: false)
    {
      guard let contestant = Contestant(rawValue: String(name)), contestant.usesArena else {
        throw UsageError(
          message: "--allocator \(name): expected best-fit, first-fit or bump")
      }
      contestants.append(contestant)
    }
    return contestants
  }

  private static func byteCount(_ word: String?) throws(UsageError) -> Int {
    let word = try value(of: "--arena", word)
    guard let byteCount = Int(word), byteCount > 0, byteCount <= 1 << 32 else {
      throw UsageError(message: "--arena \(word): expected a number of bytes up to 4294967296")
    }
    return byteCount
  }
}
