import CShims

/// Two ways to lose memory, for `inject leak`: what `leaks` must find, with the lines that allocate it.
enum LeakInjection {
  private final class Parent {
    var child: Child?
  }

  private final class Child {
    var parent: Parent?
    private let load = InlineArray<64, UInt>(repeating: 0x1eaf)
  }

  /// Bytes of the payload that is lost.
  static var lostByteCount: Int { 3000 }

  /// Loses two instances that keep each other, and a payload whose address nobody keeps.
  static func lose() {
    loseCycle()
    losePointer()
  }

  // Not optimised: what nobody can tell from nothing would not be allocated at all.
  @_optimize(none) private static func loseCycle() {
    let parent = Parent()
    let child = Child()
    parent.child = child
    child.parent = parent
  }

  @_optimize(none) private static func losePointer() {
    let payload = unsafe kmalloc(lostByteCount)
    guard let payload = unsafe payload else { return }
    unsafe payload.storeBytes(of: 0x1eaf, as: UInt.self)
  }
}
