import CShims

/// A core besides the one that the program runs on. It has its own stack of 64 KiB; classes, arrays and strings
/// live on the one heap, which any core may use, and `print` keeps lines whole.
public struct OtherCore: Sendable, Equatable {
  /// Its number: 1 to 3.
  public let number: Int

  private init(number: Int) { self.number = number }

  /// How many there are: 3, less what `cores=` and the firmware leave out.
  @export(interface) public static var count: Int { Int(Cores.onlineCount) - 1 }

  /// The cores besides core 0.
  public static var all: [OtherCore] {
    (1..<4).filter { isOnline($0) }.map { OtherCore(number: $0) }
  }

  @export(interface) static func isOnline(_ number: Int) -> Bool {
    Cores.state(of: UInt(number)) == .online
  }

  /// Lets it begin with `body`, and returns at once; `wait` must follow before it can begin with something else.
  ///
  /// - Returns: false when it has something to do.
  @export(interface) public func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    do throws(Cores.DispatchError) {
      try Cores.begin(on: UInt(number), body)
      return true
    } catch {
      return false
    }
  }

  /// Waits until it is done with what it was started with.
  @export(interface) public func wait() { Cores.finish(on: UInt(number)) }
}
