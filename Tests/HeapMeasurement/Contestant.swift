public import Heaps

/// An allocator that can be measured, by the name it has on the command line.
///
/// This file is the one place that lists them; the first is what is measured by default.
public enum Contestant: String, CaseIterable, Sendable {
  case bestFit = "best-fit"
  case firstFit = "first-fit"
  case bump
  case system
  case none

  /// The names of all, for messages.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// False for what does not allocate from the arena it is given.
  public var usesArena: Bool { self != .system && self != .none }

  /// Calls `visitor` with this allocator's type: from here on all calls are direct.
  public func accept<Visitor: AllocatorVisitor>(
    _ visitor: inout Visitor
  ) throws(Visitor.Failure) -> Visitor.Output {
    switch self {
    case .bestFit: try visitor.visit(SegmentHeap.self)
    case .firstFit: try visitor.visit(FirstFitHeap.self)
    case .bump: try visitor.visit(EarlyHeap.self)
    case .system: try visitor.visit(SystemAllocator.self)
    case .none: try visitor.visit(NoAllocator.self)
    }
  }
}

/// Something to do with an allocator whose type is known when it is compiled.
public protocol AllocatorVisitor {
  /// What comes of it.
  associatedtype Output
  /// What may go wrong.
  associatedtype Failure: Error
  /// Called once.
  mutating func visit<A: HeapAllocator & ~Copyable>(_ type: A.Type) throws(Failure) -> Output
}
