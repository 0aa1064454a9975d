// Debug mode (to be filled)
extension SegmentHeap {
  func enterDebugMode() { first.control.debug = 1; takeLongWay() }
  func allocateDebug(_ request: UInt, _ alignment: UInt, _ caller: UInt) -> UInt { 0 }
  func deallocateDebug(_ address: UInt, _ caller: UInt) throws(HeapFault) {}
  func requestedDebug(_ address: UInt) throws(HeapFault) -> UInt { 0 }
  func reallocateDebug(_ address: UInt, _ request: UInt, _ alignment: UInt, _ caller: UInt)
    throws(HeapFault) -> UnsafeMutableRawPointer?
  { nil }
  func checkDebug() throws(HeapFault) {}
}
