import Scheduling
import Swift
import Sync

/// Elements that one side yields, from a handler too, and one task reads with `for await`.
///
/// Each element is a small object of the heap; a bounded stream gives the oldest or the newest one up when it is full.
public struct AsyncStream<Element: Sendable>: AsyncSequence, Sendable {
  /// Nothing is thrown.
  public typealias Failure = Never

  fileprivate let storage: StreamStorage<Element>

  /// The side that yields. Copies are the same side; when the last one goes, the stream ends.
  public struct Continuation: Sendable {
    /// What a stream does with what nobody has read yet.
    public enum BufferingPolicy: Sendable {
      /// It keeps all.
      case unbounded
      /// It keeps so many, and refuses new ones meanwhile.
      case bufferingOldest(Int)
      /// It keeps so many, and gives the oldest up for a new one.
      case bufferingNewest(Int)
    }

    /// What has become of an element.
    public enum YieldResult: Sendable {
      /// It is on its way.
      case enqueued
      /// An element was given up: this one or the oldest.
      case dropped
      /// The stream has ended.
      case terminated
    }

    private let end: StreamEnd<Element>

    fileprivate init(_ storage: StreamStorage<Element>) { end = StreamEnd(storage) }

    /// Sends `element`. From a handler too.
    @discardableResult public func yield(_ element: Element) -> YieldResult {
      end.storage.yield(element)
    }

    /// Ends the stream, behind what was sent.
    public func finish() { end.storage.finish() }
  }

  /// A stream, and the side that yields.
  public static func makeStream(
    of elementType: Element.Type = Element.self,
    bufferingPolicy limit: Continuation.BufferingPolicy = .unbounded
  ) -> (stream: AsyncStream<Element>, continuation: Continuation) {
    let storage = StreamStorage<Element>(limit)
    return (AsyncStream(storage: storage), Continuation(storage))
  }

  /// A stream whose yielding side `build` gets.
  public init(
    _ elementType: Element.Type = Element.self,
    bufferingPolicy limit: Continuation.BufferingPolicy = .unbounded,
    _ build: (Continuation) -> Void
  ) {
    storage = StreamStorage(limit)
    build(Continuation(storage))
  }

  fileprivate init(storage: StreamStorage<Element>) { self.storage = storage }

  /// Goes through the stream; two of them share its elements, and only one may wait at a time.
  public struct Iterator: AsyncIteratorProtocol {
    /// Nothing is thrown.
    public typealias Failure = Never
    fileprivate let storage: StreamStorage<Element>

    /// The next element; nil when the stream has ended or the task is cancelled.
    public mutating func next(isolation actor: isolated (any Actor)?) async -> Element? {
      await storage.next()
    }
  }

  /// Begins.
  public func makeAsyncIterator() -> Iterator { Iterator(storage: storage) }
}

/// What the copies of a continuation share.
private final class StreamEnd<Element: Sendable>: Sendable {
  let storage: StreamStorage<Element>

  init(_ storage: StreamStorage<Element>) { self.storage = storage }

  deinit { storage.finish() }
}

/// One element on its way.
private final class StreamNode<Element> {
  let element: Element
  var next: StreamNode?

  init(_ element: Element) { self.element = element }
}

/// What a reader that wants to wait has to do.
private enum ReaderTurn {
  case waits
  case goesOn
  case isSecond
}

/// What both sides share. Behind a lock of all streams; nothing is allocated or freed while it is held.
@safe private final class StreamStorage<Element: Sendable>: @unchecked Sendable {
  typealias Continuation = AsyncStream<Element>.Continuation

  private let limit: Int
  private let keepsOldest: Bool
  private var first: StreamNode<Element>?
  private var last: StreamNode<Element>?
  private var count = 0
  private var hasEnded = false
  private var waiter: UnsafeContinuation<Void, Never>?

  init(_ policy: Continuation.BufferingPolicy) {
    switch policy {
    case .unbounded: (limit, keepsOldest) = (.max, true)
    case .bufferingOldest(let count): (limit, keepsOldest) = (count, true)
    case .bufferingNewest(let count): (limit, keepsOldest) = (count, false)
    }
  }

  private var lock: SpinLock<TaskProcessor> {
    unsafe SpinLock("streams", rank: 12, in: TaskSystem.lockWords(2))
  }

  func yield(_ element: Element) -> Continuation.YieldResult {
    let new = StreamNode(element)
    var dropped: StreamNode<Element>?
    let (result, reader): (Continuation.YieldResult, UnsafeContinuation<Void, Never>?) =
      lock.withLock {
        if hasEnded { return (.terminated, nil) }
        if count >= limit {
          if keepsOldest || limit == 0 { return (.dropped, nil) }
          dropped = removeFirst()
        }
        append(new)
        defer { waiter = nil }
        return (dropped == nil ? .enqueued : .dropped, waiter)
      }
    reader?.resume()
    _ = dropped
    return result
  }

  func finish() {
    let reader = lock.withLock {
      hasEnded = true
      defer { waiter = nil }
      return waiter
    }
    reader?.resume()
  }

  func next() async -> Element? {
    while true {
      let (node, isOver) = lock.withLock { (removeFirst(), hasEnded) }
      if let node { return node.element }
      if isOver || Task<Never, Never>.isCancelled { return nil }
      await withTaskCancellationHandler {
        await withUnsafeContinuation { wait($0) }
      } onCancel: {
        finish()
      }
    }
  }

  /// Lets the reader wait, unless something has come meanwhile.
  private func wait(_ continuation: UnsafeContinuation<Void, Never>) {
    let turn: ReaderTurn = lock.withLock {
      if count > 0 || hasEnded { return .goesOn }
      if waiter != nil { return .isSecond }
      waiter = continuation
      return .waits
    }
    switch turn {
    case .waits: break
    case .goesOn: continuation.resume()
    case .isSecond: TaskSystem.report("two tasks wait for one AsyncStream")
    }
  }

  private func append(_ node: StreamNode<Element>) {
    if let last { last.next = node } else { first = node }
    last = node
    count += 1
  }

  private func removeFirst() -> StreamNode<Element>? {
    guard let node = first else { return nil }
    first = node.next
    if first == nil { last = nil }
    node.next = nil
    count -= 1
    return node
  }

  deinit {
    // One after the other: a long chain would free itself as deep as it is long.
    while removeFirst() != nil {}
  }
}
