import CShims

/// The processor's state at an exception, as vectors.S stored it.
@safe struct FaultFrame {
  private let stored: UnsafePointer<fault_frame>

  /// - Precondition: `stored` is what vectors.S passes, and stays as it is.
  @unsafe init(_ stored: UnsafePointer<fault_frame>) { unsafe self.stored = stored }

  /// x0 to x30.
  func register(_ index: Int) -> UInt {
    precondition(0..<31 ~= index)
    return unsafe UnsafeRawPointer(stored).load(fromByteOffset: index * 8, as: UInt.self)
  }

  /// The stack pointer before the exception.
  var sp: UInt { UInt(unsafe stored.pointee.sp) }
  /// The instruction concerned, or the next one for interrupts.
  var elr: UInt { UInt(unsafe stored.pointee.elr) }
  /// PSTATE before the exception.
  var spsr: UInt { UInt(unsafe stored.pointee.spsr) }
  /// The address concerned, where the exception has one.
  var far: UInt { UInt(unsafe stored.pointee.far) }
  /// What happened.
  var syndrome: ExceptionSyndrome { ExceptionSyndrome(rawValue: unsafe stored.pointee.esr) }

  /// The vector's place in its group of four: synchronous, IRQ, FIQ, SError.
  private var kind: UInt64 { unsafe stored.pointee.vector & 3 }

  /// True when the syndrome says what happened.
  var isSynchronous: Bool { kind == 0 }

  /// What came, when it was not the running instruction's doing.
  var kindDescription: StaticString {
    switch kind {
    case 0: "synchronous exception"
    case 1: "unexpected interrupt (IRQ)"
    case 2: "unexpected fast interrupt (FIQ)"
    default: "system error (SError)"
    }
  }
}
