#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Lazy loading by hand, without any network: an image is mounted whose blob only we can fill. A read stops at a hole; we
# see what is asked for, fill it, say so, and watch the read go on. The second read asks nobody.
#
#   explore.sh [PROGRAM]      the program is built unless it is given
set -euo pipefail
cd "$(dirname "$0")/.."
bash examples/install-missing.sh --no-pip
program=${1:-}
if [ -z "$program" ]; then
    swift build -c release --static-swift-stdlib --product swift-erofs-fuse < /dev/null
    program=$PWD/.build/release/swift-erofs-fuse
fi
program=$(realpath "$program")
. examples/clean-room.sh
cd "$ROOM"
mkdir tree cache mnt filled
head -c 200000 /dev/urandom > tree/file
mkfs.erofs --quiet --chunksize=4096 --blobdev=filled/blob image.erofs tree

say() { printf '\n--- %s\n' "$*"; }
# Waits until a file has a line that matches.
await() { timeout 60 sh -c 'until grep -q -e "$1" "$2"; do sleep 0.05; done' - "$1" "$2"; }
# Gives the filler a command, and shows it.
command() { echo "fill> $*"; echo "$*" >&3; }
# The number behind a word of the last message of a kind.
field() { grep "^$1 " filler | tail -1 | tr ' ' '\n' | sed -n "s/^$2=//p"; }
# Watches until so many events have come.
watch() {
    : > trace
    "$program" trace --count "$1" mnt > trace &
    watcher=$!
    await '^#' trace
}
# What was seen, without times.
show() {
    wait $watcher
    sed -e '/^#/d' -e 's/^[0-9.]* //' -e 's/  blob.*//' trace
}

say 'mounting; the filler is asked for the size of the blob'
mkfifo commands
"$program" fill socket < commands > filler &
exec 3> commands
timeout 120 "$program" mount --filler "$ROOM/socket" --device blob --cache-dir "$ROOM/cache" --fsid image \
    --fetch-window 4K --read-ahead 0 -o sync_read image.erofs mnt &
mounting=$!
await ^OPEN filler
cat filler
command "copen $(field OPEN mid),$(stat -c %s filled/blob)"
wait $mounting

say 'nothing is there yet'
"$program" status mnt | sed -n '/^COOKIE/,$p' | sed "s#$ROOM/##"

say 'reading the first bytes of the file: one judgement and one READ'
watch 2
dd if=mnt/file bs=4096 count=1 iflag=direct status=none > read &
reading=$!
await ^READ filler
show
grep ^READ filler

say 'filling it by hand'
watch 4
start=0x$(field READ s)
length=0x$(field READ l)
command "fill $(field READ oid) $start $length filled/blob"
await ^filled filler
grep ^filled filler
command "cread $(field READ mid)"
wait $reading
cmp read <(head -c 4096 tree/file) && echo 'the reader has got the right bytes'
show

say 'reading it again: a hit, and nobody is asked'
watch 2
dd if=mnt/file bs=4096 count=1 iflag=direct status=none | cmp - read
show

say 'the backing file agrees: its data is what was filled'
object=$(find cache -name Dblob)
python3 -c '
import os, sys
file = os.open(sys.argv[1], os.O_RDONLY)
start = os.lseek(file, 0, os.SEEK_DATA)
print(f"data from {start:#x} to {os.lseek(file, start, os.SEEK_HOLE):#x} of {os.fstat(file).st_size:#x}")' "$object"

timeout 60 "$program" umount mnt
await ^CLOSE filler
grep ^CLOSE filler
exec 3>&-
say 'done'
