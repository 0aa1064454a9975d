/// A command line that makes no sense; the text says why.
public struct UsageError: Error, Equatable {
  /// One line that names the argument.
  public let message: String

  /// An error with this message.
  public init(message: String) { self.message = message }
}

/// What heap-replay was asked to do.
public struct ReplayArguments: Equatable {
  /// The text for `--help`.
  public static let usage = """
    usage: heap-replay [--allocator NAME[,NAME...]|all] [--arena BYTES|--smallest-arena]
                       [--check] [--once] [--json] FILE...
      --allocator       \(Contestant.names); all of them take turns
      --arena           replay in an arena of so many bytes; otherwise the power of two that is
                        at least 1 MiB and four times the trace's peak
      --smallest-arena  replay in the smallest arena in which nothing fails
      --check           prove every payload first: alignment, place, contents
      --once            replay once and print nothing but the failures, for a profiler
      --json            one object a line
    """

  /// The allocators, in turn.
  public private(set) var contestants: [Contestant] = [Contestant.allCases[0]]
  /// Where they live.
  public private(set) var arena = ArenaChoice.roomy
  /// Prove every payload first.
  public private(set) var checks = false
  /// Replay once, for a profiler.
  public private(set) var once = false
  /// Print JSON.
  public private(set) var json = false
  /// Print the usage.
  public private(set) var help = false
  /// The traces.
  public private(set) var files: [String] = []

  /// Reads the words after the program's name.
  public init(_ words: some Sequence<String>) throws(UsageError) {
    var words = words.makeIterator()
    var arenaOptions = 0
    while let word = words.next() {
      switch word {
      case "--allocator": contestants = try ReplayArguments.contestants(words.next())
      case "--arena":
        arena = .bytes(try ReplayArguments.byteCount(words.next()))
        arenaOptions += 1
      case "--smallest-arena":
        arena = .smallest
        arenaOptions += 1
      case "--check": checks = true
      case "--once": once = true
      case "--json": json = true
      case "--help", "-h": help = true
      case _ where word.hasPrefix("-"): throw UsageError(message: "unknown option \(word)")
      default: files.append(word)
      }
    }
    guard arenaOptions <= 1 else {
      throw UsageError(message: "--arena and --smallest-arena: choose one, once")
    }
    guard help || !files.isEmpty else { throw UsageError(message: "no FILE given; see --help") }
    guard !checks || !contestants.contains(.none) else {
      throw UsageError(message: "--check: none does not keep payloads apart")
    }
  }

  private static func contestants(_ word: String?) throws(UsageError) -> [Contestant] {
    guard let word else { throw UsageError(message: "--allocator needs a name") }
    if word == "all" { return Contestant.allCases.filter { $0 != .none } }
    var contestants: [Contestant] = []
    for name in word.split(separator: ",", omittingEmptySubsequences: false) {
      guard let contestant = Contestant(rawValue: String(name)) else {
        throw UsageError(
          message: "--allocator \(name): unknown, expected one of \(Contestant.names)")
      }
      contestants.append(contestant)
    }
    return contestants
  }

  private static func byteCount(_ word: String?) throws(UsageError) -> Int {
    guard let word else { throw UsageError(message: "--arena needs a number of bytes") }
    guard let byteCount = Int(word), byteCount > 0, byteCount <= 1 << 32 else {
      throw UsageError(message: "--arena \(word): expected a number of bytes up to 4294967296")
    }
    return byteCount
  }
}
