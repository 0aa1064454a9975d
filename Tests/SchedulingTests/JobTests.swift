import Scheduling
import Testing

@Suite struct JobTests {
  @Test func levelsFollowSwiftsPriorities() {
    let levels: [(UInt8, Int)] = [
      (0x21, 0), (0x19, 0), (0x16, 0), (0x15, 1), (0x12, 1), (0x11, 2), (0x0a, 2), (0x09, 3),
      (0, 3),
    ]
    for (priority, level) in levels {
      #expect(ModelTask(0, turns: 0, priority: priority).job.level == level)
    }
  }

  @Test func aPriorityCanChange() {
    let task = ModelTask(7, turns: 0, priority: 0x09)
    task.job.priority = 0x19
    #expect(task.job.priority == 0x19)
    #expect(task.job.kind == .task)
    #expect(unsafe task.words.pointee.number == 7)
  }

  @Test func listsKeepTheOrder() {
    let tasks = (0..<5).map { ModelTask($0, turns: 0) }
    var list = JobList()
    #expect(list.isEmpty)
    for task in tasks { list.append(task.job) }
    for task in tasks { #expect(list.removeFirst() == task.job) }
    #expect(list.removeFirst() == nil)
    list.append(tasks[2].job)
    #expect(list.removeFirst() == tasks[2].job)
    #expect(list.isEmpty)
  }
}
