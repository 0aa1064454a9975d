import CShims
import Base

/// An address of code, for reports: shown with the function that it lies in. Never allocates; reads the image's
/// constants alone, so it works when the heap is broken.
struct CodeAddress {
  private let address: UInt
  /// True for a return address: the call is the instruction before it, and in a call that never returns
  /// the next function may begin at it.
  private let isReturn: Bool

  /// The instruction at `address`.
  init(instruction address: UInt) { (self.address, isReturn) = (address, false) }

  /// Where a call returns to.
  init(returningTo address: UInt) { (self.address, isReturn) = (address, true) }

  /// Writes `0x0024753c KernelHeap.allocate(byteCount:alignment:caller:) + 84`, or the address alone.
  func write(to console: some TextSink) {
    console.write(hex: address)
    let instruction = isReturn ? address &- 4 : address
    guard image_start()..<text_end() ~= instruction,
      let names = unsafe FunctionNames(Self.table),
      let function = names.function(at: instruction - image_start())
    else { return }
    console.write(" ")
    names.write(function, to: console)
    console.write(" + ")
    console.write(decimal: address - image_start() - function.start)
  }

  @unsafe private static var table: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(
      start: UnsafeRawPointer(bitPattern: names_start()), count: Int(names_end() - names_start()))
  }
}

extension TextSink {
  /// Writes `key: ` and where a call returns to.
  func field(_ key: StaticString, caller address: UInt) {
    write(key)
    write(": ")
    CodeAddress(returningTo: address).write(to: self)
    write("\n")
  }
}
