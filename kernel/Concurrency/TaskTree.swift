import CShims
import Scheduling
import Swift
import Sync
import Synchronization

/// Who made whom: a task's children are those that it waits for (`async let`, groups), and its cancellation is theirs.
/// One lock for all; it is held for a few instructions, however large the tree is.
enum TaskTree {
  @inline(__always) static var lock: SpinLock<TaskProcessor> {
    unsafe SpinLock("task tree", rank: 10, in: TaskSystem.lockWords(0))
  }

  /// Makes `child`, which does not run yet, a child of `parent`. It is cancelled when that is.
  ///
  /// Children that are not cancelled come before those that are, so that one look finds the next to cancel.
  static func add(_ child: TaskReference, to parent: TaskReference, isCancelled: Bool = false) {
    lock.withLock {
      unsafe child.words.pointee.parent = parent
      if isCancelled || parent.isCancelled {
        unsafe child.words.pointee.isCancelled.store(1, ordering: .releasing)
        append(child, to: parent)
      } else {
        prepend(child, to: parent)
      }
    }
  }

  /// Takes `task`, which has ended, out. Out: who its parent was, and its group.
  static func leave(_ task: TaskReference) -> (TaskReference?, TaskGroupReference?) {
    // Only the task itself and who made it ever change these two.
    guard let parent = unsafe task.words.pointee.parent else { return (nil, nil) }
    return lock.withLock {
      unlink(task, from: parent)
      unsafe task.words.pointee.parent = nil
      return unsafe (parent, task.words.pointee.group)
    }
  }

  private static func prepend(_ child: TaskReference, to parent: TaskReference) {
    let first = unsafe parent.words.pointee.firstChild
    unsafe child.words.pointee.nextSibling = first
    unsafe child.words.pointee.previousSibling = nil
    if let first {
      unsafe first.words.pointee.previousSibling = child
    } else {
      unsafe parent.words.pointee.lastChild = child
    }
    unsafe parent.words.pointee.firstChild = child
  }

  private static func append(_ child: TaskReference, to parent: TaskReference) {
    let last = unsafe parent.words.pointee.lastChild
    unsafe child.words.pointee.previousSibling = last
    unsafe child.words.pointee.nextSibling = nil
    if let last {
      unsafe last.words.pointee.nextSibling = child
    } else {
      unsafe parent.words.pointee.firstChild = child
    }
    unsafe parent.words.pointee.lastChild = child
  }

  private static func unlink(_ child: TaskReference, from parent: TaskReference) {
    let (before, after) = unsafe (
      child.words.pointee.previousSibling, child.words.pointee.nextSibling
    )
    if let before {
      unsafe before.words.pointee.nextSibling = after
    } else {
      unsafe parent.words.pointee.firstChild = after
    }
    if let after {
      unsafe after.words.pointee.previousSibling = before
    } else {
      unsafe parent.words.pointee.lastChild = before
    }
  }
}

// MARK: - Cancellation

extension TaskTree {
  /// Cancels `task` and all below it, and runs their handlers, on the core that asks.
  static func cancel(_ task: TaskReference) {
    guard lock.withLock({ mark(task) }) else { return }
    task.retain()
    finishCancelling(task)
  }

  /// Cancels the children of `parent` that belong to `group`.
  static func cancelChildren(of parent: TaskReference, in group: TaskGroupReference) {
    while let child = cancelOneChild(of: parent, where: { unsafe $0.words.pointee.group == group })
    {
      finishCancelling(child)
    }
  }

  /// Sees to the handlers and the children of `task`, which is marked, and gives one reference to it up.
  private static func finishCancelling(_ task: TaskReference) {
    var pending = CancellationList()
    pending.append(task)
    while let next = pending.removeFirst() {
      runHandlers(of: next)
      while let child = cancelOneChild(of: next, where: { _ in true }) { pending.append(child) }
      next.release()
    }
  }

  /// Marks `task` as cancelled, behind the lock. Out: whether it was not before.
  private static func mark(_ task: TaskReference) -> Bool {
    guard unsafe task.words.pointee.isCancelled.exchange(1, ordering: .acquiringAndReleasing) == 0
    else { return false }
    if let parent = unsafe task.words.pointee.parent {
      unlink(task, from: parent)
      append(task, to: parent)
    }
    return true
  }

  /// Marks the first child of `task` that is not cancelled yet. Out: the child, with a reference.
  @inline(__always) private static func cancelOneChild(
    of task: TaskReference, where isMeant: (TaskReference) -> Bool
  ) -> TaskReference? {
    lock.withLock {
      var child = unsafe task.words.pointee.firstChild
      while let here = child, !here.isCancelled, !isMeant(here) {
        child = unsafe here.words.pointee.nextSibling
      }
      guard let child, mark(child) else { return nil }
      child.retain()
      return child
    }
  }

  private static func runHandlers(of task: TaskReference) {
    while let handler = claimHandler(of: task) {
      handler.body()
      lock.withLock { handler.state = .done }
      send_event()
    }
  }

  private static func claimHandler(of task: TaskReference) -> CancellationHandler? {
    lock.withLock {
      var handler = unsafe task.words.pointee.handlers
      while let here = handler, here.state != .waiting { handler = here.next }
      handler?.state = .running
      return handler
    }
  }

  /// Adds `handler` to `task`; runs it at once when that is cancelled.
  static func add(_ handler: CancellationHandler, to task: TaskReference) {
    let runsNow = lock.withLock {
      handler.next = unsafe task.words.pointee.handlers
      unsafe task.words.pointee.handlers = handler
      guard task.isCancelled else { return false }
      handler.state = .running
      return true
    }
    guard runsNow else { return }
    handler.body()
    lock.withLock { handler.state = .done }
  }

  /// Takes `handler` out; waits for it when another core runs it. Whoever cancels marks the task first and comes to
  /// its handlers later: one that has not had its turn by now has it here.
  static func remove(_ handler: CancellationHandler, from task: TaskReference) {
    while true {
      switch lock.withLock({ leave(handler, of: task) }) {
      case .done: return
      case .running: wait_for_event()
      case .waiting:
        handler.body()
        lock.withLock { handler.state = .done }
      }
    }
  }

  /// Behind the lock. Out: `done` when `handler` is out of the list, `waiting` when the caller is to run it first.
  private static func leave(
    _ handler: CancellationHandler, of task: TaskReference
  ) -> CancellationHandler.State {
    switch handler.state {
    case .running: return .running
    case .waiting where task.isCancelled:
      handler.state = .running
      return .waiting
    case .waiting, .done:
      unlink(handler, from: task)
      return .done
    }
  }

  private static func unlink(_ handler: CancellationHandler, from task: TaskReference) {
    if unsafe task.words.pointee.handlers === handler {
      unsafe task.words.pointee.handlers = handler.next
    } else {
      var before = unsafe task.words.pointee.handlers
      while let here = before, here.next !== handler { before = here.next }
      before?.next = handler.next
    }
    handler.next = nil
  }
}

/// What a task wants done when it is cancelled.
final class CancellationHandler {
  enum State {
    case waiting
    case running
    case done
  }

  let body: () -> Void
  /// Behind the tree's lock.
  var state = State.waiting
  var next: CancellationHandler?

  init(_ body: @escaping () -> Void) { self.body = body }
}

/// Tasks whose handlers and children are to be seen to, each with a reference. They are linked by a field that
/// nothing else uses.
private struct CancellationList {
  private var first: TaskReference?

  mutating func append(_ task: TaskReference) {
    unsafe task.words.pointee.nextCancelled = first
    first = task
  }

  mutating func removeFirst() -> TaskReference? {
    guard let task = first else { return nil }
    first = unsafe task.words.pointee.nextCancelled
    return task
  }
}
