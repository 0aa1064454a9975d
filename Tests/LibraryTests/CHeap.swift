import CSegmentHeap
import SegmentHeapC

/// The functions of segment_heap.h with addresses in place of pointers, 0 for NULL.
@safe struct CHeap {
  let pointer: OpaquePointer?

  /// NULL in place of a heap.
  init() { unsafe pointer = nil }

  /// Which of the functions makes it.
  enum Kind: CaseIterable { case plain, hardened, debug }

  init(memory: UInt, size: Int, _ kind: Kind) {
    let memory = unsafe Self.pointer(memory)
    switch kind {
    case .plain: unsafe pointer = segment_heap_create(memory, size)
    case .hardened:
      unsafe pointer = segment_heap_create_hardened(memory, size, 0x0123_4567_89ab_cdef)
    case .debug: unsafe pointer = segment_heap_create_debug(memory, size)
    }
  }

  var isNull: Bool { unsafe pointer == nil }

  func addRegion(_ memory: UInt, _ size: Int) -> CInt {
    unsafe segment_heap_add_region(pointer, Self.pointer(memory), size)
  }
  func allocate(_ size: Int) -> UInt {
    UInt(bitPattern: unsafe segment_heap_allocate(pointer, size))
  }
  func allocate(_ size: Int, alignment: Int) -> UInt {
    UInt(bitPattern: unsafe segment_heap_allocate_aligned(pointer, alignment, size))
  }
  func reallocate(_ payload: UInt, _ size: Int) -> UInt {
    UInt(bitPattern: unsafe segment_heap_reallocate(pointer, Self.pointer(payload), size))
  }
  func reallocate(_ payload: UInt, _ size: Int, alignment: Int) -> UInt {
    UInt(
      bitPattern: unsafe segment_heap_reallocate_aligned(
        pointer, Self.pointer(payload), alignment, size))
  }
  func free(_ payload: UInt) -> CInt {
    unsafe segment_heap_free(pointer, Self.pointer(payload))
  }
  func usableSize(_ payload: UInt) -> Int {
    unsafe segment_heap_usable_size(pointer, Self.pointer(payload))
  }
  func check() -> CInt { unsafe segment_heap_check(pointer) }
  func lastFault() -> CInt { unsafe segment_heap_last_fault(pointer) }

  func statistics() -> (code: CInt, numbers: segment_heap_statistics) {
    var numbers = segment_heap_statistics()
    let code = unsafe segment_heap_get_statistics(pointer, &numbers)
    return (code, numbers)
  }
  func statisticsToNowhere() -> CInt { unsafe segment_heap_get_statistics(pointer, nil) }

  func explain(_ payload: UInt) -> (code: CInt, fault: segment_heap_fault) {
    var fault = segment_heap_fault()
    let code = unsafe segment_heap_explain(pointer, Self.pointer(payload), &fault)
    return (code, fault)
  }
  func explainToNowhere(_ payload: UInt) -> CInt {
    unsafe segment_heap_explain(pointer, Self.pointer(payload), nil)
  }

  static func name(_ code: CInt) -> String? {
    unsafe segment_heap_fault_name(code).map { unsafe String(cString: $0) }
  }

  private static func pointer(_ address: UInt) -> UnsafeMutableRawPointer? {
    unsafe UnsafeMutableRawPointer(bitPattern: address)
  }
}

/// Memory for a heap, given back with the test.
@safe final class Arena {
  private let base: UnsafeMutableRawPointer
  let size: Int

  init(_ size: Int = 16384) {
    unsafe base = .allocate(byteCount: size + 16, alignment: 16)
    // Not what an earlier test's heap left: the same in each run.
    unsafe base.initializeMemory(as: UInt8.self, repeating: 0xA7, count: size + 16)
    self.size = size
  }

  deinit { unsafe base.deallocate() }

  var start: UInt { UInt(bitPattern: unsafe base) }

  func heap(_ kind: CHeap.Kind = .plain) -> CHeap { CHeap(memory: start, size: size, kind) }

  /// The 64-bit word at an address inside.
  subscript(address: UInt) -> UInt64 {
    get { unsafe base.load(fromByteOffset: Int(address - start), as: UInt64.self) }
    set {
      unsafe base.storeBytes(
        of: newValue, toByteOffset: Int(address - start), as: UInt64.self)
    }
  }
}
