import Replay
import Testing

struct WorkloadTests {
  @Test(arguments: Workload.allCases)
  func dependsOnTheSeedAlone(workload: Workload) {
    let trace = workload.trace(seed: 7, operationCount: 2000)
    #expect(trace == workload.trace(seed: 7, operationCount: 2000))
    #expect(trace != workload.trace(seed: 8, operationCount: 2000))
  }

  @Test(arguments: Workload.allCases, [100, 200, 2000, 20_000])
  func hasTheLengthAskedFor(workload: Workload, operationCount: Int) {
    let trace = workload.trace(seed: 1, operationCount: operationCount)
    #expect(trace.operations.count >= operationCount / 2)
    #expect(trace.operations.count <= operationCount + 200)
  }

  @Test(arguments: Workload.allCases)
  func freesAllItAllocates(workload: Workload) {
    let trace = workload.trace(operationCount: 2000)
    let allocated = trace.operations.filter { $0.kind == .allocate }.count
    #expect(allocated == trace.operations.filter { $0.kind == .free }.count)
    #expect(allocated == trace.identifierCount)
    #expect(trace.peakLiveByteCount > 0)
  }

  /// Reading back what was written proves as well that the parser finds no fault with it.
  @Test(arguments: Workload.allCases)
  func isReadBackAsItWasWritten(workload: Workload) throws {
    let trace = workload.trace(operationCount: 2000)
    var text: [UInt8] = []
    trace.write { text.append($0) }
    #expect(try parse(bytes: text) == trace)
  }

  /// The board has a few megabytes for a benchmark's arena.
  @Test(arguments: Workload.allCases)
  func fitsTheBoard(workload: Workload) {
    #expect(workload.trace().peakLiveByteCount < 1 << 20)
  }

  @Test func writesWhatItReads() throws {
    let text = "1\n2\n5\n36\na 0 16\nr 0 20\na 1 16\nf -1\nf 1\n"
    var written: [UInt8] = []
    try parse(text).write { written.append($0) }
    #expect(written == Array(text.utf8))
  }
}
