#!/bin/sh
# compile-program.sh OBJECT MODULES FOLDER FLAG...: compiles the Swift files of FOLDER, a program of one's own, against
# the kernel's MODULES, as the kernel itself is compiled (toolset.json). `main` becomes `program_main`, which the
# kernel calls.
set -eu
object=$1 modules=$2 folder=$3
shift 3
for option in $(sed -n '/extraCLIOptions/,/\]/p' boot/toolset.json | grep -o '"-*[^"]*"' | sed 1d | tr -d '"'); do
    set -- "$@" "$option"
done
# Without main.swift a type has @main: no file's top level runs.
[ -e "$folder/main.swift" ] || set -- "$@" -parse-as-library
# Language mode 5: in mode 6 a variable at top level wants an actor, which only TASKS=1 brings.
swiftc -c -o "$object" -module-name Program -target aarch64-none-none-elf -swift-version 5 -g \
    -I "$modules" -I asm/include -Xfrontend -entry-point-function-name -Xfrontend program_main \
    "$@" "$folder"/*.swift
llvm-nm "$object" | grep -q ' T program_main$' || {
    rm "$object"
    echo "roost: $folder: nothing to run: no main.swift, and no type with @main" >&2
    exit 1
}
