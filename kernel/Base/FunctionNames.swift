/// The names of the image's functions, in the table that boot/make-names.sh makes and the linker puts behind
/// the constants. Reads it where it is: never allocates, and never past its end, whatever it holds.
/// ```
///   functions, words, bytes of words, bytes of names     four numbers of 32 bits
///   the first function at or above each 256 KiB          33 numbers of 16 bits, and 16 of zeros
///   where each function begins in its 256 KiB            16 bits each, in units of 4 bytes, ascending
///   where its name begins in the names                   16 bits each
///   words                                                the last character of each has bit 7 set
///   names                                                0 ends each
///     32 to 126      that character
///     128 to 239     word 0 to 111
///     240 to 255, n  word 112 and on: 255 for each first byte, n counts from 1
/// ```
@safe public struct FunctionNames {
  /// A function of the image.
  public struct Function: Equatable, Sendable {
    /// Its first instruction's distance in bytes from the image's start.
    public let start: UInt
    fileprivate let name: Int
  }

  private static var blockShift: UInt { 18 }
  private static var blockCount: Int { 32 }
  private static var startsOffset: Int { 16 + 68 }

  private let table: UnsafeRawBufferPointer
  private let functionCount: Int
  private let wordsStart: Int
  private let namesStart: Int
  private let end: Int

  /// Nil when `table` is not as long as it says, and so for an image without names.
  ///
  /// - Precondition: `table` stays as it is.
  @unsafe public init?(_ table: UnsafeRawBufferPointer) {
    guard table.count >= Self.startsOffset, table.count < 1 << 20 else { return nil }
    unsafe self.table = table
    func number(_ index: Int) -> Int {
      unsafe Int(
        UInt32(littleEndian: table.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
    }
    functionCount = number(0)
    wordsStart = Self.startsOffset + 4 * functionCount
    namesStart = wordsStart &+ number(2)
    end = namesStart &+ number(3)
    guard functionCount > 0, end <= table.count else { return nil }
  }

  /// How many functions the table names.
  public var count: Int { functionCount }

  /// The function number `index`, in the order of their places; nil past the last.
  public func function(_ index: Int) -> Function? {
    guard 0..<functionCount ~= index else { return nil }
    var block = 0
    while block + 1 < Self.blockCount && first(block + 1) <= index { block += 1 }
    let start = UInt(block) << Self.blockShift + UInt(place(index)) * 4
    return Function(start: start, name: half(Self.startsOffset + 2 * (functionCount + index)))
  }

  /// The function at `distance` bytes from the image's start: the last that begins there or before. Nil below
  /// the first. O(log functions).
  public func function(at distance: UInt) -> Function? {
    let block = Int(min(distance >> Self.blockShift, UInt(Self.blockCount - 1)))
    let place = Int(min((distance - UInt(block) << Self.blockShift) / 4, 0xFFFF))
    // From the last function of the block below on: it may reach into this one.
    var low = first(block)
    var high = max(low, first(block + 1))
    while low < high {
      let middle = (low + high) / 2
      if self.place(middle) <= place { low = middle + 1 } else { high = middle }
    }
    return function(low - 1)
  }

  /// Writes a function's name. O(length and words before its words).
  public func write(_ function: Function, to sink: some TextSink) {
    var place = namesStart + function.name
    while place < end {
      let code = byte(place)
      place += 1
      switch code {
      case 0: return
      case 1..<128: sink.write(byte: code)
      case 128..<240: write(word: Int(code) - 128, to: sink)
      default:
        guard place < end, byte(place) > 0 else { return }
        write(word: 112 + (Int(code) - 240) * 255 + Int(byte(place)) - 1, to: sink)
        place += 1
      }
    }
  }

  private func write(word: Int, to sink: some TextSink) {
    var place = wordsStart
    var left = word
    while left > 0 && place < namesStart {
      if byte(place) >= 128 { left -= 1 }
      place += 1
    }
    while place < namesStart {
      sink.write(byte: byte(place) & 127)
      if byte(place) >= 128 { return }
      place += 1
    }
  }

  /// The first function of a block.
  private func first(_ block: Int) -> Int { min(half(16 + 2 * block), functionCount) }

  /// Where a function begins in its block, in units of 4 bytes.
  private func place(_ index: Int) -> Int { half(Self.startsOffset + 2 * index) }

  private func half(_ offset: Int) -> Int { Int(byte(offset)) | Int(byte(offset + 1)) << 8 }

  private func byte(_ offset: Int) -> UInt8 { unsafe table[offset] }
}
