#!/bin/sh
# The most instructions that one operation takes while a heap has ever more segments: writes traces
# that are meant to be hard, and hands them to instructions.sh --worst.
#
#   Tests/heap-replay/bound.sh [SEGMENTS...]            (10 1000 100000 unless told otherwise)
#
# In each trace, that many payloads of sizes that differ are allocated, every other one is freed, so
# that no two free segments touch and lists and tries fill with distinct sizes; then a sixteenth of
# the rest (at most 2,000) are reallocated to sizes that no neighbour has room for, and the rest is
# freed, so that each free merges with two neighbours. Sizes are small (16 to 2,000 bytes), or large
# (33,000 bytes and a multiple of 16 more: beyond all lists, and tries as deep as they get). Counts are
# instructions of the allocator; copying is left out. 100,000 segments take a few minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || set -- 10 1000 100000
for segments in "$@"; do
  case $segments in
    *[!0-9]* | '' | 0*) echo "bound.sh: $segments: expected a number of segments" >&2; exit 2 ;;
  esac
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

trace() { # segments, smallest size, how many sizes
  awk -v n="$1" -v least="$2" -v sizes="$3" '
    function size(i) { return least + 16 * ((i * 7919) % sizes) }
    function add(line) { lines[count++] = line }
    BEGIN {
      for (i = 0; i < n; i++) add("a " i " " size(i))
      for (i = 0; i < n; i += 2) add("f " i)
      moved = n / 16 < 2000 ? n / 16 : 2000
      for (i = 1; i < 2 * moved && i < n; i += 2) add("r " i " " 2 * size(i) + least)
      for (i = 1; i < n; i += 2) add("f " i)
      printf "0\n%d\n%d\n0\n", n, count
      for (i = 0; i < count; i++) print lines[i]
    }' >"$folder/$4-sizes-$1-segments.rep"
}
for segments in "$@"; do
  trace "$segments" 16 124 small
  trace "$segments" 33000 1024 large
done
for segments in "$@"; do
  for kind in small large; do
    "$here/instructions.sh" --worst "$folder/$kind-sizes-$segments-segments.rep" |
      sed -n "1s|, $folder/|, |p"
  done
done
