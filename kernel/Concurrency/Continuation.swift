import Swift
import Synchronization

/// What a task waits for, in the hands of whoever will have it. `resume` must be called exactly once, from anywhere:
/// another task, a handler, another core. Calling it twice is a report where it can be noticed, and damage where not.
@frozen public struct UnsafeContinuation<T, E: Error>: Sendable {
  @usableFromInline let context: Builtin.RawUnsafeContinuation

  @_alwaysEmitIntoClient init(_ context: Builtin.RawUnsafeContinuation) { self.context = context }

  /// Lets the task go on with `value`.
  @_alwaysEmitIntoClient public func resume(returning value: sending T) where E == Never {
    Builtin.resumeNonThrowingContinuationReturning(context, value)
  }

  /// Lets the task go on.
  @_alwaysEmitIntoClient public func resume() where T == Void, E == Never {
    resume(returning: ())
  }
}

/// Suspends the task until the continuation that `body` gets is resumed. `body` runs before that.
@_alwaysEmitIntoClient
public func withUnsafeContinuation<T>(
  isolation: isolated (any Actor)? = #isolation, _ body: (UnsafeContinuation<T, Never>) -> Void
) async -> sending T {
  await Builtin.withUnsafeContinuation { body(UnsafeContinuation<T, Never>($0)) }
}

/// As `UnsafeContinuation`, and each misuse is noticed: resumed twice ends the kernel with a report, never resumed is
/// told when the last copy goes. Both name the function that waits.
public struct CheckedContinuation<T, E: Error>: Sendable {
  private let canary: ContinuationCanary
  private let continuation: UnsafeContinuation<Result<T, E>, Never>

  fileprivate init(
    _ continuation: UnsafeContinuation<Result<T, E>, Never>, _ function: StaticString
  ) {
    self.continuation = continuation
    canary = ContinuationCanary(function)
  }

  /// Lets the task go on with `result`.
  public func resume(with result: sending Result<T, E>) {
    canary.use()
    continuation.resume(returning: result)
  }

  /// Lets the task go on with `value`.
  public func resume(returning value: sending T) { resume(with: .success(value)) }

  /// Lets the task go on with an error.
  public func resume(throwing error: E) { resume(with: .failure(error)) }

  /// Lets the task go on.
  public func resume() where T == Void { resume(with: .success(())) }
}

/// Knows whether a continuation was resumed.
private final class ContinuationCanary: Sendable {
  private let function: StaticString
  private let isUsed = Atomic<Bool>(false)

  init(_ function: StaticString) { self.function = function }

  func use() {
    if isUsed.exchange(true, ordering: .relaxed) {
      TaskSystem.report("a continuation resumed that was resumed before", function)
    }
  }

  deinit {
    if !isUsed.load(ordering: .relaxed), let host = unsafe TaskSystem.host {
      host.complain(
        "a continuation was dropped and never resumed; a task waits for ever in", function)
    }
  }
}

/// Suspends the task until the continuation that `body` gets is resumed.
///
/// - Parameter function: the name for reports.
public func withCheckedContinuation<T>(
  isolation: isolated (any Actor)? = #isolation, function: StaticString = #function,
  _ body: (CheckedContinuation<T, Never>) -> Void
) async -> sending T {
  let result: Result<T, Never> = await withUnsafeContinuation {
    body(CheckedContinuation($0, function))
  }
  switch result {
  case .success(let value): return value
  }
}

/// As `withCheckedContinuation`, and the continuation may throw.
public func withCheckedThrowingContinuation<T, E: Error>(
  of error: E.Type = E.self, isolation: isolated (any Actor)? = #isolation,
  function: StaticString = #function, _ body: (CheckedContinuation<T, E>) -> Void
) async throws(E) -> sending T {
  let result: Result<T, E> = await withUnsafeContinuation {
    body(CheckedContinuation($0, function))
  }
  return try result.get()
}
