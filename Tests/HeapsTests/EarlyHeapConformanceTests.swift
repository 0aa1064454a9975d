import Heaps
import Testing

@Suite struct EarlyHeapConformanceTests {
  @Test(arguments: ConformanceCase.allCases)
  func conforms(_ testCase: ConformanceCase) {
    HeapConformance<EarlyHeap>(reclaims: false).run(testCase)
  }
}
