#!/bin/sh
# Counts what an allocator executes, operation by operation, with valgrind's tools.
#
#   Tests/heap-replay/instructions.sh [--allocator NAME] [--worst] FILE...
#
# For each trace: instructions for an operation, as the mean over all, counted by callgrind in
# allocate, deallocate and reallocate and all that they call, without memcpy and memmove; the frame
# that keeps each call a function of its own (two to twelve instructions: see --allocator none) is
# counted, too. With --worst also the most instructions that one operation took, counted by lackey
# in the program itself: nothing of the C library, so no copying (not for --allocator system).
# --worst is slow: about a minute for a trace of 50,000 operations.
set -eu

allocator=
worst=
while [ $# -gt 0 ]; do
  case $1 in
    --allocator)
      [ $# -gt 1 ] || { echo "instructions.sh: --allocator needs a name" >&2; exit 2; }
      allocator="--allocator $2"; shift 2 ;;
    --worst) worst=yes; shift ;;
    -*) echo "instructions.sh: unknown option $1" >&2; exit 2 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { echo "instructions.sh: no FILE given" >&2; exit 2; }
command -v valgrind >/dev/null || { echo "instructions.sh: install valgrind" >&2; exit 1; }

root=$(cd "$(dirname "$0")/../.." && pwd)
swift build --package-path "$root" -c release --product heap-replay >/dev/null 2>&1 ||
  { echo "instructions.sh: heap-replay does not build" >&2; exit 1; }
program=$(swift build --package-path "$root" -c release --show-bin-path)/heap-replay

profile=$(mktemp)
trap 'rm -f "$profile"' EXIT
export LD_BIND_NOW=1 # resolve all functions before the first is counted

# All instructions below the profiled calls, less those of copying.
count_all() {
  valgrind --tool=callgrind --callgrind-out-file="$profile" --collect-atstart=no \
    --toggle-collect='*ProfiledAllocator*allocate*' \
    --log-file=/dev/null "$program" $allocator --once "$1"
  callgrind_annotate --threshold=100 --auto=no "$profile" | awk '
    { count = $1; gsub(",", "", count) }
    /PROGRAM TOTALS/ { total = count }
    /:(__)?mem(cpy|move)/ { copying += count }
    END { print total - copying }'
}

# The most instructions from the first of a profiled call to its return address. In the trace,
# the program itself is loaded low and each library above 0x04000000.
count_worst() {
  entries=$(nm "$program" | awk '
    /ProfiledAllocator.*[0-9]allocate/ { print $1, "allocate" }
    /ProfiledAllocator.*[0-9]deallocate/ { print $1, "deallocate" }
    /ProfiledAllocator.*[0-9]reallocate/ { print $1, "reallocate" }')
  valgrind --tool=lackey --trace-mem=yes --log-fd=9 "$program" $allocator --once "$1" \
    9>&1 >/dev/null 2>&1 | awk -v entries="$entries" '
    function value(hex,  i, sum) {
      for (i = 1; i <= length(hex); i++)
        sum = sum * 16 + index("123456789abcdef", substr(hex, i, 1))
      return sum
    }
    BEGIN {
      base = value("108000")
      count = split(entries, list)
      for (i = 1; i < count; i += 2) entry[sprintf("%08x", value(list[i]) + base)] = list[i + 1]
    }
    $1 != "I" { next }
    { address = substr($2, 1, 8) }
    inside && address == home {
      if (executed > most[kind]) most[kind] = executed
      inside = 0
    }
    !inside && address in entry {
      split(last, call, ",")
      home = sprintf("%08x", value(call[1]) + call[2])
      inside = 1
      kind = entry[address]
      executed = 0
      seen++
    }
    inside && address < "04000000" { executed++ }
    { last = $2 }
    END {
      printf "worst allocate %d, deallocate %d, reallocate %d of %d calls", \
        most["allocate"], most["deallocate"], most["reallocate"], seen
    }'
}

means=
for file in "$@"; do
  counted=$(count_all "$file")
  operations=$(echo "$counted" | awk 'NR == 1 { print $2 }')
  mean=$(echo "$counted" | awk -v n="$operations" 'END { printf "%.1f", $1 / n }')
  means="$means $mean"
  line="$mean instructions/operation, $operations operations"
  [ -z "$worst" ] || line="$line, $(count_worst "$file")"
  echo "$line, $file"
done
echo "$means" | awk '{ for (i = 1; i <= NF; i++) sum += $i; printf "%.1f mean of %d\n", sum / NF, NF }'
