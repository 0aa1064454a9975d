import Swift

// Groups: tasks of one kind whose end their maker waits for. What their operations may throw has a type, since
// Embedded Swift has no `any Error`.

@_alwaysEmitIntoClient func _makeChild<T>(
  _ priority: TaskPriority?, _ operation: sending @escaping () async -> T
) -> UnsafeMutableRawPointer {
  unsafe _passChild(Builtin.createAsyncTask(_childFlags(priority), operation).0)
}

@usableFromInline func _childFlags(_ priority: TaskPriority?) -> Int {
  Int(bitPattern: TaskFlags(priority: priority?.rawValue ?? 0, isEnqueued: false).rawValue)
}

/// The reference to a new task as an address: whoever has it gives it up.
@usableFromInline func _passChild(_ object: Builtin.NativeObject) -> UnsafeMutableRawPointer {
  let task = TaskReference(object)
  task.retain()
  return unsafe task.object
}

/// The result of a child that has ended.
@usableFromInline func _childResult(_ child: UnsafeMutableRawPointer) -> UnsafeRawPointer {
  unsafe UnsafeRawPointer(TaskReference(object: child).words.pointee.result)
}

@usableFromInline func _releaseChild(_ child: UnsafeMutableRawPointer) {
  unsafe TaskReference(object: child).release()
}

extension TaskGroupStorage {
  /// Waits until a task of the group has ended, or none is left.
  @_alwaysEmitIntoClient func awaitNext() async {
    await unsafe _suspend(_address._rawValue, 2._builtinWordValue)
  }

  @usableFromInline var _address: UnsafeMutableRawPointer {
    unsafe Unmanaged.passUnretained(self).toOpaque()
  }

  /// Waits for all that are left, and lets their results go.
  @_alwaysEmitIntoClient func drain() async {
    while !isEmpty {
      await awaitNext()
      while let child = unsafe takeEnded() { unsafe _releaseChild(child) }
    }
  }
}

/// A group of tasks that each return a `ChildTaskResult`.
public struct TaskGroup<ChildTaskResult: Sendable> {
  @usableFromInline let storage: TaskGroupStorage

  @usableFromInline init() { storage = TaskGroupStorage(discardsResults: false) }

  /// Lets `operation` run as a task of the group.
  @_alwaysEmitIntoClient public mutating func addTask(
    priority: TaskPriority? = nil, operation: sending @escaping () async -> ChildTaskResult
  ) {
    unsafe storage.add(_makeChild(priority, operation))
  }

  /// Adds the task unless the group is cancelled. Out: whether it did.
  @_alwaysEmitIntoClient public mutating func addTaskUnlessCancelled(
    priority: TaskPriority? = nil, operation: sending @escaping () async -> ChildTaskResult
  ) -> Bool {
    if isCancelled { return false }
    addTask(priority: priority, operation: operation)
    return true
  }

  /// What the next that ends returns; nil when none is left.
  @_alwaysEmitIntoClient public mutating func next(
    isolation: isolated (any Actor)? = #isolation
  ) async -> ChildTaskResult? {
    await storage.awaitNext()
    guard let child = unsafe storage.takeEnded() else { return nil }
    defer { unsafe _releaseChild(child) }
    return unsafe _childResult(child).assumingMemoryBound(to: ChildTaskResult.self).pointee
  }

  /// Waits for all that are left.
  @_alwaysEmitIntoClient public mutating func waitForAll(
    isolation: isolated (any Actor)? = #isolation
  ) async { await storage.drain() }

  /// Cancels all tasks of the group, those to come too.
  public func cancelAll() { storage.cancelAll() }
  /// True when the group, or the task whose it is, was cancelled.
  public var isCancelled: Bool { storage.wasCancelled }
  /// True when no task is left.
  public var isEmpty: Bool { storage.isEmpty }
}

/// A group of tasks that each return a `ChildTaskResult` or throw a `Failure`.
public struct ThrowingTaskGroup<ChildTaskResult: Sendable, Failure: Error> {
  @usableFromInline let storage: TaskGroupStorage

  @usableFromInline init() { storage = TaskGroupStorage(discardsResults: false) }

  /// Lets `operation` run as a task of the group.
  @_alwaysEmitIntoClient public mutating func addTask(
    priority: TaskPriority? = nil,
    operation: sending @escaping () async throws(Failure) -> ChildTaskResult
  ) {
    unsafe storage.add(
      _makeChild(priority) { () async -> Result<ChildTaskResult, Failure> in
        do throws(Failure) {
          return .success(try await operation())
        } catch {
          return .failure(error)
        }
      })
  }

  /// What the next that ends returns or throws; nil when none is left.
  @_alwaysEmitIntoClient public mutating func nextResult(
    isolation: isolated (any Actor)? = #isolation
  ) async -> Result<ChildTaskResult, Failure>? {
    await storage.awaitNext()
    guard let child = unsafe storage.takeEnded() else { return nil }
    defer { unsafe _releaseChild(child) }
    return unsafe _childResult(child).assumingMemoryBound(
      to: Result<ChildTaskResult, Failure>.self
    ).pointee
  }

  /// What the next that ends returns; throws what it threw; nil when none is left.
  @_alwaysEmitIntoClient public mutating func next(
    isolation: isolated (any Actor)? = #isolation
  ) async throws(Failure) -> ChildTaskResult? {
    guard let result = await nextResult() else { return nil }
    return try result.get()
  }

  /// Waits for all that are left. The first error is thrown, when all have ended.
  @_alwaysEmitIntoClient public mutating func waitForAll(
    isolation: isolated (any Actor)? = #isolation
  ) async throws(Failure) {
    var first: Failure?
    while let result = await nextResult() {
      if case .failure(let error) = result, first == nil { first = error }
    }
    if let first { throw first }
  }

  /// Cancels all tasks of the group, those to come too.
  public func cancelAll() { storage.cancelAll() }
  /// True when the group, or the task whose it is, was cancelled.
  public var isCancelled: Bool { storage.wasCancelled }
  /// True when no task is left.
  public var isEmpty: Bool { storage.isEmpty }
}

/// A group of tasks whose ends nobody asks for: each is freed as soon as it has ended.
public struct DiscardingTaskGroup {
  @usableFromInline let storage: TaskGroupStorage

  @usableFromInline init() { storage = TaskGroupStorage(discardsResults: true) }

  /// Lets `operation` run as a task of the group.
  @_alwaysEmitIntoClient public mutating func addTask(
    priority: TaskPriority? = nil, operation: sending @escaping () async -> Void
  ) {
    unsafe storage.add(_makeChild(priority, operation))
  }

  /// Cancels all tasks of the group, those to come too.
  public func cancelAll() { storage.cancelAll() }
  /// True when the group, or the task whose it is, was cancelled.
  public var isCancelled: Bool { storage.wasCancelled }
  /// True when no task is left.
  public var isEmpty: Bool { storage.isEmpty }
}

// MARK: - Scopes

/// Calls `body` with a group, and waits for all tasks that it left in it.
@_alwaysEmitIntoClient public func withTaskGroup<ChildTaskResult: Sendable, GroupResult>(
  of childTaskResultType: ChildTaskResult.Type = ChildTaskResult.self,
  returning returnType: GroupResult.Type = GroupResult.self,
  isolation: isolated (any Actor)? = #isolation,
  body: (inout TaskGroup<ChildTaskResult>) async -> GroupResult
) async -> GroupResult {
  var group = TaskGroup<ChildTaskResult>()
  let result = await body(&group)
  await group.storage.drain()
  return result
}

/// Calls `body` with a group whose tasks may throw a `Failure`, and waits for all tasks that it left in it. When
/// `body` throws, they are cancelled first.
@_alwaysEmitIntoClient
public func withThrowingTaskGroup<ChildTaskResult: Sendable, GroupResult, Failure: Error>(
  of childTaskResultType: ChildTaskResult.Type = ChildTaskResult.self,
  returning returnType: GroupResult.Type = GroupResult.self, throwing: Failure.Type = Failure.self,
  isolation: isolated (any Actor)? = #isolation,
  body: (inout ThrowingTaskGroup<ChildTaskResult, Failure>) async throws(Failure) -> GroupResult
) async throws(Failure) -> GroupResult {
  var group = ThrowingTaskGroup<ChildTaskResult, Failure>()
  do throws(Failure) {
    let result = try await body(&group)
    await group.storage.drain()
    return result
  } catch {
    group.cancelAll()
    await group.storage.drain()
    throw error
  }
}

/// Calls `body` with a group that keeps no results, and waits for all tasks that it left in it.
@_alwaysEmitIntoClient public func withDiscardingTaskGroup<GroupResult>(
  returning returnType: GroupResult.Type = GroupResult.self,
  isolation: isolated (any Actor)? = #isolation,
  body: (inout DiscardingTaskGroup) async -> GroupResult
) async -> GroupResult {
  var group = DiscardingTaskGroup()
  let result = await body(&group)
  await group.storage.drain()
  return result
}
