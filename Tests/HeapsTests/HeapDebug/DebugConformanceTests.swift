import Heaps
import Testing

@Suite struct DebugConformanceTests {
  @Test(arguments: ConformanceCase.allCases)
  func conforms(_ testCase: ConformanceCase) {
    HeapConformance<DebugHeap>(operations: 3000).run(testCase)
  }

  @Test(arguments: ConformanceCase.allCases)
  func theSameHeapWithoutDebugModeConforms(_ testCase: ConformanceCase) {
    HeapConformance<SegmentHeap>(operations: 3000).run(testCase)
  }
}
