/// The figures of a heap after one step. Sizes are in bytes.
public struct HeapFigures: Equatable, Sendable {
  /// Bytes that were asked for and not given back.
  public var liveBytes = 0
  /// Bytes in segments that are in use, headers and rounding included.
  public var usedBytes = 0
  /// Segments in use.
  public var usedCount = 0
  /// Bytes between them, as far as the heap was ever used.
  public var freeBytes = 0
  /// Free segments: runs of bytes between those in use.
  public var freeCount = 0
  /// The largest of them.
  public var largestFreeBytes = 0

  /// All zero.
  public init() {}

  /// How split up the free memory is: 0 when it is one segment, near 1 when the largest is a small part.
  public var fragmentation: Double {
    freeBytes == 0 ? 0 : 1 - Double(largestFreeBytes) / Double(freeBytes)
  }
}

extension HeapHistory {
  /// The figures after each step. O(steps log lives).
  public func figures() -> [HeapFigures] {
    var sweep = HeapSweep(self)
    for (index, life) in lives.enumerated() where life.born < 0 { sweep.begin(index, life) }
    var result: [HeapFigures] = []
    result.reserveCapacity(steps.count)
    for step in steps {
      switch step {
      case .allocate(let life): sweep.begin(life, lives[life])
      case .reallocate(let old, let new):
        sweep.end(old, lives[old])
        sweep.begin(new, lives[new])
      case .free(let life): sweep.end(life, lives[life])
      case .refuse, .nothing: break
      }
      result.append(sweep.figures)
    }
    return result
  }
}

/// Keeps the segments that are in use in the order of their places, and the gap behind each.
private struct HeapSweep {
  private(set) var figures = HeapFigures()
  /// The rank of each life's place; lives of one place share it. Each region's start has one, too.
  private var ranks: [Int]
  /// Where the segment of each rank ends; a region's start ends where it begins.
  private var ends: [Int]
  private var starts: [Int]
  /// Where the region of each rank ends.
  private var limits: [Int]
  private var present: OrderedNumbers
  /// A heap-ordered tree over the gaps: the largest of all is its root.
  private var largest: [Int]
  private let leaves: Int

  init(_ history: HeapHistory) {
    // A region's start comes before a life at the same place: twice the offset, and one more for lives.
    var keys = history.regions.map { 2 * $0.offset } + history.lives.map { 2 * $0.offset + 1 }
    keys.sort()
    var unique: [Int] = []
    for key in keys where unique.last != key { unique.append(key) }
    var number: [Int: Int] = [:]
    number.reserveCapacity(unique.count)
    for (rank, key) in unique.enumerated() { number[key] = rank }

    ranks = history.lives.map { number[2 * $0.offset + 1] ?? 0 }
    starts = unique.map { $0 >> 1 }
    ends = starts
    limits = []
    present = OrderedNumbers(limit: unique.count)
    var powerOfTwo = 1
    while powerOfTwo < unique.count { powerOfTwo *= 2 }
    leaves = powerOfTwo
    largest = [Int](repeating: 0, count: 2 * powerOfTwo)

    var region = 0
    for start in starts {
      while region + 1 < history.regions.count && start >= history.regions[region + 1].offset {
        region += 1
      }
      limits.append(history.regions.isEmpty ? start : history.regions[region].end)
    }
    for region in history.regions {
      let rank = number[2 * region.offset] ?? 0
      present.insert(rank)
      setGap(rank, region.byteCount)
    }
  }

  mutating func begin(_ index: Int, _ life: HeapHistory.Life) {
    let rank = ranks[index]
    guard let before = present.before(rank) else { return }
    ends[rank] = life.end
    present.insert(rank)
    setGap(before, starts[rank] - ends[before])
    setGap(rank, right(of: rank) - life.end)
    figures.liveBytes += life.requestedByteCount
    figures.usedBytes += life.byteCount
    figures.usedCount += 1
  }

  mutating func end(_ index: Int, _ life: HeapHistory.Life) {
    let rank = ranks[index]
    guard let before = present.before(rank) else { return }
    present.remove(rank)
    setGap(rank, 0)
    setGap(before, right(of: before) - ends[before])
    figures.liveBytes -= life.requestedByteCount
    figures.usedBytes -= life.byteCount
    figures.usedCount -= 1
  }

  /// Where the next segment begins, or the region ends.
  private func right(of rank: Int) -> Int {
    guard let next = present.after(rank) else { return limits[rank] }
    return min(starts[next], limits[rank])
  }

  private mutating func setGap(_ rank: Int, _ byteCount: Int) {
    var node = leaves + rank
    let new = max(byteCount, 0)
    let old = largest[node]
    figures.freeBytes += new - old
    figures.freeCount += (new > 0 ? 1 : 0) - (old > 0 ? 1 : 0)
    largest[node] = new
    while node > 1 {
      node >>= 1
      largest[node] = max(largest[2 * node], largest[2 * node + 1])
    }
    figures.largestFreeBytes = largest[1]
  }
}
