/// What the program was asked to do.
struct Arguments {
  /// The port; nil: the only one there is.
  private(set) var device: String?
  private(set) var image = ""
  private(set) var baud: UInt32 = 115_200
  /// Faster rates to try, the best first.
  private(set) var speeds: [UInt32] = [921_600, 460_800, 230_400]
  /// Seconds to wait for the board.
  private(set) var wait: UInt64 = 60
  private(set) var isTerminal = SerialPort.isTerminal(0)
  private(set) var help = false

  static let usage = """
    usage: serial-load [OPTION]... IMAGE [DEVICE]
    Sends a kernel to a board whose monitor knows the command load, and is its terminal afterwards.
    Without DEVICE the only serial cable there is is taken.
      --speed BAUD     the faster rate to try: 921600 (tried first, then slower ones), 460800, 230400, none
      --wait SECONDS   how long to wait for the board's prompt (60)
      --terminal       be a terminal afterwards (without the option: where the input is one)
      --no-terminal    end when the kernel was started
      --help           this
    """

  init(_ words: some Collection<String>) throws(Complaint) {
    var rest = Array(words)[...]
    var places: [String] = []
    while let word = rest.popFirst() {
      switch word {
      case "--help", "-h": help = true
      case "--terminal": isTerminal = true
      case "--no-terminal": isTerminal = false
      case "--wait": wait = try Self.number(after: word, &rest)
      case "--speed": speeds = try Self.speeds(&rest)
      case "":
        continue  // an empty SERIAL= of make
      default:
        guard !word.hasPrefix("-") else { throw Complaint(words: "no option \(word); see --help") }
        places.append(word)
      }
    }
    if help { return }
    guard let first = places.first else {
      throw Complaint(words: "which image? see --help")
    }
    guard places.count <= 2 else {
      throw Complaint(words: "unexpected \(places[2]); see --help")
    }
    image = first
    device = places.count == 2 ? places[1] : nil
  }

  private static func number(
    after option: String, _ rest: inout ArraySlice<String>
  ) throws(Complaint) -> UInt64 {
    guard let word = rest.popFirst(), let number = UInt64(word), number <= 1_000_000 else {
      throw Complaint(words: "\(option) needs a number")
    }
    return number
  }

  private static func speeds(_ rest: inout ArraySlice<String>) throws(Complaint) -> [UInt32] {
    switch rest.popFirst() {
    case "none", "115200": return []
    case "230400": return [230_400]
    case "460800": return [460_800]
    case "921600": return [921_600]
    case let word:
      throw Complaint(
        words: "--speed \(word ?? "") is none of none, 230400, 460800, 921600")
    }
  }
}
