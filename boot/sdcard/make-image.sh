#!/bin/sh
# make-image.sh FIRMWARE FILES IMAGE: a card image with one FAT32 partition that holds the firmware's
# files from the folder FIRMWARE and everything in the folder FILES. Needs Debian's mtools; not root.
# make-image.sh FIRMWARE: only says whether that would work.
set -eu
firmware=$1 files=${2-} image=${3-}

fail() { echo "roost: $*" >&2; exit 1; }
command -v mformat >/dev/null || fail 'mtools are missing; as root: apt-get install mtools'
[ -d "$firmware" ] || fail "FIRMWARE=$firmware is not a folder"
for file in bootcode.bin start.elf fixup.dat; do
    [ -f "$firmware/$file" ] || fail "$firmware/$file is missing; boot/sdcard/README.txt says where it is found"
done
set -- "$firmware"/bcm2710-rpi-3-b*.dtb
[ -f "$1" ] || fail "$firmware holds no bcm2710-rpi-3-b*.dtb"
[ -n "$image" ] || exit 0

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
mcopy "$firmware/bootcode.bin" "$firmware/start.elf" "$firmware/fixup.dat" "$@" "$files"/* c:
if [ -f "$firmware/overlays/disable-bt.dtbo" ]; then
    mmd c:/overlays
    mcopy "$firmware/overlays/disable-bt.dtbo" c:/overlays
else
    echo "roost: without $firmware/overlays/disable-bt.dtbo; on a board with Bluetooth it belongs there" >&2
fi
echo "roost: $image is ready to be written to a card"
