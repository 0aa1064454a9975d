/// Adds source lines to a kernel's log while it passes through.
///
/// What it adds stands behind a line that shows an address of code, and where functions were inlined into
/// each other, below it, the innermost first:
/// ```
///   0x0024753c KernelHeap.allocate(byteCount:alignment:caller:) + 84 at KernelHeap.swift:101
///   0x0023a410 SegmentHeap.resize(_:_:) + 40
///       HeapRegion.split(_:at:) at HeapRegion+Resize.swift:88
///       SegmentHeap.resize(_:_:) at SegmentHeap+Reallocate.swift:31
/// ```
/// Bytes go on as they come, whole lines or not, so that somebody can type at what is at the other end.
public struct LogSymbolizer {
  /// Asked for the frames at an address of code.
  public typealias Lookup = (UInt) throws(SymbolizerError) -> [SourceFrame]

  private let build: UInt64
  private let anyBuild: Bool
  private let lookup: Lookup
  private var line: [UInt8] = []
  private var lineNumber = 1
  private var isBuildKnown = false
  /// The instruction at fault of the last report.
  private var fault: UInt64?
  /// True when a carriage return came and was not sent on yet: what is added belongs before it.
  private var holdsReturn = false

  /// A log of another build is refused, and one that shows addresses before it says which build it is of,
  /// unless `anyBuild`.
  public init(build: UInt64, anyBuild: Bool, lookup: @escaping Lookup) {
    self.build = build
    self.anyBuild = anyBuild
    self.lookup = lookup
  }

  /// Takes the next bytes of the log, and returns what to show for them.
  ///
  /// - Throws: why the log is refused, with the number of the line.
  public mutating func add(_ bytes: some Sequence<UInt8>) throws(LogError) -> [UInt8] {
    var shown: [UInt8] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        shown += try endOfLine()
        if holdsReturn { shown.append(UInt8(ascii: "\r")) }
        shown.append(byte)
        holdsReturn = false
        line.removeAll(keepingCapacity: true)
        lineNumber += 1
        continue
      }
      if holdsReturn {
        shown.append(UInt8(ascii: "\r"))
        line.append(UInt8(ascii: "\r"))
      }
      holdsReturn = byte == UInt8(ascii: "\r")
      if holdsReturn { continue }
      shown.append(byte)
      line.append(byte)
    }
    return shown
  }

  /// What is held back when the log ends.
  public mutating func finish() throws(LogError) -> [UInt8] {
    guard !line.isEmpty else { return [] }
    return try endOfLine()
  }

  private mutating func endOfLine() throws(LogError) -> [UInt8] {
    let text = String(decoding: line, as: UTF8.self)
    if let logged = Self.number(after: "build ID: ", in: text) {
      isBuildKnown = logged == build
      guard isBuildKnown || anyBuild else {
        throw LogError(line: lineNumber, kind: .otherBuild(UInt64(logged)))
      }
    }
    if let instruction = Self.number(after: "elr: ", in: text) { fault = instruction }
    guard let address = codeAddress(in: text) else { return [] }
    guard isBuildKnown || anyBuild else { throw LogError(line: lineNumber, kind: .unknownBuild) }
    let frames: [SourceFrame]
    do throws(SymbolizerError) { frames = try lookup(address) } catch {
      throw LogError(line: lineNumber, kind: .noTool(error.message))
    }
    let placed = frames.filter { !$0.file.isEmpty }
    guard frames.count > 1 else {
      return placed.first.map { Array(" at \($0.place)".utf8) } ?? []
    }
    // A line of its own ends as the log's lines do.
    let end = holdsReturn ? "\r\n" : "\n"
    return placed.flatMap { Array("\(end)      \($0.function) at \($0.place)".utf8) }
  }

  /// The instruction that a line shows: a line of a backtrace, or one of these fields. Return addresses are
  /// those of the instruction after the call; only a fault report's first line shows the instruction itself.
  private func codeAddress(in text: String) -> UInt? {
    if let range = text.firstRange(of: ": stopped at ") {
      return Self.number(after: "", in: String(text[range.upperBound...])).map { UInt($0) }
    }
    for mark in ["  ", "caller: ", "taken at: ", "allocated by: ", "freed by: "] {
      guard let address = Self.number(after: mark, in: text) else { continue }
      return address == fault ? UInt(address) : UInt(address) - 4
    }
    return nil
  }

  private static func number(after mark: String, in text: String) -> UInt64? {
    guard text.hasPrefix(mark) else { return nil }
    let word = text.dropFirst(mark.count).prefix { $0 != " " }
    guard word.hasPrefix("0x"), word.count <= 18 else { return nil }
    return UInt64(word.dropFirst(2), radix: 16).flatMap { $0 < 4 ? nil : $0 }
  }
}

extension SourceFrame {
  /// File and line.
  public var place: String { "\(file):\(line)" }
}

/// A log that was refused.
public struct LogError: Error, Equatable, Sendable {
  /// Why a log is refused.
  public enum Kind: Error, Equatable, Sendable {
    /// The log says that it is of this build, which the kernel at hand is not.
    case otherBuild(UInt64)
    /// The log shows addresses, but not of which build.
    case unknownBuild
    /// A program of the toolchain's is missing.
    case noTool(String)
  }

  /// The line's number; the first line is 1.
  public let line: Int
  /// What is wrong with it.
  public let kind: Kind

  /// A refusal of line number `line`.
  public init(line: Int, kind: Kind) {
    self.line = line
    self.kind = kind
  }
}
