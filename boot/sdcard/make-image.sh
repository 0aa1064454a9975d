#!/bin/sh
# make-image.sh FIRMWARE FILES IMAGE: a card image with one FAT32 partition that holds the firmware's
# files from the folder FIRMWARE and everything in the folder FILES. Needs Debian's mtools; not root.
# make-image.sh FIRMWARE: only says whether that would work, and for which boards.
set -eu
firmware=$1 files=${2-} image=${3-}

fail() { echo "roost: $*" >&2; exit 1; }
say() { echo "roost: $*" >&2; }
command -v mformat >/dev/null || fail 'mtools are missing; as root: apt-get install mtools'
[ -d "$firmware" ] || fail "FIRMWARE=$firmware is not a folder"

# The files of a family of boards, or what is missing for it.
trees() { for tree in "$firmware"/$1-*.dtb; do [ ! -f "$tree" ] || echo yes; done; }
missing() { for file in "$@"; do [ -f "$firmware/$file" ] || echo "$file"; done; }
three=$(trees bcm2710) four=$(trees bcm2711)
without3=$(missing bootcode.bin start.elf fixup.dat) without4=$(missing start4.elf fixup4.dat)
if [ -z "$three$four" ] && { [ -z "$without3" ] || [ -z "$without4" ]; }; then
    fail "$firmware holds no device trees (bcm2710-*.dtb, bcm2711-*.dtb): it is too old, as Debian 12's package" \
        'raspi-firmware of 2022 is. Get the folder boot/ of https://github.com/raspberrypi/firmware, branch stable'
fi
[ -n "$three" ] || without3="$without3 bcm2710-*.dtb"
[ -n "$four" ] || without4="$without4 bcm2711-*.dtb"
if [ -n "$without3" ] && [ -n "$without4" ]; then
    fail "$firmware is missing" $without3 '(Pi 3, Zero 2 W) and' $without4 \
        '(Pi 4); boot/sdcard/README.txt says where they are found'
fi
[ -z "$without3" ] || say "without Pi 3 and Zero 2 W: $firmware is missing" $without3
[ -z "$without4" ] || say "without Pi 4: $firmware is missing" $without4
[ -n "$image" ] || exit 0

set --
if [ -z "$without3" ]; then
    set -- "$@" "$firmware/bootcode.bin" "$firmware/start.elf" "$firmware/fixup.dat" "$firmware"/bcm2710-*.dtb
fi
if [ -z "$without4" ]; then
    set -- "$@" "$firmware/start4.elf" "$firmware/fixup4.dat" "$firmware"/bcm2711-*.dtb
fi
if [ -f "$firmware/cmdline.txt" ]; then
    if [ -f "$files/cmdline.txt" ]; then
        say "APPEND is on the card, and $firmware/cmdline.txt is not"
    else
        set -- "$@" "$firmware/cmdline.txt"
    fi
fi

# 128 MiB; the partition starts at 1 MiB, as partitioning tools have it. Two sectors a cluster make
# 130,000 clusters: FAT32 has at least 65,525.
sectors=262144 first=2048
rm -f "$image"
truncate -s $((sectors * 512)) "$image"
MTOOLSRC=$(mktemp)
export MTOOLSRC
trap 'rm -f "$MTOOLSRC"' EXIT
cat >"$MTOOLSRC" <<END
drive b: file="$image" partition=1
drive c: file="$image" offset=$((first * 512))
END
geometry="-h 255 -s 63"
# shellcheck disable=SC2086
mpartition -I $geometry b: 2>/dev/null  # it warns that nothing is bootable yet
# shellcheck disable=SC2086
mpartition -c -a -T 0x0c $geometry -b $first -l $((sectors - first)) b:
# shellcheck disable=SC2086
mformat -F -c 2 -v ROOST $geometry -H $first -T $((sectors - first)) c:
mcopy "$@" "$files"/* c:
if [ -f "$firmware/overlays/disable-bt.dtbo" ]; then
    mmd c:/overlays
    mcopy "$firmware/overlays/disable-bt.dtbo" c:/overlays
else
    say "without $firmware/overlays/disable-bt.dtbo; on a board with Bluetooth it belongs there"
fi
echo "roost: $image is ready to be written to a card"
