#!/bin/sh
# check.sh MODULES: does the compiler at hand put things where kernel/Concurrency/CompilerLayout.swift says? Compiles
# Probe.swift to the compiler's intermediate text and looks. MODULES is the folder with _Concurrency.swiftmodule.
set -u
here=$(dirname "$0")
layout=$here/../../kernel/Concurrency/CompilerLayout.swift
text=$(mktemp) || exit 1
trap 'rm -f "$text"' EXIT
swiftc -target aarch64-none-none-elf -enable-experimental-feature Embedded -wmo -swift-version 6 -O \
  -parse-as-library -module-name Probe -I "$1" \
  -Xcc -fmodule-map-file="$here/../../asm/include/module.modulemap" \
  -emit-ir "$here/Probe.swift" -o "$text" || { echo 'roost: the probe of the task layout does not compile' >&2; exit 1; }

# The number that CompilerLayout.swift has for a name.
constant() { sed -n "s/.*static var $1: U*Int { \([0-9]*\) }.*/\1/p" "$layout"; }
# A function's text: the first whose name has $1.
body() { awk -v name="$1" '/^define/ && index($0, name) { on = 1 } on { print } on && /^}/ { exit }' "$text"; }

failed=
expect() { # what, the text where it must be, the words that must be there
  if ! printf '%s\n' "$2" | grep -qF -- "$3"; then
    echo "roost: task layout: $1: no \"$3\"" >&2
    failed=1
  fi
}
gep() { echo "getelementptr inbounds nuw i8, ptr $1, i64 $2"; }

give=$(body 'Probe4give')
expect 'a task keeps its context' "$give" "$(gep %0 "$(constant taskContext)")"
expect 'a continuation keeps where its value goes' "$give" "$(gep %2 "$(constant continuationResult)")"
suspend=$(body 'Probe7suspendSiyYaFTY0_')
header=$(constant contextHeader)
expect 'a context has a header' "$suspend" "%async.ctx.frameptr = $(gep %0 "$header")"
expect 'a continuation keeps its state' "$suspend" "%5 = $(gep %0 $((header + $(constant continuationState))))"
expect 'a continuation waits by changing 0 to 1' "$suspend" 'cmpxchg ptr %5, i64 0, i64 1 release acquire'
expect 'a continuation keeps where it goes on' "$suspend" "%3 = $(gep %0 $((header + $(constant contextResume))))"
expect 'a context keeps where its caller goes on' "$suspend" "$(gep %11 "$(constant contextResume)")"
make=$(body 'Probe8makeTask')
expect 'the kind of the record of a result' "$make" "store i64 $(constant resultOption), ptr %result_type_info_record"
expect 'the size of a result' "$make" 'store <2 x i64> <i64 8, i64 7>, ptr %1'
expect 'how a result is destroyed' "$make" "$(gep %result_type_info_record 48)"
expect "an actor's first field" "$(body 'Probe5PlainC4next')" \
  "$(gep %0 $(($(constant objectHeader) + $(constant actorQueue))))"
all=$(grep -E '^(declare|%swift)|swift_asyncLet_begin' "$text")
expect 'a reference to an async function' "$all" '%swift.async_func_pointer = type <{ i32, i32 }>'
for call in \
  'swiftcc %swift.async_task_and_context @swift_task_create(i64, ptr, ptr, ptr, ptr)' \
  'swifttailcc void @swift_task_switch(ptr, ptr, i64, i64)' \
  'swiftcc ptr @swift_continuation_init(ptr, i64)' \
  'swiftcc void @swift_continuation_resume(ptr)' \
  'swiftcc ptr @swift_task_alloc(i64)' \
  'swiftcc void @swift_asyncLet_begin(ptr, ptr, ptr, ptr, ptr, ptr)' \
  'swifttailcc void @swift_asyncLet_get(ptr swiftasync, ptr, ptr, ptr, ptr)' \
  'swifttailcc void @swift_asyncLet_finish(ptr, ptr, ptr, ptr, ptr)'
do expect 'a function of the runtime' "$all" "declare $call"; done

if [ -n "$failed" ]; then
  echo 'roost: this compiler lays tasks out in another way than Swift 6.3 does: kernel/Concurrency has to follow it' >&2
  exit 1
fi
