import Heaps
import Testing

@Suite struct SegmentHeapConformanceTests {
  @Test(arguments: ConformanceCase.allCases)
  func conforms(_ testCase: ConformanceCase) {
    HeapConformance<SegmentHeap>(operations: TestLength.scaled(8000)).run(testCase)
  }
}
