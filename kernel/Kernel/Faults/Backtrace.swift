import CShims
import Base

/// The chain of frames on a stack: each frame holds its caller's frame and return address
/// (Procedure Call Standard for the Arm 64-bit Architecture, 6.4.6).
///
/// ```
///   x29 ──> ┌──────────────┐
///           │ caller's x29 │ ──> higher up the same stack, 0 at its end
///           │ return       │
///           └──────────────┘
/// ```
/// An interrupt's frame leads from the interrupt stack back to the stack of what it interrupted.
enum Backtrace {
  private static var deepest: Int { 32 }

  /// As below, after the instruction at fault and x30: a routine without a frame of its own (all in
  /// asm/) has its caller only there. In others x30 is what they called last.
  static func write(frame: UInt, at address: UInt, link: UInt, to console: some TextSink) {
    console.write("backtrace:\n  ")
    CodeAddress(instruction: address).write(to: console)
    console.write("\n  ")
    CodeAddress(returningTo: link).write(to: console)
    console.write(" (x30)\n")
    writeFrames(from: frame, to: console)
  }

  /// Writes the return addresses from the frame at `frame` outwards, one a line. A frame that is not
  /// on a stack, or not above the one before, ends the list; so nothing unmapped is read.
  static func write(frame: UInt, to console: some TextSink) {
    console.write("backtrace:\n")
    writeFrames(from: frame, to: console)
  }

  /// True when both are on stacks that have names: an interrupt's frame leads from its own to another.
  private static func isOtherStack(_ a: UInt, _ b: UInt) -> Bool {
    KernelStacks.holding(a)?.bottom != KernelStacks.holding(b)?.bottom
  }

  private static func writeFrames(from first: UInt, to console: some TextSink) {
    var frame = first
    var count = 0
    while let next = unsafe StackFrame(at: frame) {
      guard next.returnAddress != 0 else { return }
      console.write("  ")
      CodeAddress(returningTo: next.returnAddress).write(to: console)
      console.write("\n")
      guard image_start()..<text_end() ~= next.returnAddress else {
        return console.write("  (not in the kernel's text: the stack is damaged)\n")
      }
      count += 1
      guard count < deepest else { return console.write("  ...\n") }
      guard next.caller > frame || isOtherStack(next.caller, frame) else { return }
      frame = next.caller
    }
    if frame != 0 {
      console.write("  (frame ")
      console.write(hex: frame)
      console.write(" is not on a stack)\n")
    }
  }
}

/// A frame that was read from a stack.
private struct StackFrame {
  let caller: UInt
  let returnAddress: UInt

  /// Reads the frame at `address`; nil when that is not all inside one of the stacks.
  @unsafe init?(at address: UInt) {
    let size: UInt = 16
    let isOnStack =
      boot_stack_bottom()...(boot_stack_top() - size) ~= address
      || fault_stack_bottom()...(fault_stack_top() - size) ~= address
      || KernelStacks.hold(address, byteCount: size)
    guard isOnStack, address.isMultiple(of: 8),
      let words = unsafe UnsafePointer<UInt>(bitPattern: address)
    else { return nil }
    unsafe (caller, returnAddress) = (words[0], words[1])
  }
}
