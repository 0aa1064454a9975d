/// Who handles which interrupt. The names are for people: `interrupts` shows them.
public final class InterruptTable {
  /// What a handler does. It runs with interrupts masked on the core whose number it is given, on that
  /// core's interrupt stack; it quiets the source, and never waits.
  public typealias Handler = (_ core: UInt) -> Void

  /// Why a handler was not registered.
  public enum RegistrationError: Error, Equatable, Sendable {
    /// The source has a handler.
    case taken(by: InterruptSource)
  }

  private struct Entry {
    let name: StaticString
    let handler: Handler
  }

  private var entries: [Entry?]

  /// A table without handlers, for sources with raw values below `limit`.
  public init(limit: Int = InterruptSource.limit) {
    entries = Array(repeating: nil, count: limit)
  }

  /// Makes `handler` the one for `source`, under `name`. Before interrupts are enabled for `source`.
  public func register(
    _ source: InterruptSource, as name: StaticString, handler: @escaping Handler
  ) throws(RegistrationError) {
    guard entries[Int(source.rawValue)] == nil else { throw .taken(by: source) }
    entries[Int(source.rawValue)] = Entry(name: name, handler: handler)
  }

  /// The name of `source`'s handler; nil when it has none.
  public func name(of source: InterruptSource) -> StaticString? {
    entries[Int(source.rawValue)]?.name
  }

  /// Runs `source`'s handler; false when it has none.
  public func handle(_ source: InterruptSource, core: UInt) -> Bool {
    guard let entry = entries[Int(source.rawValue)] else { return false }
    entry.handler(core)
    return true
  }
}
