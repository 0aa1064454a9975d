import CShims
import Base
import Devices
import Handoff
import Heaps

// What the Swift runtime, and C, call. runtime.S gives these their outside names, and adds to the
// allocation hooks the address that they were called from. Later toolchains rename the hooks: this file
// and runtime.S are the only ones that know their names.

/// `posix_memalign`. The runtime looks at the pointer alone and does not check it for nil, so want of
/// memory ends here.
@c(runtime_allocate)
func runtimeAllocate(
  _ result: UnsafeMutablePointer<UnsafeMutableRawPointer?>, alignment: Int, byteCount: Int,
  caller: UInt
) -> CInt {
  let payload =
    KernelHeap.isStarted
    ? alignment <= 16
      ? unsafe KernelHeap.allocate(byteCount: byteCount, caller: caller)
      : unsafe KernelHeap.allocate(byteCount: byteCount, alignment: alignment, caller: caller)
    : unsafe allocateEarly(byteCount, alignment)
  guard let payload = unsafe payload else {
    panic("out of memory in the Swift runtime", caller: caller) { console in
      console.field("size", bytes: byteCount)
      console.field("alignment", bytes: alignment)
    }
  }
  unsafe result.pointee = payload
  return 0
}

private func allocateEarly(_ byteCount: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
  let payload = unsafe KernelState.withEarlyHeap {
    unsafe $0.allocate(byteCount: byteCount, alignment: alignment)
  }
  return unsafe payload ?? nil
}

/// `free`. What came from the early heap is counted there; a misuse ends the kernel.
@c(runtime_free)
func runtimeFree(_ payload: UnsafeMutableRawPointer?, caller: UInt) {
  guard let payload = unsafe payload else { return }
  let address = PhysicalAddress(UInt(bitPattern: payload))
  guard unsafe KernelState.handoff?.earlyHeap.value.contains(address) ?? false else {
    return unsafe KernelHeap.free(payload, caller: caller)
  }
  do throws(HeapFault) {
    _ = try KernelState.withEarlyHeap { (heap) throws(HeapFault) in
      unsafe try heap.deallocate(payload)
    }
  } catch {
    panic(error, caller: caller)
  }
}

/// `kmalloc`: at least `byteCount` bytes at a multiple of 16, or nil when there is no room.
@c(kernel_allocate)
func kernelAllocate(byteCount: Int, caller: UInt) -> UnsafeMutableRawPointer? {
  unsafe KernelHeap.allocate(byteCount: byteCount, caller: caller)
}

/// `kfree`: gives a payload of `kmalloc` back; nil does nothing, a misuse ends the kernel.
@c(kernel_free)
func kernelFree(_ payload: UnsafeMutableRawPointer?, caller: UInt) {
  unsafe KernelHeap.free(payload, caller: caller)
}

/// `arc4random_buf`: Dictionary and Set seed their hashing with it.
@c(runtime_random)
func runtimeRandom(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
  var offset = 0
  while offset < byteCount {
    let word = Randomness.next32()
    let count = min(4, byteCount - offset)
    unsafe withUnsafeBytes(of: word) {
      unsafe (memory + offset).copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: count)
    }
    offset += 4
  }
}

/// `putchar`: what the runtime says when a check fails in an unoptimised build.
@c(runtime_putchar)
func runtimePutchar(_ character: CInt) -> CInt {
  Console.buffered.write(byte: UInt8(truncatingIfNeeded: character))
  return character
}

/// `__stack_chk_fail`: the guard word in the frame of the function at `caller` was overwritten.
@c(stack_check_failed)
func stackCheckFailed(caller: UInt) {
  panic("stack overwritten: a function's guard word has changed", caller: caller)
}
