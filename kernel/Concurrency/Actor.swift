import Swift

/// The protocol of all actors, distributed ones included: part of the language.
@_marker public protocol AnyActor: AnyObject, Sendable {}

/// The protocol of all actors. Every `actor` conforms to it by itself.
public protocol Actor: AnyActor {
  /// The executor on which the actor's code runs.
  nonisolated var unownedExecutor: UnownedSerialExecutor { get }
}

/// An executor that runs one job at a time. Only actors and `MainActor` are: a type of one's own may not be.
@frozen public struct UnownedSerialExecutor: Sendable {
  @usableFromInline var executor: Builtin.Executor

  /// The executor of the compiler's.
  @inlinable public init(_ executor: Builtin.Executor) { self.executor = executor }
}

/// A type that isolates declarations with its attribute.
public protocol GlobalActor {
  /// The actor behind the attribute.
  associatedtype ActorType: Actor
  /// The one instance.
  static var shared: ActorType { get }
  /// Its executor.
  static var sharedUnownedExecutor: UnownedSerialExecutor { get }
}

extension GlobalActor {
  /// The executor of `shared`.
  public static var sharedUnownedExecutor: UnownedSerialExecutor { shared.unownedExecutor }
}

/// Core 0's: what it isolates runs there, between two keys at the monitor's prompt, and never beside itself.
@globalActor public final actor MainActor: GlobalActor {
  /// The one instance.
  public static let shared = MainActor()

  /// Core 0.
  @inlinable nonisolated public var unownedExecutor: UnownedSerialExecutor {
    UnownedSerialExecutor(Builtin.buildMainActorExecutorRef())
  }
}

/// The actor that isolates the code that asks; nil when none does.
@freestanding(expression) public macro isolation<T>() -> T = Builtin.IsolationMacro

/// Compiled code calls it where it must not run on another executor.
public func _checkExpectedExecutor(
  _filenameStart: Builtin.RawPointer, _filenameLength: Builtin.Word,
  _filenameIsASCII: Builtin.Int1, _line: Builtin.Word, _executor: Builtin.Executor
) {
  if !_isCurrentExecutor(_executor) {
    TaskSystem.report("isolated code runs on another executor than its actor's")
  }
}

extension Actor {
  /// Ends the kernel with a report when the code that asks does not run on this actor.
  public nonisolated func preconditionIsolated() {
    if !_isCurrentExecutor(unownedExecutor.executor) {
      TaskSystem.report("isolated code runs on another executor than its actor's")
    }
  }
}

/// What the compiler puts in the place of an async method that it found nobody calls.
@export(interface) @_silgen_name("swift_deletedAsyncMethodError")
public func _deletedAsyncMethodError() async {
  TaskSystem.report("an async method called that the compiler took for unused")
}
