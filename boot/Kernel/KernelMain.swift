import Assembly

@c(kernel_main)
public func kernelMain(firmware: UInt) {
  let hello: StaticString = "hello\r\n"
  unsafe UnsafeBufferPointer(start: hello.utf8Start, count: hello.utf8CodeUnitCount)
    .forEach { mmio_write(0x3F20_1000, UInt32($0)) }
  mmio_write(0x3F20_1000, UInt32(hello.utf8CodeUnitCount) + 48)
  var a = [1, 2, 3]
  a.append(Int(firmware))
  if "\(a)".count > 5 { mmio_write(0x3F20_1000, 65) }
  semihosting_exit(7)
}

@c(runtime_allocate)
public func runtimeAllocate(
  _ out: UnsafeMutablePointer<UnsafeMutableRawPointer?>, alignment: Int, size: Int, caller: UInt
) -> CInt {
  unsafe out.pointee = UnsafeMutableRawPointer(bitPattern: top)
  unsafe top += UInt((size + 15) & ~15)
  return 0
}
nonisolated(unsafe) var top: UInt = 0x100000

@c(runtime_free)
public func runtimeFree(_ p: UnsafeMutableRawPointer?, caller: UInt) {}
@c(fault_report)
public func faultReport(_ p: UnsafeMutablePointer<fault_frame>) {
mmio_write(0x3F20_1000, 70)
halt_core()
}
@c(fault_nested)
public func faultNested(_ p: UnsafeMutablePointer<fault_frame>) { halt_core() }
@c(stack_check_failed)
public func stackCheckFailed(caller: UInt) { halt_core() }
@c(kernel_allocate)
public func kernelAllocate(byteCount: Int, caller: UInt) -> UnsafeMutableRawPointer? { nil }
@c(kernel_free)
public func kernelFree(_ p: UnsafeMutableRawPointer?, caller: UInt) {}
@c(runtime_random)
public func runtimeRandom(_ p: UnsafeMutableRawPointer?, byteCount: Int) {}
@c(runtime_putchar)
public func runtimePutchar(_ c: CInt) -> CInt { c }
