import CShims

/// Which cores a program has started and not waited for, a bit each. Core 0 alone looks.
private nonisolated(unsafe) var startedCores: UInt = 0

/// Waits for what the program has started on other cores, and left.
func finishStartedCores() {
  for core in OtherCore.all { core.wait() }
}

/// A core besides the one that the program runs on. It has its own stack of 64 KiB; classes, arrays and strings
/// live on the one heap, which any core may use, and `print` keeps lines whole.
public struct OtherCore: Sendable, Equatable {
  /// Its number: 1 to 3.
  public let number: Int

  private init(number: Int) { self.number = number }

  /// How many there are: 3, less what `cores=` and the firmware leave out.
  @export(interface) public static var count: Int { Int(Cores.onlineCount) - 1 }

  /// The cores besides core 0.
  @export(interface) public static var all: [OtherCore] {
    (1..<Cores.limit).filter { Cores.state(of: $0) == .online }.map { OtherCore(number: Int($0)) }
  }

  /// Lets it begin with `body`, and returns at once; `wait` must follow before it can begin with something else.
  ///
  /// - Returns: false when it has something to do.
  @export(interface) public func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    do throws(Cores.DispatchError) {
      try Cores.begin(on: UInt(number), body)
      unsafe startedCores |= 1 << UInt(number)
      return true
    } catch {
      return false
    }
  }

  /// Waits until it is done with what it was started with; returns at once when that was nothing. Core 0 waits, and
  /// at its end it waits for all that were started.
  @export(interface) public func wait() {
    guard unsafe startedCores & 1 << UInt(number) != 0 else { return }
    Cores.finish(on: UInt(number))
    unsafe startedCores &= ~(1 << UInt(number))
  }
}
