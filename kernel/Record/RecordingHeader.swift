/// What holds for a whole recording: the first frame of its text form.
public struct RecordingHeader: Equatable, Sendable {
  /// Tells this recording from others: two saves with the same number are parts of one.
  public var identity: UInt64
  /// The build ID of the kernel that recorded; callers can be named only with that build.
  public var build: UInt64
  /// The address of the image's first byte. Callers are sent as distances from it.
  public var imageStart: UInt
  /// The address after the image's last instruction.
  public var textEnd: UInt
  /// Ticks in a second.
  public var ticksPerSecond: UInt64
  /// How many callers each event has at most: 1 to 8.
  public var depth: Int
  /// The sequence number of the first event that is still there; the very first is 0.
  public var firstSequence: UInt64
  /// How many events follow.
  public var eventCount: Int
  /// The heap's first region: the address of its first segment, and the one after its last byte.
  public var heapStart: UInt
  /// See `heapStart`.
  public var heapEnd: UInt

  /// A header with these fields.
  public init(
    identity: UInt64, build: UInt64, imageStart: UInt, textEnd: UInt, ticksPerSecond: UInt64,
    depth: Int, firstSequence: UInt64, eventCount: Int, heapStart: UInt, heapEnd: UInt
  ) {
    self.identity = identity
    self.build = build
    self.imageStart = imageStart
    self.textEnd = textEnd
    self.ticksPerSecond = ticksPerSecond
    self.depth = depth
    self.firstSequence = firstSequence
    self.eventCount = eventCount
    self.heapStart = heapStart
    self.heapEnd = heapEnd
  }
}
