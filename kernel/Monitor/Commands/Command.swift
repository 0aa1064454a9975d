import Base

/// A command of the monitor. docs/add-a-command.md shows how to write one.
public struct Command<Environment: MonitorEnvironment> {
  /// What a command does. It gets the arguments, already counted against `usage`; it reads them all
  /// before it changes anything, and throws the one thing that it has to complain about.
  public typealias Action = (CommandCall<Environment>) throws(CommandError) -> Void

  /// The word that is typed.
  public let name: StaticString

  /// An older name, by which it can be typed as well; empty for none.
  public let alias: StaticString

  /// The arguments, a word each: as it is where it must be given, `[in brackets]` where it may be
  /// left out. Empty for a command without arguments.
  public let usage: StaticString

  /// What the command does, in a few words, for `help`.
  public let summary: StaticString

  let action: Action

  /// The words that the first argument may be, numbered from 0: a tab completes them.
  private(set) var kinds: ((Int) -> ShortText?)?

  /// A command `name` without arguments.
  public init(
    _ name: StaticString, alias: StaticString = "", _ summary: StaticString,
    action: @escaping Action
  ) {
    self.init(name, alias: alias, "", summary, action: action)
  }

  /// A command `name` with the arguments `usage`.
  public init(
    _ name: StaticString, alias: StaticString = "", _ usage: StaticString,
    _ summary: StaticString, action: @escaping Action
  ) {
    self.name = name
    self.alias = alias
    self.usage = usage
    self.summary = summary
    self.action = action
  }

  /// The same command, whose first argument is one of `kinds`.
  public func offering<Kind: TypedKind>(_ kinds: Kind.Type) -> Command {
    var command = self
    command.kinds = { Kind.word(at: $0) }
    return command
  }

  /// The name as it is typed.
  var typedName: ShortText { ShortText(name) ?? ShortText() }

  /// True when `word` is the command's name or its older one.
  func isNamed(_ word: ShortText) -> Bool {
    word == name || alias.utf8CodeUnitCount > 0 && word == alias
  }

  /// The name of the argument at `index`, without brackets; nil when the command has no such one.
  func argument(at index: Int) -> CommandArgument? {
    CommandArgument(at: index, in: usage)
  }
}

/// An argument as a command's usage names it.
struct CommandArgument {
  /// The argument's name, without brackets.
  let name: ShortText
  /// False when it may be left out.
  let isRequired: Bool

  /// The argument at `index` of `usage`, counted from 0; nil when there are not so many.
  init?(at index: Int, in usage: StaticString) {
    guard let text = ShortText(usage), var word = text.word(at: index) else { return nil }
    isRequired = word[0] != UInt8(ascii: "[")
    if !isRequired {
      word.remove(at: word.count - 1)
      word.remove(at: 0)
    }
    name = word
  }
}
