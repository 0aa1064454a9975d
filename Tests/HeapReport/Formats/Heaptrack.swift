extension HeapHistory {
  /// The text that heaptrack's interpreter writes and `heaptrack_print` and `heaptrack_gui` read, version 2
  /// of its file format. All numbers are in base sixteen; tables count from 1, allocations from 0:
  /// ```
  /// v VERSION FORMAT            X COMMAND              I PAGE-SIZE PAGES
  /// s TEXT                      the next string
  /// i ADDRESS MODULE FUNCTION FILE LINE    the next instruction pointer, of strings
  /// t IP PARENT                 the next call chain: its innermost IP and the chain of the rest
  /// a SIZE CHAIN                the next kind of allocation
  /// + ALLOCATION                one more of it         - ALLOCATION   one fewer
  /// c MILLISECONDS              the time from here on  R PAGES        the memory in use
  /// ```
  public func heaptrack(title: String, names: CallerNames) -> TextBytes {
    var writer = HeaptrackWriter(self, names)
    writer.begin(title)
    for life in lives where life.born < 0 { writer.begin(life) }
    for (index, step) in steps.enumerated() {
      writer.stamp(time(of: index))
      switch step {
      case .allocate(let life): writer.begin(lives[life])
      case .reallocate(let old, let new):
        writer.end(lives[old])
        writer.begin(lives[new])
      case .free(let life): writer.end(lives[life])
      case .refuse, .nothing: break
      }
    }
    writer.stamp(time(of: steps.count), last: true)
    return writer.text
  }
}

private struct HeaptrackWriter {
  private struct Kind: Hashable {
    let byteCount: Int
    let trace: Int
  }

  private(set) var text = TextBytes()
  private let history: HeapHistory
  private let names: CallerNames
  private var strings: [String: Int] = [:]
  private var pointers: [UInt: Int] = [:]
  private var nodes: [[Int]: Int] = [:]
  /// Each chain's number in the file; 0 until it is written.
  private var traces: [Int]
  private var kinds: [Kind: Int] = [:]
  private var milliseconds = 0
  private var liveBytes = 0

  init(_ history: HeapHistory, _ names: CallerNames) {
    self.history = history
    self.names = names
    traces = [Int](repeating: 0, count: history.chains.count)
  }

  mutating func begin(_ title: String) {
    text.add(line: "v 10400 2")
    text.add(line: "X " + title)
    text.add(line: "I 1000 \(String((history.byteCount + 4095) / 4096, radix: 16))")
  }

  /// - Parameter microseconds: since the beginning.
  mutating func stamp(_ microseconds: Double, last: Bool = false) {
    let now = Int(microseconds / 1000)
    guard now > milliseconds || last else { return }
    milliseconds = now
    text.add(line: "c " + String(now, radix: 16))
    text.add(line: "R " + String((liveBytes + 4095) / 4096, radix: 16))
  }

  mutating func begin(_ life: HeapHistory.Life) {
    liveBytes += life.requestedByteCount
    let kind = kind(life)
    text.add("+ ")
    text.add(hex: kind)
    text.add("\n")
  }

  mutating func end(_ life: HeapHistory.Life) {
    liveBytes -= life.requestedByteCount
    let kind = kind(life)
    text.add("- ")
    text.add(hex: kind)
    text.add("\n")
  }

  private mutating func kind(_ life: HeapHistory.Life) -> Int {
    let trace = trace(life.chain)
    let kind = Kind(byteCount: life.requestedByteCount, trace: trace)
    if let number = kinds[kind] { return number }
    let number = kinds.count
    kinds[kind] = number
    text.add(line: "a \(String(kind.byteCount, radix: 16)) \(String(trace, radix: 16))")
    return number
  }

  private mutating func trace(_ chain: Int) -> Int {
    if traces[chain] != 0 { return traces[chain] }
    var parent = 0
    let addresses = history.chains[chain].addresses
    if addresses.isEmpty { parent = node(pointer(nil), parent) }
    for address in addresses.reversed() { parent = node(pointer(address), parent) }
    traces[chain] = parent
    return parent
  }

  private mutating func node(_ pointer: Int, _ parent: Int) -> Int {
    if let number = nodes[[pointer, parent]] { return number }
    text.add(line: "t \(String(pointer, radix: 16)) \(String(parent, radix: 16))")
    let number = nodes.count + 1
    nodes[[pointer, parent]] = number
    return number
  }

  /// The number of an instruction pointer; nil stands for callers that are not known.
  private mutating func pointer(_ address: UInt?) -> Int {
    if let number = pointers[address ?? 0] { return number }
    let name = address.map(names.name) ?? CallerName(function: "unknown caller")
    let module = string(names.module)
    let function = string(name.function)
    let file = name.file.isEmpty ? 0 : string(name.file)
    text.add(
      line: "i "
        + [Int(address ?? 0), module, function, file, name.line]
        .map { String($0, radix: 16) }.joined(separator: " "))
    let number = pointers.count + 1
    pointers[address ?? 0] = number
    return number
  }

  private mutating func string(_ string: String) -> Int {
    if let number = strings[string] { return number }
    text.add(line: "s " + string)
    strings[string] = strings.count + 1
    return strings.count
  }
}
