extension Command {
  /// Every command, in the order in which `help` lists them. A new command is one line here.
  public static var all: [Command] {
    [
      .help,
      .version,
      .memory,
      .pages,
      .translate,
      .heap,
      .check,
      .alloc,
      .free,
      .freeAnyway,
      .panic,
      .reboot,
      .halt,
    ]
  }
}
