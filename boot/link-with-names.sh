#!/bin/sh
# link-with-names.sh KERNEL.elf LINKER ARGUMENTS...: links the kernel, and its table of names into it.
#
# The table can only be made from a linked kernel, so the link is done twice: without a table, then with
# room for it. Functions lie before everything that the room moves; should one move all the same, the table
# is made again, and from then on nothing does. What comes out names every function as it lies, or nothing
# comes out.
set -eu
elf=$1
shift
names=${elf%.elf}-names
"$@" --defsym=NAMES_ROOM=0 -o "$names.elf"
for pass in 1 2 3; do
    boot/make-names.sh "$names.elf" "$names.S"
    clang --target=aarch64-none-none-elf -c "$names.S" -o "$names.o"
    size=$(llvm-objcopy -O binary -j .names "$names.o" - | wc -c)
    room=$(((size + 4095) / 4096 * 4096))
    "$@" "$names.o" --defsym=NAMES_ROOM=$room -o "$elf"
    if boot/make-names.sh --check "$elf" "$names.S"; then
        rm "$names.elf"
        exit 0
    fi
    cp "$elf" "$names.elf"
done
echo "roost: $elf: its table of names does not name its functions" >&2
rm "$elf"
exit 1
