import Memory
import Testing

@Suite struct SegmentHeapConformanceTests {
  @Test(arguments: ConformanceCase.allCases)
  func conforms(_ testCase: ConformanceCase) { HeapConformance<SegmentHeap>().run(testCase) }
}
