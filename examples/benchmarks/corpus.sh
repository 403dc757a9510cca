#!/bin/bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# corpus.sh DIR [ROOT]: makes the content of the benchmarks and an image of each kind of it in DIR, unless they are there;
# SquashFS images too, where mksquashfs is installed.
# The tree is a copy of parts of ROOT (default: this machine's /usr) with 20,000 to 40,000 files; `big` is 1 GiB,
# a quarter of it random, half of it files, a quarter of it numbers as text. `root` is what /usr/bin/python3 and sh need in a
# chroot.
set -euo pipefail
work=$1 root=${2:-/usr}
mkdir -p "$work"
cd "$work"
if [ ! -e content/done ]; then
    rm -rf content && mkdir -p content/tree
    for part in lib/python3 share/doc share/perl share/zoneinfo include lib/gcc lib/git-core bin share/locale share/man; do
        [ -d "$root/$part" ] || continue
        [ "$(find content/tree | wc -l)" -lt 40000 ] || break
        mkdir -p "content/tree/$(dirname "$part")"
        cp -a "$root/$part" "content/tree/$part"
    done
    programs=(/usr/bin/python3 /bin/sh /usr/bin/true)
    for file in "${programs[@]}" $(ldd "${programs[@]}" | grep -o '/[^ :)]*' | sort -u); do
        mkdir -p "content/root/$(dirname "$file")"
        cp -L --preserve=mode "$file" "content/root/$file"
    done
    library=$(/usr/bin/python3 -c 'import json, os; print(os.path.dirname(os.path.dirname(json.__file__)))')
    mkdir -p "content/root$library"
    cp -a "$library/." "content/root$library"
    {
        openssl enc -aes-128-ctr -pass pass:benchmark -nosalt -pbkdf2 </dev/zero 2>/dev/null | head -c 256M
        find "$root/lib" -type f -size +64k -print0 | sort -z | xargs -0 cat 2>/dev/null | head -c 512M
        seq 1 99999999 | head -c 256M
    } >content/big || true
    touch content/done
fi
image() {
    local name=$1
    shift
    [ -e "$name.erofs" ] && return
    echo "making $name.erofs" >&2
    mkfs.erofs "$@" --all-root "$name.part" content >/dev/null 2>&1 && mv "$name.part" "$name.erofs"
}
image flat
image chunks --chunksize=65536 --blobdev="$PWD/chunks.blob"
image lz4 -zlz4
image lz4hc-64k -zlz4hc -C65536
# Older mkfs.erofs has no Zstandard.
image zstd -zzstd -C65536 || rm -f zstd.part
# The like of them for squashfuse.
squash() {
    local name=$1
    shift
    if [ -e "$name.squashfs" ] || ! command -v mksquashfs > /dev/null; then return; fi
    echo "making $name.squashfs" >&2
    mksquashfs content "$name.squash-part" -all-root -noappend -quiet -no-progress "$@" >/dev/null
    mv "$name.squash-part" "$name.squashfs"
}
squash flat -noI -noD -noF -noX
squash lz4 -comp lz4 -b 4096
squash lz4hc-64k -comp lz4 -Xhc -b 65536
squash zstd -comp zstd -b 65536
ls -1 ./*.erofs
