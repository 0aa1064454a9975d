import Heaps
import Replay

/// Why an allocator could not be measured.
public enum MeasurementError: Error {
  /// The arena does not hold the allocator's control block.
  case arenaTooSmall(byteCount: Int)
  /// No arena up to the limit is large enough for the trace.
  case noArena(limit: Int)
  /// The allocator called a correct use a misuse.
  case heap(HeapFault)
  /// A checked replay found the allocator wrong.
  case replay(ReplayFault)
}

/// An allocator that could not be measured, and why.
public struct ContestantFailure: Error {
  /// Which allocator.
  public let contestant: Contestant
  /// Why.
  public let failure: MeasurementError

  /// A failure of this allocator.
  public init(contestant: Contestant, failure: MeasurementError) {
    self.contestant = contestant
    self.failure = failure
  }

  /// True when the arena that the caller chose is to blame.
  public var isUsage: Bool {
    if case .arenaTooSmall = failure { true } else { false }
  }

  /// The failure in words.
  public var description: String {
    let name = contestant.rawValue
    return switch failure {
    case .arenaTooSmall(let byteCount):
      "an arena of \(byteCount) bytes is too small for \(name)"
    case .noArena(let limit): "\(name) fails in every arena up to \(limit) bytes"
    case .heap(let fault):
      "\(name) reports a \(fault.kind.description) at address \(fault.address) for a correct use"
    case .replay(let fault):
      "\(name) is wrong at operation \(fault.operation + 1), id \(fault.identifier): "
        + "\(fault.kind.description)"
    }
  }
}

/// Names the allocator in what `body` throws.
func attempt<Output>(
  _ contestant: Contestant, _ body: () throws(MeasurementError) -> Output
) throws(ContestantFailure) -> Output {
  do throws(MeasurementError) {
    return try body()
  } catch {
    throw ContestantFailure(contestant: contestant, failure: error)
  }
}
