/// Page-aligned memory for an allocator to live in, given back with its owner.
@safe public final class Arena {
  /// All of it.
  public let memory: UnsafeMutableRawBufferPointer

  /// - Parameter touched: writes to each page, so that no page fault is measured later.
  public init(byteCount: Int, touched: Bool) {
    unsafe memory = .allocate(byteCount: byteCount, alignment: 4096)
    if touched {
      for offset in stride(from: 0, to: byteCount, by: 4096) { unsafe memory[offset] = 0xA5 }
    }
  }

  deinit { unsafe memory.deallocate() }

  /// The size of arena in which traces are measured by default: the power of two that is at least
  /// 1 MiB and four times what is live at the peak.
  public static func roomyByteCount(forPeak peakLiveByteCount: Int) -> Int {
    var byteCount = 1 << 20
    while byteCount < 4 * peakLiveByteCount { byteCount *= 2 }
    return byteCount
  }
}
