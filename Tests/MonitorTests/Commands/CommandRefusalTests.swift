import Testing

/// Bad input: one line, and nothing done.
@Suite struct CommandRefusalTests {
  @Test(arguments: [
    ("heep", #"unknown command "heep"; type help for the commands"#),
    ("HEAP", #"unknown command "HEAP"; type help for the commands"#),
    ("help heep", #"help: COMMAND "heep" is not a command"#),
    ("help a b", #"help: unexpected "b"; usage: help [COMMAND]"#),
    ("version 1", #"version: unexpected "1"; usage: version"#),
    ("memory all", #"memory: unexpected "all"; usage: memory"#),
    ("pages run", #"pages: unexpected "run"; usage: pages [runs]"#),
    ("pages runs 1", #"pages: unexpected "1"; usage: pages [runs]"#),
    ("heap 1", #"heap: unexpected "1"; usage: heap [segments]"#),
    ("heap segments x", #"heap: unexpected "x"; usage: heap [segments]"#),
    ("check heap", #"check: unexpected "heap"; usage: check"#),
    ("alloc", "alloc: N is missing; usage: alloc N [ALIGN]"),
    ("alloc ten", #"alloc: N "ten" is not a number"#),
    ("alloc -1", #"alloc: N "-1" is not a number"#),
    ("alloc 99999999999999999999", #"alloc: N "99999999999999999999" is too large"#),
    ("alloc 1 x", #"alloc: ALIGN "x" is not a number"#),
    ("alloc 1 24", #"alloc: ALIGN "24" is not a power of two"#),
    ("alloc 1 0", #"alloc: ALIGN "0" is not a power of two"#),
    ("alloc 1 16 3", #"alloc: unexpected "3"; usage: alloc N [ALIGN]"#),
    ("free", "free: ADDRESS is missing; usage: free ADDRESS"),
    ("free here", #"free: ADDRESS "here" is not a number"#),
    ("free 1 2", #"free: unexpected "2"; usage: free ADDRESS"#),
    (
      "panic now",
      #"panic: KIND "now" is not one of request trap overflow read write execute undefined "#
        + "unaligned stack heap memory guard nested text data heapcode null below above unclaimed "
        + "promise overrun stale"
    ),
    ("reboot now", #"reboot: unexpected "now"; usage: reboot"#),
    ("halt 0", #"halt: unexpected "0"; usage: halt"#),
  ])
  func oneLineAndNothingDone(line: String, complaint: String) {
    let kernel = FakeKernel()
    #expect(output(of: line, on: kernel) == complaint + "\n")
    #expect(kernel.acts.isEmpty)
  }
}
