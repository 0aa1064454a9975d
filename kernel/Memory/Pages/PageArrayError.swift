import Base

/// A request that the page array refused, or damage that it noticed. Nothing was changed.
public struct PageArrayError: Error, Equatable, Sendable {
  /// What was wrong.
  public enum Kind: UInt8, CaseIterable, Sendable {
    /// No free run is long enough at that alignment.
    case outOfFrames = 1
    /// A count of 0, or an alignment that is not a power of two.
    case badArgument = 2
    /// The frame lies beyond the end of the array.
    case foreignFrame = 3
    /// The frame is free already.
    case frameIsFree = 4
    /// The frame is reserved (for another reason than the one given).
    case frameIsReserved = 5
    /// The frame is in use.
    case frameIsAllocated = 6
    /// The frame lies inside an allocated run, not at its start.
    case insideRun = 7
    /// A run starts here, but of another length.
    case wrongRunLength = 8
    /// The frame's record, or one it points at, was overwritten.
    case corruptRecord = 9
    /// A counter or list head contradicts the records.
    case corruptControl = 10
  }

  /// What was wrong.
  public let kind: Kind
  /// The frame concerned.
  public let frame: PageFrame

  /// An error of the given kind about `frame`.
  public init(_ kind: Kind, _ frame: PageFrame) {
    self.kind = kind
    self.frame = frame
  }
}

extension PageArrayError.Kind {
  /// The refusal in words. Never allocates.
  public var description: StaticString {
    switch self {
    case .outOfFrames: "no free run of frames is long enough"
    case .badArgument: "argument out of range"
    case .foreignFrame: "frame beyond the end of memory"
    case .frameIsFree: "frame is free already"
    case .frameIsReserved: "frame is reserved"
    case .frameIsAllocated: "frame is in use"
    case .insideRun: "frame lies inside an allocated run"
    case .wrongRunLength: "run was allocated with another length"
    case .corruptRecord: "page record overwritten"
    case .corruptControl: "page counter or list head overwritten"
    }
  }
}
