extension HeapHistory {
  /// The JSON that valgrind's DHAT writes and its viewer `dh_view.html` reads, version 2 of the format (described
  /// at the head of valgrind's dhat/dh_main.c), with block lifetimes, without accesses:
  /// ```
  /// tu, Mtu, tuth    unit of time, a million of it, what lives no longer is short-lived
  /// te, tg           time at the end, and at the global peak
  /// pps              program points, each with the sums of what was allocated there:
  ///   tb, tbk, tl    bytes, blocks, lifetimes of all blocks
  ///   mb, mbk        bytes and blocks at this point's own peak
  ///   gb, gbk        ... at the global peak
  ///   eb, ebk        ... at the end
  ///   fs             the call chain, of ftbl, the innermost first
  /// ```
  public func dhat(title: String, names: CallerNames) -> TextBytes {
    var table = DHATTable(self)
    for life in lives where life.born < 0 { table.begin(life, at: 0) }
    for (index, step) in steps.enumerated() {
      let now = Int(time(of: index))
      switch step {
      case .allocate(let life): table.begin(lives[life], at: now)
      case .reallocate(let old, let new):
        table.end(lives[old], from: time(of: lives[old].born), to: time(of: index))
        table.begin(lives[new], at: now)
      case .free(let life):
        table.end(lives[life], from: time(of: lives[life].born), to: time(of: index))
      case .refuse, .nothing: break
      }
    }
    return table.json(self, title: title, names: names)
  }
}

/// Bytes and blocks of one program point.
private struct DHATPoint {
  var total = (bytes: 0, blocks: 0)
  var live = (bytes: 0, blocks: 0)
  var most = (bytes: 0, blocks: 0)
  var atPeak = (bytes: 0, blocks: 0)
  var lifetimes = 0.0
  /// The last peak of all at which `atPeak` was taken.
  var peak = 0
}

private struct DHATTable {
  private var points: [DHATPoint]
  private var liveBytes = 0
  private var peakBytes = 0
  private var peakTime = 0
  /// Counts the times at which `peakBytes` rose. A point's figures at the last of them are those that it has
  /// when it changes next.
  private var peak = 0

  init(_ history: HeapHistory) {
    points = [DHATPoint](repeating: DHATPoint(), count: history.chains.count)
  }

  mutating func begin(_ life: HeapHistory.Life, at time: Int) {
    settle(life.chain)
    let bytes = life.requestedByteCount
    points[life.chain].total.bytes += bytes
    points[life.chain].total.blocks += 1
    points[life.chain].live.bytes += bytes
    points[life.chain].live.blocks += 1
    if points[life.chain].live.bytes > points[life.chain].most.bytes {
      points[life.chain].most = points[life.chain].live
    }
    liveBytes += bytes
    guard liveBytes > peakBytes else { return }
    (peakBytes, peakTime) = (liveBytes, time)
    peak += 1
  }

  mutating func end(_ life: HeapHistory.Life, from birth: Double, to death: Double) {
    settle(life.chain)
    points[life.chain].live.bytes -= life.requestedByteCount
    points[life.chain].live.blocks -= 1
    points[life.chain].lifetimes += death - birth
    liveBytes -= life.requestedByteCount
  }

  private mutating func settle(_ chain: Int) {
    guard points[chain].peak != peak else { return }
    points[chain].atPeak = points[chain].live
    points[chain].peak = peak
  }

  mutating func json(_ history: HeapHistory, title: String, names: CallerNames) -> TextBytes {
    let end = history.time(of: history.steps.count)
    for life in history.lives where life.died == history.steps.count {
      points[life.chain].lifetimes += end - history.time(of: life.born)
    }
    for chain in points.indices { settle(chain) }
    var text = TextBytes()
    let unit = history.times.isEmpty ? ("operations", "Moperations") : ("µs", "s")
    text.add(
      """
      {"dhatFileVersion":2,"mode":"heap","verb":"Allocated","bklt":true,"bkacc":false,
      "tu":\(unit.0.json),"Mtu":\(unit.1.json),"tuth":500,
      "cmd":\(title.json),"pid":0,"te":\(Int(end)),"tg":\(peakTime),
      "pps":[

      """)
    var frames = ["[root]"]
    var frameNumbers: [UInt: Int] = [:]
    var isFirst = true
    for (chain, point) in points.enumerated() where point.total.blocks > 0 {
      var numbers: [Int] = []
      for address in history.chains[chain].addresses {
        if frameNumbers[address] == nil {
          frameNumbers[address] = frames.count
          frames.append(Self.frame(address, names))
        }
        numbers.append(frameNumbers[address] ?? 0)
      }
      if numbers.isEmpty {
        if frameNumbers[0] == nil {
          frameNumbers[0] = frames.count
          frames.append("unknown caller")
        }
        numbers = [frameNumbers[0] ?? 0]
      }
      if !isFirst { text.add(",\n") }
      isFirst = false
      text.add(
        """
        {"tb":\(point.total.bytes),"tbk":\(point.total.blocks),"tl":\(Int(point.lifetimes)),\
        "mb":\(point.most.bytes),"mbk":\(point.most.blocks),"gb":\(point.atPeak.bytes),\
        "gbk":\(point.atPeak.blocks),"eb":\(point.live.bytes),"ebk":\(point.live.blocks),\
        "fs":[\(numbers.map(String.init).joined(separator: ","))]}
        """)
    }
    text.add("],\n\"ftbl\":[\n")
    text.add(frames.map(\.json).joined(separator: ",\n"))
    text.add(line: "]}")
    return text
  }

  /// As DHAT writes a frame: address, function, and the file's name and line.
  private static func frame(_ address: UInt, _ names: CallerNames) -> String {
    let text = names.text(of: address)
    return text.hasPrefix("0x") ? text : "0x" + String(address, radix: 16) + ": " + text
  }
}
