import Swift

// What the compiler looks for when it meets an `async let`. Its code is in RuntimeFunctions.swift and tasks.S.

/// Part of the language.
@_silgen_name("swift_asyncLet_start")
public func _asyncLetStart<T>(
  asyncLet: Builtin.RawPointer, options: Builtin.RawPointer?,
  operation: @Sendable () async throws -> T)

/// Part of the language.
@_silgen_name("swift_asyncLet_get")
public func _asyncLet_get(
  _ asyncLet: Builtin.RawPointer, _ resultBuffer: Builtin.RawPointer) async

/// Part of the language.
@_silgen_name("swift_asyncLet_get_throwing")
public func _asyncLet_get_throwing(
  _ asyncLet: Builtin.RawPointer, _ resultBuffer: Builtin.RawPointer) async throws

/// Part of the language.
@_silgen_name("swift_asyncLet_finish")
public func _asyncLet_finish(
  _ asyncLet: Builtin.RawPointer, _ resultBuffer: Builtin.RawPointer) async
