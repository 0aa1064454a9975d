import Heaps
import Testing

@Suite struct HeapWordsTests {
  @Test func everyFaultHasItsWords() {
    let words = HeapFault.Kind.allCases.map { "\($0.description)" }
    #expect(Set(words).count == words.count && !words.contains(""))
  }

  @Test func fragmentationIsTheShareOutsideTheLargest() {
    var statistics = HeapStatistics()
    #expect(statistics.fragmentationPerMille == 0)
    (statistics.freeBytes, statistics.largestFreeSegmentBytes) = (1000, 1000)
    #expect(statistics.fragmentationPerMille == 0)
    statistics.largestFreeSegmentBytes = 250
    #expect(statistics.fragmentationPerMille == 750)
  }
}
