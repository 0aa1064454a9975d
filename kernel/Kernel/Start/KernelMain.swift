import CShims

/// Called by start.S on core 0 at EL1, with the MMU and the caches on and interrupts masked.
///
/// - Parameter x0: what the firmware passed, untrusted.
@c(kernel_main)
func kernelMain(x0: UInt) {
  Console.open()  // the UART at its clock's rate
  BoardFacts.tellOddities()  // an unknown board, a counter without a frequency
  MemoryBoot.readHandoff(x0: x0)  // memory, what is taken, the command line
  MemoryBoot.startEarlyHeap()  // Swift may allocate
  RuntimeCheck.verifyEarlyHeap()  // and does
  MemoryBoot.startPages()  // an owner for every frame
  MemoryBoot.startMap()  // nothing writable is executable, nil faults
  MemoryBoot.startHeap()  // the runtime moves to the kernel heap, which may grow
  Display.open()  // what is said shows there too
  RuntimeCheck.verifyMoveToKernelHeap()  // what it frees of the old one is counted there
  RuntimeCheck.verifyMemoryReturns()  // and gets back what the runtime takes
  Background.start()  // in a kernel with tasks: queues for them
  Interrupts.start()  // ticks, and the terminal by interrupt
  Cores.startAll()  // as many as `cores=` allows
  KernelMonitor.run()  // what was found, `run=`, and the prompt
}
