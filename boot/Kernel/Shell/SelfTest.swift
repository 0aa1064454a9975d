import Assembly
import Devices
import Memory
import Monitor

extension Command<KernelEnvironment> {
  /// Every command of the kernel: the monitor's, and those that need the board.
  static var ofTheKernel: [Command] { all + [selfTest, bench] }

  /// Runs the tests that only the board can run.
  static var selfTest: Command {
    Command("selftest", "prove the memory routines and Swift's types on this board") {
      call throws(CommandError) in
      let size = MemoryRoutineCheck.byteCount
      guard let memory = unsafe KernelHeap.allocate(byteCount: size, alignment: 64) else {
        throw .failedFor("out of memory", byteCount: UInt(size))
      }
      let failure = unsafe MemoryRoutineCheck(memory: memory).run()
      do throws(HeapFault) {
        unsafe try KernelHeap.deallocate(memory)
      } catch {
        throw .failedAt(error.kind.words, address: error.address)
      }
      if let failure { throw .failed(failure) }
      call.output.write("self-test memory routines: passed\n")
      RuntimeCheck.proveMemoryReturns()
    }
  }
}
