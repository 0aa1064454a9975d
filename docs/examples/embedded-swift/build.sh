#!/bin/sh
# Builds the example and names the program: build.sh [FOLDER], by default .build beside this file.
set -e
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/.build}
cd "$here"
# Planned anew each time: a plan that is kept overlooks files that are new in Roost.
swift build -c release --product Example --toolset toolset.json --scratch-path "$folder" \
    --disable-build-manifest-caching >&2
library=$(swift build -c release --scratch-path "$folder" --show-bin-path)/libExample.a
clang -O2 -ffreestanding -fno-builtin -Wall -Wextra -Werror -nostdlib -static -fuse-ld=lld \
    -Wl,--gc-sections board.c "$library" -o "$folder/example"
echo "$folder/example"
