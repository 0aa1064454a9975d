extension Range where Bound == PageFrame {
  /// Every frame that `byteCount` bytes at `start` touch (rounded outward: for what must be kept
  /// away). Empty for 0 bytes; nil when the bytes leave the address space.
  public init?(touching start: PhysicalAddress, byteCount: UInt) {
    guard let end = start.advanced(byBytes: byteCount)?.rawValue.roundedUp(to: PageFrame.byteCount)
    else { return nil }
    let first = PageFrame(containing: start)
    self = first..<(byteCount == 0 ? first : PageFrame(number: end / PageFrame.byteCount))
  }

  /// Every frame that lies wholly within `byteCount` bytes at `start` (rounded inward: for memory
  /// that may be handed out). Empty where none does; nil when the bytes leave the address space.
  public init?(within start: PhysicalAddress, byteCount: UInt) {
    guard let end = start.advanced(byBytes: byteCount),
      let inner = start.rawValue.roundedUp(to: PageFrame.byteCount)
    else { return nil }
    let first = PageFrame(number: inner / PageFrame.byteCount)
    self = first..<Swift.max(first, PageFrame(containing: end))
  }

  /// `frameCount` frames from `first` on; nil when they leave the address space.
  public init?(from first: PageFrame, frameCount: UInt) {
    let (end, overflow) = first.number.addingReportingOverflow(frameCount)
    guard !overflow else { return nil }
    self = first..<PageFrame(number: end)
  }

  /// How many frames the range holds.
  public var frameCount: UInt { upperBound.number - lowerBound.number }

  /// The size in bytes. Wraps for ranges that no address space holds.
  public var byteCount: UInt { frameCount &* PageFrame.byteCount }
}
