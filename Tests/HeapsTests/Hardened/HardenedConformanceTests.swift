import Heaps
import Testing

/// A hardened heap does what any heap does.
@Suite struct HardenedConformanceTests {
  @Test(arguments: ConformanceCase.allCases)
  func conforms(_ testCase: ConformanceCase) {
    HeapConformance<HeapWithOptions<Hardened>>(operations: 3000).run(testCase)
  }

  @Test(arguments: ConformanceCase.allCases)
  func conformsInDebugMode(_ testCase: ConformanceCase) {
    HeapConformance<HeapWithOptions<HardenedDebug>>(operations: 1500).run(testCase)
  }
}
