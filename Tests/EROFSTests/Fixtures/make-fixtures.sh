#!/bin/bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# make-fixtures.sh [MKFS]: makes the images of this folder anew. Needs root, mkfs.erofs 1.9.4 or newer, attr and tar.
set -euo pipefail
export LC_ALL=C SOURCE_DATE_EPOCH=1700000000
umask 022
cd "$(dirname "$0")"
mkfs=${1:-mkfs.erofs}
tree=$(mktemp -d)
trap 'rm -rf "$tree" layer.tar' EXIT

# The content follows rules that a test can repeat: see README.md.
printf 'hello, erofs\n' > "$tree/hello"
: > "$tree/empty"
seq 1 3000 > "$tree/seq"
head -c 9000 /dev/zero > "$tree/zeros"
awk 'BEGIN { for (x = i = 1; i <= 2000; i++) { x = (x * 16807) % 2147483647; printf "%02X", int(x / 65536) % 256 } }' |
    basenc --base16 -d > "$tree/noise"
cat "$tree/seq" "$tree/noise" > "$tree/both"
ln -s hello "$tree/link"
mkfifo "$tree/fifo"
mknod "$tree/null" c 1 3
mkdir -p "$tree/names/deep"
printf x > "$tree/names/n000"
for number in $(seq -w 1 299); do ln "$tree/names/n000" "$tree/names/n$number"; done
printf y > "$tree/names/deep/y"
setfattr -n user.own -v 1 "$tree/hello"
setfattr -n user.shared -v same "$tree/hello" "$tree/seq" "$tree/names/deep/y"
setfattr -hn trusted.overlay.opaque -v y "$tree/names/deep"
chmod 755 "$tree"
find "$tree" -exec touch -hd @1700000000 {} +

make() {
    local name=$1
    shift
    rm -f "$name.erofs"
    "$mkfs" --quiet -U 6f2d3b5c-90a1-4c7e-8d11-0123456789ab "$@" "$name.erofs" "$tree" > /dev/null
}

make plain
make b512 -b512
make wide -E48bit,dot-omitted
make metazone --MZ
make chunks --chunksize=4096
make chunks-wide --chunksize=4096 -E48bit,force-chunk-indexes
rm -f device.blob && make device --chunksize=4096 --blobdev=device.blob
make prefix-plain --xattr-prefix=trusted.overlay. -Eplain-xattr-prefixes
make prefix-packed --xattr-prefix=trusted.overlay. -zlz4 -Efragments
make prefix-metabox --xattr-prefix=trusted.overlay. -m4096
make digest --xattr-inode-digest
make metabox -m4096
make metabox-chunks -zlz4 -m4096:lz4 --chunksize=4096
make lz4 -zlz4
make lz4-16k -zlz4 -C16384
make lz4-full -zlz4 -Elegacy-compress
make lz4-b512 -zlz4 -b512 -C4096 -Eztailpacking
make lz4-tail -zlz4 -Eztailpacking
make lz4-fragments -zlz4 -C16384 -Efragments
make lz4-all -zlz4 -C16384 -Eall-fragments,dedupe,ztailpacking
make lz4-full-all -zlz4 -C16384 -Elegacy-compress,ztailpacking,fragments
make lz4-wide -zlz4 -C16384 -E48bit
make lz4-directories -zlz4 -C16384 --zD
make lzma -zlzma -C16384
make lzma-wide -zlzma -C16384 -E48bit,fragments
make deflate -zdeflate -C16384
make deflate-wide -zdeflate -C4096 -E48bit
make zstd -zzstd -C16384
make zstd-wide -zzstd -C4096 -E48bit
make zstd-dedupe -zzstd -C16384 -E48bit,dedupe,fragments
make several -zlz4:lzma:deflate:zstd -C16384 -m4096:zstd
tar --sort=name --xattrs --xattrs-include='*' -C "$tree" -cf layer.tar .
rm -f tar-index.erofs
"$mkfs" --quiet --tar=i tar-index.erofs layer.tar > /dev/null
