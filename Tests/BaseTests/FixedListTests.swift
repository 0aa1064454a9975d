import Base
import Testing

@Suite struct FixedListTests {
  @Test func aFixedListKeepsWhatItHas() {
    var list = FixedList<2, Int>()
    #expect(list.isEmpty)
    #expect(list.append(1) && list.append(2) && !list.append(3))
    #expect(Array(list) == [1, 2])
  }

  @Test func anIndexPastAFixedListTraps() async {
    await #expect(processExitsWith: .failure) {
      let list = FixedList<2, Int>()
      _ = list[0]
    }
  }
}
