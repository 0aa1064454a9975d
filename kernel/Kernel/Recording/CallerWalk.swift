import CShims
import Record

/// Finds the callers of a call of the heap on the stack, while the heap's lock is held. It reads frames on
/// the running core's own stacks only, and each above the one before, so damaged ones end it.
enum CallerWalk {
  /// Puts `caller` and what called it into `chain`, `depth` addresses at most.
  ///
  /// The frame that holds `caller` as its return address is the heap's own; the frame that it names is that
  /// of the function at `caller`, and so on outwards (Procedure Call Standard, 6.4.6).
  @inline(__always)
  static func addCallers(from caller: UInt, depth: Int, to chain: inout CallerChain) {
    if caller != 0 { chain.append(caller) }
    if depth == 1, caller != 0 { return }
    var frame = read_frame_pointer()
    let top = stackTop(of: frame)
    var isOutside = caller == 0
    var passed = 0
    while chain.count < depth, let next = unsafe Frame(at: frame, below: top) {
      guard image_start()..<text_end() ~= next.returnAddress else { return }
      if isOutside {
        chain.append(next.returnAddress)
      } else if next.returnAddress == caller {
        isOutside = true
      } else if passed == 12 {
        return  // the heap's own frames are never so many
      }
      passed += 1
      guard next.caller > frame else { return }
      frame = next.caller
    }
  }

  /// The end of the stack that `frame` is on; 0 for none of this core's.
  private static func stackTop(of frame: UInt) -> UInt {
    let data = unsafe core_data_of(core_number())
    let interrupt = UInt(unsafe data.pointee.interrupt_stack_top)
    if interrupt &- frame <= 32 << 10 { return interrupt }
    if boot_stack_bottom()..<boot_stack_top() ~= frame { return boot_stack_top() }
    let own = UInt(unsafe data.pointee.stack_top)
    return own &- frame <= 64 << 10 ? own : 0
  }

  private struct Frame {
    let caller: UInt
    let returnAddress: UInt

    @unsafe init?(at address: UInt, below top: UInt) {
      guard address.isMultiple(of: 8), address < top, top - address >= 16,
        let words = unsafe UnsafePointer<UInt>(bitPattern: address)
      else { return nil }
      unsafe (caller, returnAddress) = (words[0], words[1])
    }
  }
}
