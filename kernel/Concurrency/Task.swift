import Scheduling
import Swift

/// A part of a program that runs beside others and may wait without keeping a core. The value is a handle; the task
/// lives until it has ended and nobody has a handle to it.
///
/// Typed throws take the place of `any Error`, which Embedded Swift does not have: an operation that throws says
/// what, as in `Task { () async throws(Refusal) in … }`.
@frozen public struct Task<Success: Sendable, Failure: Error>: Sendable {
  @usableFromInline let object: Builtin.NativeObject

  @usableFromInline init(_ object: Builtin.NativeObject) { self.object = object }
}

/// How urgent a task is. Queues tell four levels apart and serve the most urgent first.
public struct TaskPriority: RawRepresentable, Sendable, Equatable, Comparable {
  /// Swift's own number.
  public var rawValue: UInt8

  /// The priority with that number.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// What somebody waits for.
  public static var high: TaskPriority { TaskPriority(rawValue: 0x19) }
  /// The same as `high`.
  public static var userInitiated: TaskPriority { high }
  /// The usual.
  public static var medium: TaskPriority { TaskPriority(rawValue: 0x15) }
  /// What may wait.
  public static var low: TaskPriority { TaskPriority(rawValue: 0x11) }
  /// The same as `low`.
  public static var utility: TaskPriority { low }
  /// What runs when nothing else does.
  public static var background: TaskPriority { TaskPriority(rawValue: 0x09) }

  /// Less urgent.
  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

@usableFromInline func _taskFlags(_ priority: TaskPriority?, detached: Bool) -> Int {
  let number = priority?.rawValue ?? (detached ? TaskPriority.medium.rawValue : 0)
  return Int(bitPattern: TaskFlags(priority: number).rawValue)
}

@usableFromInline func _setTaskName(_ object: Builtin.NativeObject, _ name: StaticString?) {
  if let name { unsafe TaskReference(object).words.pointee.name = name }
}

/// Where the result of the task lies.
@usableFromInline func _taskResult(_ object: Builtin.NativeObject) -> UnsafeRawPointer {
  unsafe UnsafeRawPointer(TaskReference(object).words.pointee.result)
}

@usableFromInline func _taskCancel(_ object: Builtin.NativeObject) {
  TaskTree.cancel(TaskReference(object))
}

@usableFromInline func _taskIsCancelled(_ object: Builtin.NativeObject) -> Bool {
  TaskReference(object).isCancelled
}

/// Suspends the task that asks: see `SuspensionReason`.
@_silgen_name("swift_task_future_wait")
@usableFromInline func _suspend(_ object: Builtin.RawPointer, _ reason: Builtin.Word) async

@_alwaysEmitIntoClient func _awaitEnd(of object: Builtin.NativeObject) async {
  await _suspend(Builtin.bridgeToRawPointer(object), 0._builtinWordValue)
}

extension TaskReference {
  @inline(__always) init(_ object: Builtin.NativeObject) {
    unsafe self.init(object: UnsafeMutableRawPointer(Builtin.bridgeToRawPointer(object)))
  }
}

// MARK: - Making one

extension Task where Failure == Never {
  /// Lets `operation` run as a task of its own. It inherits the priority and the actor of the code that makes it.
  @_alwaysEmitIntoClient @discardableResult
  public init(
    name: StaticString? = nil, priority: TaskPriority? = nil,
    @_inheritActorContext @_implicitSelfCapture operation: sending @escaping () async -> Success
  ) {
    object = Builtin.createAsyncTask(_taskFlags(priority, detached: false), operation).0
    _setTaskName(object, name)
  }

  /// Lets `operation` run as a task of its own that inherits nothing.
  @_alwaysEmitIntoClient @discardableResult
  public static func detached(
    name: StaticString? = nil, priority: TaskPriority? = nil,
    operation: sending @escaping () async -> Success
  ) -> Task<Success, Never> {
    let object = Builtin.createAsyncTask(_taskFlags(priority, detached: true), operation).0
    _setTaskName(object, name)
    return Task(object)
  }

  /// What the task returns, once it has.
  @_alwaysEmitIntoClient
  public var value: Success {
    get async {
      await _awaitEnd(of: object)
      return unsafe _taskResult(object).assumingMemoryBound(to: Success.self).pointee
    }
  }
}

extension Task {
  /// Lets `operation`, which may throw a `Failure`, run as a task of its own.
  @_alwaysEmitIntoClient @discardableResult
  public init(
    name: StaticString? = nil, priority: TaskPriority? = nil,
    @_inheritActorContext @_implicitSelfCapture
    operation: sending @escaping () async throws(Failure) -> Success
  ) {
    object =
      Builtin.createAsyncTask(_taskFlags(priority, detached: false)) {
        () async -> Result<Success, Failure> in
        do throws(Failure) { return .success(try await operation()) } catch {
          return .failure(error)
        }
      }.0
    _setTaskName(object, name)
  }

  /// Lets `operation`, which may throw a `Failure`, run as a task of its own that inherits nothing.
  @_alwaysEmitIntoClient @discardableResult
  public static func detached(
    name: StaticString? = nil, priority: TaskPriority? = nil,
    operation: sending @escaping () async throws(Failure) -> Success
  ) -> Task {
    let object = Builtin.createAsyncTask(_taskFlags(priority, detached: true)) {
      () async -> Result<Success, Failure> in
      do throws(Failure) { return .success(try await operation()) } catch { return .failure(error) }
    }.0
    _setTaskName(object, name)
    return Task(object)
  }

  /// What the task returns or throws, once it has.
  @_alwaysEmitIntoClient
  public var value: Success {
    get async throws(Failure) {
      await _awaitEnd(of: object)
      return try unsafe _taskResult(object).assumingMemoryBound(
        to: Result<Success, Failure>.self
      ).pointee.get()
    }
  }

  /// What the task returns or throws, once it has, without throwing it.
  @_alwaysEmitIntoClient
  public var result: Result<Success, Failure> {
    get async {
      do throws(Failure) { return .success(try await value) } catch { return .failure(error) }
    }
  }

  /// Tells the task, and those that it waits for, to end. It is up to them to do so.
  @_alwaysEmitIntoClient public func cancel() { _taskCancel(object) }

  /// True when the task was told to end.
  @_alwaysEmitIntoClient public var isCancelled: Bool { _taskIsCancelled(object) }
}

// MARK: - The task that runs

extension Task where Success == Never, Failure == Never {
  /// Lets others have a turn.
  @_alwaysEmitIntoClient public static func `yield`() async {
    await _suspend(Builtin.inttoptr_Word(16._builtinWordValue), 1._builtinWordValue)
  }

  /// True when the task that runs was told to end; false outside of any.
  public static var isCancelled: Bool {
    unsafe TaskSystem.here.pointee.task?.isCancelled ?? false
  }

  /// Throws when the task that runs was told to end.
  public static func checkCancellation() throws(CancellationError) {
    if isCancelled { throw CancellationError() }
  }

  /// The priority of the task that runs.
  public static var currentPriority: TaskPriority {
    TaskPriority(rawValue: unsafe TaskSystem.here.pointee.task?.job.priority ?? 0x15)
  }
}

/// Thrown by what a cancelled task does not wait for.
public struct CancellationError: Error, Sendable {
  /// The error.
  public init() {}
}

/// Runs `operation`, and `handler` at once when its task is cancelled meanwhile, or was before, on the core that
/// cancels it.
@_alwaysEmitIntoClient
public func withTaskCancellationHandler<Result, Failure: Error>(
  operation: () async throws(Failure) -> Result,
  @_implicitSelfCapture onCancel handler: @escaping @Sendable () -> Void,
  isolation: isolated (any Actor)? = #isolation
) async throws(Failure) -> Result {
  let record = unsafe _addCancellationHandler(handler)
  defer { unsafe _removeCancellationHandler(record) }
  return try await operation()
}

@usableFromInline func _addCancellationHandler(
  _ handler: @escaping @Sendable () -> Void
) -> UnsafeMutableRawPointer {
  guard let task = unsafe TaskSystem.here.pointee.task else {
    TaskSystem.report("a cancellation handler outside of any task")
  }
  let record = CancellationHandler(handler)
  TaskTree.add(record, to: task)
  return unsafe Unmanaged.passRetained(record).toOpaque()
}

@usableFromInline func _removeCancellationHandler(_ record: UnsafeMutableRawPointer) {
  guard let task = unsafe TaskSystem.here.pointee.task else { return }
  let handler = unsafe Unmanaged<CancellationHandler>.fromOpaque(record).takeRetainedValue()
  TaskTree.remove(handler, from: task)
}
