import Testing

@testable import Heaps

/// Exact best fit: of all free segments that can hold a request, a smallest one is taken.
@Suite struct ExactFitTests {
  /// A million operations in small heaps, `check()` after each, which is before the next.
  @Test(arguments: [
    ExactFitRun.Plan(byteCount: 1024, seed: 101, operations: 150_000),
    ExactFitRun.Plan(byteCount: 2048, seed: 102, operations: 150_000),
    ExactFitRun.Plan(byteCount: 3072, seed: 103, operations: 150_000),
    ExactFitRun.Plan(byteCount: 4096, seed: 104, operations: 150_000, mostBytes: 300),
    ExactFitRun.Plan(byteCount: 6144, seed: 105, operations: 100_000, mostBytes: 600),
    ExactFitRun.Plan(byteCount: 3000, seed: 106, operations: 100_000, regions: 2),
    ExactFitRun.Plan(byteCount: 6000, seed: 107, operations: 100_000, regions: 3),
    ExactFitRun.Plan(byteCount: 16384, seed: 108, operations: 60_000, mostBytes: 2000),
    ExactFitRun.Plan(byteCount: 12288, seed: 109, operations: 40_000, regions: 2, mostBytes: 900),
    ExactFitRun.Plan(byteCount: 2048, seed: 110, operations: 150_000, isHardened: true),
    ExactFitRun.Plan(
      byteCount: 6000, seed: 111, operations: 100_000, regions: 3, isHardened: true),
    ExactFitRun.Plan(
      byteCount: 16384, seed: 112, operations: 60_000, mostBytes: 2000, isHardened: true),
  ])
  func smallHeaps(_ plan: ExactFitRun.Plan) { expectNoComplaint(plan) }

  /// Larger heaps, whose tries are deeper and whose classes are more.
  @Test(arguments: [
    ExactFitRun.Plan(byteCount: 65536, seed: 201, operations: 20_000, checkEvery: 50),
    ExactFitRun.Plan(
      byteCount: 262_144, seed: 202, operations: 10_000, checkEvery: 100, mostBytes: 5000),
    ExactFitRun.Plan(
      byteCount: 1_048_576, seed: 203, operations: 6000, checkEvery: 200, mostBytes: 40000),
    ExactFitRun.Plan(
      byteCount: 4_194_304, seed: 204, operations: 4000, checkEvery: 200, mostBytes: 60000),
    ExactFitRun.Plan(
      byteCount: 1_048_576, seed: 205, operations: 6000, checkEvery: 200, mostBytes: 40000,
      isHardened: true),
  ])
  func largeHeaps(_ plan: ExactFitRun.Plan) { expectNoComplaint(plan) }

  private func expectNoComplaint(_ plan: ExactFitRun.Plan) {
    var plan = plan
    plan.operations = TestLength.scaled(plan.operations, share: plan.operations < 30_000 ? 4 : 30)
    print("best fit against the model: \(plan)")
    var run = ExactFitRun(plan)
    let complaint = run.run()
    #expect(complaint == nil)
    #expect(run.expected.failureCount > 0 && run.expected.allocationCount > plan.operations / 4)
  }
}
