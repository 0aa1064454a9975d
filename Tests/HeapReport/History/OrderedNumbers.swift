/// A set of numbers below a limit that knows what lies next to each: words of bits, and above each level
/// one of a 64th of its size that says which words are not empty. All O(log64 limit).
struct OrderedNumbers {
  private var levels: [[UInt64]] = []

  init(limit: Int) {
    var count = max(limit, 1)
    repeat {
      count = (count + 63) / 64
      levels.append([UInt64](repeating: 0, count: count))
    } while count > 1
  }

  mutating func insert(_ number: Int) {
    var number = number
    for level in levels.indices {
      levels[level][number >> 6] |= 1 << UInt64(number & 63)
      number >>= 6
    }
  }

  mutating func remove(_ number: Int) {
    var number = number
    for level in levels.indices {
      levels[level][number >> 6] &= ~(1 << UInt64(number & 63))
      if levels[level][number >> 6] != 0 { return }
      number >>= 6
    }
  }

  /// The largest number of the set below `number`.
  func before(_ number: Int) -> Int? {
    var place = number
    for level in levels.indices {
      let below = levels[level][safe: place >> 6] & (1 << UInt64(place & 63) - 1)
      if below != 0 {
        return descend(level, (place & ~63) + 63 - below.leadingZeroBitCount) {
          63 - $0.leadingZeroBitCount
        }
      }
      place >>= 6
    }
    return nil
  }

  /// The smallest number of the set above `number`.
  func after(_ number: Int) -> Int? {
    var place = number
    for level in levels.indices {
      let upTo = (1 &<< UInt64(place & 63)) &* 2 &- 1
      let above = levels[level][safe: place >> 6] & ~upTo
      if above != 0 {
        return descend(level, (place & ~63) + above.trailingZeroBitCount) {
          $0.trailingZeroBitCount
        }
      }
      place >>= 6
    }
    return nil
  }

  private func descend(_ from: Int, _ number: Int, _ pick: (UInt64) -> Int) -> Int {
    var number = number
    var level = from
    while level > 0 {
      level -= 1
      number = number << 6 + pick(levels[level][number])
    }
    return number
  }
}

extension [UInt64] {
  /// The word at `index`; 0 past the end.
  fileprivate subscript(safe index: Int) -> UInt64 { index < count ? self[index] : 0 }
}
