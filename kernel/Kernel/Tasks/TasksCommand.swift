import Base
import CShims
import Devices
import Monitor
import _Concurrency

extension Background {
  static var commands: [Command<KernelEnvironment>] { [Command<KernelEnvironment>.tasks] }
}

extension Command<KernelEnvironment> {
  /// Shows the tasks, or runs programs of tasks.
  static var tasks: Command {
    Command(
      "tasks", "[test|run|cost|heap|misuse] [NAME]",
      "the tasks and what each core does with them, or programs of tasks"
    ) { call throws(CommandError) in
      guard let word = call.word(0) else { return call.output.writeTasks() }
      if word == "test" { return try TaskTest.run(call) }
      if word == "run" { return try TaskProgram.run(call) }
      if word == "cost" { return try TaskCost.run(call) }
      if word == "heap" { return try HeapContention.run(call) }
      if word == "misuse" { return try TaskMisuse.run(call) }
      throw .unexpected(0)
    }
  }
}

extension TextSink {
  fileprivate func writeTasks() {
    write("core  runs task     queued       runs   switches     steals      idle  sleepers\n")
    for core in 0..<TaskSystem.coreLimit where Cores.state(of: UInt(core)) == .online {
      let report = TaskSystem.report(ofCore: core)
      write(decimal: UInt(core), width: 4)
      if let task = report.task {
        write(decimal: UInt(task), width: 11)
      } else {
        write("          -")
      }
      write(decimal: report.queuedCount, width: 11)
      write(decimal: report.runCount, width: 11)
      write(decimal: report.switchCount, width: 11)
      write(decimal: report.stolenCount, width: 11)
      write(decimal: report.idleCount, width: 10)
      write(decimal: report.sleeperCount, width: 10)
      write("\n")
    }
    let counts = TaskSystem.taskCounts
    field("live tasks", count: counts.live)
    field("made", count: counts.made)
    writeEach(of: counts.live)
  }

  private func writeEach(of liveCount: UInt) {
    var list = FixedList<32, TaskReport>()
    TaskSystem.forEachTask(limit: 32) { list.append($0) }
    guard !list.isEmpty else { return }
    write("task  state          priority     age ms     bytes  name        goes on at\n")
    for task in list {
      write(decimal: UInt(task.number), width: 4)
      write("  ")
      write(task.isCancelled ? "cancelled" : task.state.words, width: 15)
      write(decimal: UInt(task.priority), width: 8)
      let age = (timer_count() &- task.startTime) / max(timer_frequency() / 1000, 1)
      write(decimal: UInt(age), width: 11)
      write(decimal: UInt(task.byteCount), width: 10)
      write("  ")
      write(task.name ?? "-")
      write(spaces: max(1, 12 - (task.name?.utf8CodeUnitCount ?? 1)))
      CodeAddress(instruction: task.resume).write(to: self)
      write("\n")
    }
    if liveCount > UInt(list.count) { field("older ones", count: liveCount - UInt(list.count)) }
  }
}
