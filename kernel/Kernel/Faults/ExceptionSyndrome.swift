/// ESR_EL1 in words (Arm Architecture Reference Manual, D13.2.37).
struct ExceptionSyndrome {
  let rawValue: UInt64

  /// EC, bits 31:26: what kind of exception.
  var exceptionClass: UInt64 { rawValue >> 26 & 0x3f }

  /// ISS, bits 24:0: what the class makes of it.
  var details: UInt64 { rawValue & 0x1ff_ffff }

  var classDescription: StaticString {
    switch exceptionClass {
    case 0x00: "undefined instruction"
    case 0x01: "trapped wfi or wfe"
    case 0x07: "trapped floating-point or SIMD instruction"
    case 0x0e: "illegal execution state"
    case 0x11, 0x15: "supervisor call"
    case 0x12, 0x16: "hypervisor call"
    case 0x13, 0x17: "secure monitor call"
    case 0x18: "trapped system register access"
    case 0x20, 0x21: "instruction abort"
    case 0x22: "misaligned program counter"
    case 0x24, 0x25: "data abort"
    case 0x26: "misaligned stack pointer"
    case 0x28, 0x2c: "floating-point exception"
    case 0x2f: "SError interrupt"
    case 0x30, 0x31: "hardware breakpoint"
    case 0x32, 0x33: "single step"
    case 0x34, 0x35: "watchpoint"
    case 0x38, 0x3c: "breakpoint instruction"
    default: "unknown exception class"
    }
  }

  /// True for instruction and data aborts: FAR is valid, and `faultStatusDescription` says why.
  var isAbort: Bool { 0x20...0x21 ~= exceptionClass || isDataAbort }

  /// True for an abort of a load or store.
  var isDataAbort: Bool { 0x24...0x25 ~= exceptionClass }

  /// True for what sets FAR_EL1.
  var hasAddress: Bool { isAbort || exceptionClass == 0x22 || 0x34...0x35 ~= exceptionClass }

  /// True for a data abort by a store (WnR).
  var isWrite: Bool { isDataAbort && details & 1 << 6 != 0 }

  /// IFSC or DFSC, bits 5:0: why an access failed.
  var faultStatus: UInt64 { details & 0x3f }

  var faultStatusDescription: StaticString {
    switch faultStatus {
    case 0x00...0x03: "address size fault"
    case 0x04...0x07: "translation fault: nothing is mapped there"
    case 0x08...0x0b: "access flag fault"
    case 0x0c...0x0f: "permission fault"
    case 0x10: "external abort"
    case 0x14...0x17: "external abort on a table walk"
    case 0x18: "parity or ECC error"
    case 0x1c...0x1f: "parity or ECC error on a table walk"
    case 0x21: "alignment fault"
    case 0x30: "TLB conflict"
    case 0x34: "lockdown fault"
    case 0x35: "unsupported exclusive or atomic access"
    default: "unknown fault status"
    }
  }

  /// True when the mapping forbids the access.
  var isPermissionFault: Bool { 0x0c...0x0f ~= faultStatus }

  /// The table level that a translation, access flag or permission fault names.
  var level: UInt64? { 0x00...0x0f ~= faultStatus ? faultStatus & 3 : nil }

  /// BRK's number, when that is what happened. Swift traps with 1.
  var breakpointNumber: UInt64? { exceptionClass == 0x3c ? details & 0xffff : nil }
}
