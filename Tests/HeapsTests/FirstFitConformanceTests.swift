import Heaps
import Testing

@Suite struct FirstFitConformanceTests {
  @Test(arguments: ConformanceCase.allCases)
  func conforms(_ testCase: ConformanceCase) { HeapConformance<FirstFitHeap>().run(testCase) }
}
