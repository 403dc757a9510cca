#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Made the images of this folder, which show what mkfs.erofs 1.5 cannot make. Needs root and mkfs.erofs 1.9 or later.
#
#   make.sh [MKFS]
#
# Devices of NAME.erofs are NAME.1, NAME.2, ... in slot order. Each file stays below 64 KiB.
set -euo pipefail
cd "$(dirname "$0")"
mkfs=${1:-mkfs.erofs}
export LC_ALL=C SOURCE_DATE_EPOCH=1700000000
uuid=6a0f51e4-1c59-4a07-9d53-7a1be5a77c01
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -f ./*.erofs ./*.[1-9]

# words SEED COUNT: text that compresses; noise SEED COUNT: bytes that do not.
words() { awk -v s="$1" 'BEGIN { for (i = s; i < s + 9999; i++) print i % 89, "bottles of", i * i % 31, "beer" }' | head -c "$2" || true; }
noise() { openssl enc -aes-128-ctr -nosalt -pbkdf2 -k "$1" -in /dev/zero 2> /dev/null | head -c "$2" || true; }

tree=$work/tree
mkdir -p "$tree"/{small,sub/deep,many}
words 1 3 > "$tree/small/three"
words 2 4096 > "$tree/small/block"
words 3 4097 > "$tree/small/block-and-one"
words 4 14000 > "$tree/text"
{ words 5 3000; noise 5 4000; words 5 3000; } > "$tree/mixed"
{ words 4 4000; words 4 4000; } > "$tree/repeated"
noise 6 3000 > "$tree/noise"
: > "$tree/empty"
truncate -s 9000 "$tree/sparse"
printf island | dd of="$tree/sparse" bs=1 seek=5000 conv=notrunc status=none
for i in $(seq 40); do words "$i" "$((i % 20 ? 0 : i))" > "$tree/many/file-with-a-longer-name-$i"; done
ln -s ../text "$tree/sub/link"
ln "$tree/text" "$tree/sub/hard"
mkfifo "$tree/sub/fifo"
mknod "$tree/sub/null" c 1 3
setfattr -n user.long.prefix.one -v 1 "$tree/text"
setfattr -n user.long.prefix.two -v "$(words 7 300)" "$tree/text"
setfattr -n trusted.overlay.opaque -v y "$tree/sub"
setfattr -n user.shared -v "$(words 8 200)" "$tree/small/three"
setfattr -n user.shared -v "$(words 8 200)" "$tree/small/block"
chown 70000:4000000000 "$tree/small/block"
chmod 4750 "$tree/small/block"
find "$tree" -exec touch -h -d @1700000000 {} +
touch -d @1234567890.123456789 "$tree/small/three" "$tree/sub/deep"

make() { local name=$1; shift; "$mkfs" --quiet -U "$uuid" "$@" "$name.erofs" "${source[@]}" > /dev/null 2>&1 || { echo "$name: failed" >&2; return 1; }; }
source=("$tree")

for size in 512 1024 2048; do make "block-$size" -b$size; done
make xattr-filter -Exattr-name-filter
make xattr-prefix --xattr-prefix=trusted.overlay. --xattr-prefix=user.long.prefix.
make xattr-prefix-packed -zlz4 -Efragments --xattr-prefix=trusted.overlay. --xattr-prefix=user.long
make xattr-prefix-plain -zlz4 -Efragments,plain-xattr-prefixes --xattr-prefix=user.long
make 48bit -E48bit
make dot-omitted -Edot-omitted
make metazone --MZ
make chunk-512 -b512 --chunksize=512
make chunk-48bit -b512 --chunksize=1024 -E48bit

for algorithm in lz4 lzma deflate zstd; do
    make "z-$algorithm" -z$algorithm -C4096
    make "z-$algorithm-64k" -z$algorithm -C65536
    make "z-$algorithm-tails" -z$algorithm -Eztailpacking
    make "z-$algorithm-fragments" -z$algorithm -C16384 -Efragments
    make "z-$algorithm-all" -z$algorithm -C65536 -Eall-fragments,dedupe,ztailpacking
    make "z-$algorithm-legacy" -z$algorithm -C16384 -Elegacy-compress,ztailpacking,fragments
    make "z-$algorithm-48bit" -z$algorithm -C65536 -E48bit,fragments
    make "z-$algorithm-metabox" -z$algorithm -C65536 -m4096
done
make z-dedupe -zlz4 -Ededupe
make z-block-512 -zlz4 -b512 -C4096 -Eztailpacking
make z-several -zlz4:lzma:deflate:zstd -C65536 -m4096:zstd
make z-directories -zlz4 -C16384 --zD
make z-everything -zlz4 -m4096 --zD --MZ

# Several devices: images merged into one that refers to them.
for layer in 1 2 3; do
    mkdir -p "$work/layer$layer/own"
    noise "layer$layer" $((layer * 4000)) > "$work/layer$layer/own/file$layer"
    words "$layer" 6000 > "$work/layer$layer/both"
    find "$work/layer$layer" -exec touch -h -d @1700000000 {} +
    "$mkfs" --quiet -U "${uuid%?}$layer" -Enoinline_data "merged.$layer" "$work/layer$layer" > /dev/null
done
source=(merged.1 merged.2 merged.3)
make merged

# A tar archive is the device.
tar --format=posix --xattrs --sort=name --numeric-owner --pax-option=delete=atime,delete=ctime -C "$work/layer3" -cf tar.1 .
source=(tar.1)
make tar --tar=i
find . -size +64k -name '*.[e1-9]*' | sed 's/$/: larger than 64 KiB/' >&2
