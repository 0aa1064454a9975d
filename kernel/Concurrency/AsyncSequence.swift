import Swift

/// What `for await` asks for the next element.
public protocol AsyncIteratorProtocol<Element, Failure> {
  /// What is delivered.
  associatedtype Element
  /// What may be thrown; `Never` for nothing.
  associatedtype Failure: Error
  /// The next element; nil at the end.
  mutating func next(isolation actor: isolated (any Actor)?) async throws(Failure) -> Element?
}

extension AsyncIteratorProtocol {
  /// The next element; nil at the end.
  @_alwaysEmitIntoClient public mutating func next() async throws(Failure) -> Element? {
    try await next(isolation: nil)
  }
}

/// What `for await` can go through.
public protocol AsyncSequence<Element, Failure> {
  /// What goes through it.
  associatedtype AsyncIterator: AsyncIteratorProtocol
  where AsyncIterator.Element == Element, AsyncIterator.Failure == Failure
  /// What is delivered.
  associatedtype Element
  /// What may be thrown; `Never` for nothing.
  associatedtype Failure
  /// Begins.
  func makeAsyncIterator() -> AsyncIterator
}
