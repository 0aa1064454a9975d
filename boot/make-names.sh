#!/bin/sh
# make-names.sh KERNEL.elf NAMES.S: the table from which reports name functions, as assembly.
# kernel/Base/FunctionNames.swift reads it and draws it.
#
# make-names.sh --check KERNEL.elf NAMES.S: fails unless the table names this kernel's functions.
set -eu
export LC_ALL=C
check=
if [ "$1" = --check ]; then
    check=1
    shift
fi
elf=$1 table=$2

# One line for each function, in the order of their addresses: address, blank, name as people read it.
# Of functions that share an address the first is named. What the optimiser did to one is left out.
list=$(llvm-nm --defined-only --numeric-sort "$elf" | awk '$2 ~ /^[tTwW]$/ { print $1, $3 }' |
    swift-demangle -compact -simplified |
    awk '{
        address = $1
        sub(/^[^ ]* /, "")
        gsub(/specialized /, "")
        gsub(/static /, "")
        gsub(/[^ -~]/, "?")
        if (address != last) print address, $0
        last = address
    }')

# The last line of the table says from which list it was made.
sum=$(printf '%s\n' "$list" | cksum)
if [ -n "$check" ]; then
    [ "// $sum" = "$(tail -n 1 "$table")" ]
    exit
fi
start=$(llvm-nm "$elf" | awk '$3 == "__image_start" { print $1 }')
# All of it; the names by themselves are numbered with 16 bits.
limit=${NAMES_LIMIT:-65536}

# Names are cut into words, each with the punctuation behind it: "KernelHeap.", "allocate(", "byteCount:".
words() {
    awk '{
        sub(/^[^ ]* /, "")
        if (seen[$0]++) next
        while (match($0, /^[A-Za-z0-9_]*[^A-Za-z0-9_]*/) && RLENGTH > 0) {
            print substr($0, 1, RLENGTH)
            $0 = substr($0, RLENGTH + 1)
        }
    }'
}

make_table() {
  {
    # The words that are used more than once, what saves most first.
    printf '%s\n' "$list" | words | sort | uniq -c | awk '{
        count = $1
        sub(/^ *[0-9]+ /, "")
        if (count > 1 && length($0) > 2) print count * (length($0) - 1), $0
    }' | sort -k 1,1nr -k 2 | awk 'NR <= 4192' | sed 's/^[0-9]* /word /'
    printf '%s\n' "$list" | sed 's/^/name /'
  } | awk -v start="$start" -v sum="$sum" -v limit="$limit" '
    function number(hex,  index_, value) {
        value = 0
        for (index_ = 1; index_ <= length(hex); index_++)
            value = value * 16 + index("0123456789abcdef", substr(hex, index_, 1)) - 1
        return value
    }
    function put(byte) { bytes[count++] = byte }
    # A word of the list as one byte or two, any other as it is.
    function add(word,  index_) {
        if (!(word in numbers)) {
            for (index_ = 1; index_ <= length(word); index_++) put(ord[substr(word, index_, 1)])
        } else if (numbers[word] < 112) {
            put(128 + numbers[word])
        } else {
            put(240 + int((numbers[word] - 112) / 255))
            put((numbers[word] - 112) % 255 + 1)
        }
    }
    BEGIN {
        for (code = 32; code < 127; code++) ord[sprintf("%c", code)] = code
        image = number(start)
        wordCount = functionCount = count = 0
    }
    $1 == "word" {
        sub(/^word /, "")
        numbers[$0] = wordCount
        words[wordCount++] = $0
        next
    }
    {
        addresses[functionCount] = number($2) - image
        sub(/^name [^ ]* /, "")
        if (!($0 in places)) {
            places[$0] = count
            rest = $0
            while (match(rest, /^[A-Za-z0-9_]*[^A-Za-z0-9_]*/) && RLENGTH > 0) {
                add(substr(rest, 1, RLENGTH))
                rest = substr(rest, RLENGTH + 1)
            }
            put(0)
        }
        names[functionCount++] = places[$0]
    }
    END {
        wordBytes = 0
        for (word = 0; word < wordCount; word++) wordBytes += length(words[word])
        if (84 + 4 * functionCount + wordBytes + count > limit || count > 65535) exit 1
        print "    .section .names, \"a\", %progbits"
        printf "    .word %d, %d, %d, %d\n", functionCount, wordCount, wordBytes, count
        # The first function of each block of 256 KiB; after the last, how many there are.
        next_ = 0
        for (block = 0; block < 33; block++) {
            while (next_ < functionCount && addresses[next_] < block * 262144) next_++
            printf "    .hword %d\n", next_
        }
        if (next_ < functionCount) exit 1
        print "    .hword 0"
        for (index_ = 0; index_ < functionCount; index_++)
            printf "    .hword %d\n", addresses[index_] % 262144 / 4
        for (index_ = 0; index_ < functionCount; index_++) printf "    .hword %d\n", names[index_]
        for (word = 0; word < wordCount; word++) {
            line = ""
            for (index_ = 1; index_ <= length(words[word]); index_++)
                line = line (index_ > 1 ? ", " : "") \
                    (ord[substr(words[word], index_, 1)] + (index_ == length(words[word]) ? 128 : 0))
            print "    .byte " line
        }
        for (index_ = 0; index_ < count; index_++) print "    .byte " bytes[index_]
        print "// " sum
    }' >"$table"
}

# Where the names of all functions are too long, as in a build without optimisation, they go without the
# labels of arguments; then what the compiler made up goes without saying for which type; then a closure
# without its number.
make_table && exit
list=$(printf '%s\n' "$list" | sed 's/([^()]*)/()/g')
make_table && exit
list=$(printf '%s\n' "$list" | sed -E 's/ (outlined [a-z ]*[a-z]|merged) .*/ \1/')
make_table && exit
list=$(printf '%s\n' "$list" | sed -E 's/<[^<>]*>//g; s/partial apply for //; s/(closure #[0-9]+ in )+/closure in /')
make_table && exit
# Last, an accessor is called as its property, and neighbours with one name are one function.
list=$(printf '%s\n' "$list" | sed -E 's/\.(getter|setter|modify|read)$//' |
    awk '{ name = $0; sub(/^[^ ]* /, "", name); if (name != last) print; last = name }')
make_table && exit
echo "roost: $elf: the names of its functions take more than $limit bytes" >&2
exit 1
