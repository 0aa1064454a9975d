/// A misuse of a heap, or damage to it, noticed before anything was changed.
public struct HeapFault: Error, Equatable, Sendable {
  /// What was wrong. The raw values are the fault codes of the C interface.
  public enum Kind: UInt8, Sendable, CaseIterable {
    /// The payload was given back before.
    case doubleFree = 1
    /// The pointer lies inside a segment, not at a payload's first byte.
    case interiorPointer = 2
    /// The pointer lies outside every region of this heap.
    case foreignPointer = 3
    /// The pointer is not a multiple of 16.
    case misalignedPointer = 4
    /// A segment's header is not what the heap wrote there: most often a write past the end of
    /// the payload to its left.
    case corruptHeader = 5
    /// The index of free segments contradicts the segments: most often a write to freed memory.
    case corruptIndex = 6
    /// A counter or field of the heap's control block contradicts the segments.
    case corruptControl = 7
    /// A byte behind the payload was overwritten (debug mode).
    case overflow = 8
    /// A freed payload was written to (debug mode).
    case writeAfterFree = 9
    /// The arguments of the call make no sense (an alignment that is not a power of two).
    case badArgument = 10
  }

  /// What was wrong.
  public let kind: Kind
  /// The address that was passed in, or that was found wrong.
  public let address: UInt
  /// The address of the header of the segment concerned; 0 where there is none.
  public let segment: UInt
  /// The return address of the call that allocated the payload; 0 when not recorded (debug mode).
  public var allocatedBy: UInt = 0
  /// The return address of the call that freed the payload; 0 when not recorded (debug mode).
  public var freedBy: UInt = 0

  /// A fault of the given kind at `address`, without callers.
  @inlinable public init(_ kind: Kind, address: UInt, segment: UInt = 0) {
    self.kind = kind
    self.address = address
    self.segment = segment
  }
}

extension HeapFault {
  init(_ kind: Kind, at address: Address, segment: Address = .none) {
    self.init(kind, address: address.bits, segment: segment.bits)
  }
}

extension HeapFault.Kind {
  /// The fault in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .doubleFree: "double free"
    case .interiorPointer: "pointer into the middle of a segment"
    case .foreignPointer: "pointer outside the heap"
    case .misalignedPointer: "pointer not 16-byte aligned"
    case .corruptHeader: "segment header overwritten"
    case .corruptIndex: "index of free segments overwritten"
    case .corruptControl: "heap control block overwritten"
    case .overflow: "write past the end of a payload"
    case .writeAfterFree: "write to freed memory"
    case .badArgument: "argument out of range"
    }
  }
}
