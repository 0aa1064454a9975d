/// What the kernel command line asks for. Every property has the default that holds without it.
public struct BootOptions: Sendable {
  /// `heap=SIZE`: the kernel heap's size in bytes, 64 KiB at least: the monitor needs some 10 KiB.
  public var heapByteCount = defaultHeapByteCount

  /// The kernel heap's size where nobody asks for another, or what was asked for does not fit: 1 MiB.
  public static var defaultHeapByteCount: UInt { 1 << 20 }

  /// `heapwindow=SIZE`: addresses for the kernel heap, in bytes: it begins there with `heapByteCount` and grows into the
  /// rest. 0: it stays where its memory is.
  public var heapWindowByteCount = defaultHeapWindowByteCount

  /// The heap window's size where nobody asks for another: 512 MiB.
  public static var defaultHeapWindowByteCount: UInt { 512 << 20 }

  /// What a heap window's size may be: 2 MiB to 3 GiB, since a heap's links reach 4 GiB.
  public static var heapWindowByteCounts: ClosedRange<UInt> { 2 << 20...3 << 30 }

  /// `heapbase=fixed`: the heap window is at the same place in each boot, for tests.
  public var heapBaseIsFixed = false

  /// `heap.guard=N`: one allocation in N ends at a guard page; 0 for none.
  public var heapGuardInterval: UInt = 0

  /// `earlyheap=SIZE`: the early heap's size in bytes; nil when not asked for.
  public var earlyHeapByteCount: UInt?

  /// `exit=semihosting`: end the emulator with a status where the kernel would otherwise halt.
  public var exitsThroughSemihosting = false

  /// `run="command; command"`: monitor commands to run before the prompt, without the quotes.
  public var run = Bytes.empty

  /// `allocator=NAME`: the kernel heap's allocator.
  public var allocator = Allocator.bestFit

  /// `heap.debug` or `heap.debug=1|0|on|off`: the heap's guards and its record of callers.
  public var heapDebug = false

  /// `heap.hardened` or `heap.hardened=1|0|on|off`: best fit's words keyed with a random secret.
  public var heapHardened = false

  /// `align=strict`: every unaligned access faults, as it does on device memory (`SCTLR_EL1.A`).
  public var checksAlignment = false

  /// `cores=N`: how many cores to start, 1 to 4.
  public var coreCount: UInt = 4

  /// `fail=N`: the N-th allocation of the kernel heap fails; nil when not asked for.
  public var failingAllocation: UInt?

  /// `screen=WxH`: the picture's size in pixels; `screen=off`: no screen.
  public var screen = Screen.asDisplay

  /// `trace=DEPTH`: record the heap's calls from the start, with 1 to 8 callers; nil when not asked for.
  public var traceDepth: UInt?

  /// `trace.size=SIZE`: the recording's size in bytes.
  public var traceByteCount: UInt = 1 << 20

  /// What `screen=` may say.
  public enum Screen: Equatable, Sendable {
    /// Nothing: the display's own size.
    case asDisplay
    /// No picture.
    case off
    /// So many pixels in a row, and so many rows.
    case size(width: UInt, height: UInt)
  }

  /// The allocators that `allocator=` may name.
  public enum Allocator: Sendable {
    /// `best-fit`
    case bestFit
    /// `first-fit`
    case firstFit
    /// `bump`
    case bump
  }
}

extension BootOptions {
  /// Obeys one argument: a new option is a property above and a line here.
  ///
  /// The firmware adds many arguments that are not for Roost; these change nothing. One whose
  /// name looks like an option's throws, as does a value that makes no sense.
  mutating func apply(_ argument: CommandLine.Argument) throws(OptionError) {
    if argument.isCutShort { throw .openQuote }
    switch argument.name {
    case "heap": heapByteCount = try argument.size(atLeast: 64 << 10)
    case "heapwindow":
      heapWindowByteCount =
        try argument.size(atLeast: 0) == 0 ? 0 : argument.size(in: Self.heapWindowByteCounts)
    case "heapbase": heapBaseIsFixed = try argument.isOnly("fixed")
    case "heap.guard": heapGuardInterval = try argument.size(atLeast: 1)
    case "earlyheap": earlyHeapByteCount = try argument.size(atLeast: 64 << 10)
    case "exit": exitsThroughSemihosting = try argument.isOnly("semihosting")
    case "run": run = try argument.givenValue()
    case "allocator": allocator = try Allocator(argument.givenValue())
    case "heap.debug": heapDebug = try argument.isOn()
    case "heap.hardened": heapHardened = try argument.isOn()
    case "align": checksAlignment = try argument.isOnly("strict")
    case "cores": coreCount = try argument.count(in: 1...4)
    case "trace": traceDepth = try argument.count(in: 1...8)
    case "trace.size": traceByteCount = try argument.size(in: 4096...1 << 30)
    case "screen": screen = try Screen(argument.givenValue())
    case "fail": failingAllocation = try argument.count(in: 1...UInt.max)
    default: try Self.refuseNearMiss(argument.name)
    }
  }

  /// Names that contain these words are meant for Roost: no firmware uses them.
  private static func refuseNearMiss(_ name: Bytes) throws(OptionError) {
    if name.contains("heap") || name.contains("allocator") { throw .unknownOption }
  }
}

extension BootOptions.Screen {
  /// `off`, or width and height with an `x` between, 320 x 200 to 4096 x 4096.
  fileprivate init(_ text: Bytes) throws(OptionError) {
    if text == "off" {
      self = .off
      return
    }
    var separator = 0
    while let byte = text[separator], byte.lowercased != UInt8(ascii: "x") { separator += 1 }
    guard let width = try text.slice(from: 0, count: separator)?.parsedSize(),
      let height = try text.suffix(from: separator + 1)?.parsedSize()
    else { throw .unknownValue }
    guard 320...4096 ~= width else { throw .outOfRange(320...4096) }
    guard 200...4096 ~= height else { throw .outOfRange(200...4096) }
    self = .size(width: width, height: height)
  }
}

extension BootOptions.Allocator {
  fileprivate init(_ name: Bytes) throws(OptionError) {
    switch name {
    case "best-fit": self = .bestFit
    case "first-fit": self = .firstFit
    case "bump": self = .bump
    default: throw .unknownAllocator
    }
  }
}

/// Why an argument of the command line is not obeyed.
public enum OptionError: Error, Equatable, Sendable {
  /// The option needs a value and has none.
  case noValue
  /// A double quote is opened and not closed.
  case openQuote
  /// The value is not a size.
  case notASize
  /// The size is above the most that works; nil: it does not fit 64 bits.
  case sizeTooLarge(most: UInt?)
  /// The size is below the least that works.
  case sizeTooSmall(least: UInt)
  /// The number is not one of those that the option takes.
  case outOfRange(ClosedRange<UInt>)
  /// The value is none of those that the option knows.
  case unknownValue
  /// The value names no allocator.
  case unknownAllocator
  /// There is no such option, but its name looks like one.
  case unknownOption
}

extension OptionError {
  /// Calls `body` with the parts of the error in words, the limits named. Never allocates.
  func forEachPiece(_ body: (HandoffError.Piece) -> Void) {
    body(.words(words))
    switch self {
    case .sizeTooLarge(let most?): piece(size: most)
    case .sizeTooSmall(let least): piece(size: least)
    case .outOfRange(let range):
      body(.decimal(range.lowerBound))
      if range.upperBound != .max {
        body(.words(" to "))
        body(.decimal(range.upperBound))
      }
    default: break
    }

    func piece(size: UInt) {
      let units: [3 of (UInt, StaticString)] = [(30, " GiB"), (20, " MiB"), (10, " KiB")]
      for index in units.indices where size != 0 && size & ((1 << units[index].0) - 1) == 0 {
        body(.decimal(size >> units[index].0))
        return body(.words(units[index].1))
      }
      body(.decimal(size))
    }
  }

  private var words: StaticString {
    switch self {
    case .noValue: "needs a value"
    case .openQuote: "quote not closed"
    case .notASize: "not a size (a number, decimal or 0x hex, then K, M, G or nothing)"
    case .sizeTooLarge(most: nil): "size too large for 64 bits"
    case .sizeTooLarge: "size too large, the most is "
    case .sizeTooSmall: "size too small, the least is "
    case .outOfRange(let range):
      range.upperBound == .max
        ? "number too small, the least is " : "number out of range, which is "
    case .unknownValue: "no such value"
    case .unknownAllocator: "no such allocator: it may be best-fit, first-fit or bump"
    case .unknownOption: "no such option"
    }
  }
}
