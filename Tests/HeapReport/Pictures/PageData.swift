/// A history as the page's script reads it: numbers of seven bits a byte, the least first, the top bit set
/// in all but the last; signed ones doubled, and one less than that where negative. In base 64.
/// ```
/// count, then so many lives from before the first step
/// each step: what it did in the two low bits, above them what is said beside it
///   0 allocate              a life
///   1 free       distance   how many lives back, from the latest
///   2 reallocate distance   ... the old one, then the new life
///   3 nothing    0, or the bytes that were refused and 1
///   and, where times are known, tenths of a microsecond since the step before
/// count, then so many samples: live, used, free, largest free bytes, free segments
/// life: offset less the offset before, in units of 8 (signed); bytes in units of 8; bytes asked for; chain
/// ```
struct PageData {
  /// Steps between two samples.
  let stride: Int
  /// The samples.
  let sampleCount: Int
  private var bytes: [UInt8] = []
  private var lastOffset = 0

  /// More samples than this are more than a screen has rows.
  private static let mostSamples = 1500

  init(_ history: HeapHistory, _ figures: [HeapFigures]) {
    stride = max(1, (history.steps.count + Self.mostSamples - 1) / Self.mostSamples)
    sampleCount = (history.steps.count + stride - 1) / stride
    bytes.reserveCapacity(history.steps.count * 6)
    add(history)
    add(samples: figures)
  }

  /// The data in base 64.
  var text: [UInt8] { base64(bytes) }

  private mutating func add(_ history: HeapHistory) {
    // Lives are numbered in the order in which the script meets them.
    var numbers = [Int](repeating: 0, count: history.lives.count)
    var count = 0
    let before = history.lives.indices.filter { history.lives[$0].born < 0 }
    add(before.count)
    for life in before {
      numbers[life] = count
      count += 1
      add(history.lives[life])
    }
    var lastTime = 0
    for (index, step) in history.steps.enumerated() {
      switch step {
      case .allocate(let life):
        add(0)
        add(history.lives[life])
        numbers[life] = count
        count += 1
      case .free(let life): add(1 + 4 * (count - 1 - numbers[life]))
      case .reallocate(let old, let new):
        add(2 + 4 * (count - 1 - numbers[old]))
        add(history.lives[new])
        numbers[new] = count
        count += 1
      case .refuse(let byteCount): add(3 + 4 * (byteCount + 1))
      case .nothing: add(3)
      }
      guard !history.times.isEmpty else { continue }
      let time = Int((history.times[index] * 10).rounded())
      add(max(time - lastTime, 0))
      lastTime = max(time, lastTime)
    }
  }

  private mutating func add(_ life: HeapHistory.Life) {
    let offset = life.offset / 8
    let change = offset - lastOffset
    add(change < 0 ? -2 * change - 1 : 2 * change)
    lastOffset = offset
    add(life.byteCount / 8)
    add(life.requestedByteCount)
    add(life.chain)
  }

  private mutating func add(samples figures: [HeapFigures]) {
    add(sampleCount)
    for start in Swift.stride(from: 0, to: figures.count, by: stride) {
      let part = figures[start..<min(start + stride, figures.count)]
      add(part.reduce(0) { max($0, $1.liveBytes) })
      guard let last = part.last else { continue }
      add(last.usedBytes)
      add(last.freeBytes)
      add(last.largestFreeBytes)
      add(last.freeCount)
    }
  }

  private mutating func add(_ number: Int) {
    var rest = number
    while rest >= 128 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Bytes in base 64 (RFC 4648, section 4).
func base64(_ bytes: [UInt8]) -> [UInt8] {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let count = min(3, bytes.count - start)
    var group: UInt32 = 0
    for index in 0..<3 { group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0) }
    for index in 0..<4 {
      let digit = digits[Int(group >> UInt32(18 - 6 * index) & 63)]
      text.append(index <= count ? digit : UInt8(ascii: "="))
    }
  }
  return text
}
