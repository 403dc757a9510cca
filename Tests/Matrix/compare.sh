#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# compare.sh DIRECTORY: compares each image of a matrix, read through the library alone, with what it was made of.
#
# DIRECTORY/manifest.tsv has a line for each image: name, arguments of mkfs.erofs, devices with commas between or "-", tree,
# flags with commas between or "-". DIRECTORY/expect/TREE.{meta,rdev,xattr,sum} are the lists of the tree:
#   meta   find -printf '%T@\t%y\t%m\t%U\t%G\t%n\t%s\t%l\t%P\0', with "-" for links and size of directories
#   rdev   stat --printf '%t:%T\t%n\0' of devices
#   xattr  path, tab, name=value as getfattr -h -d -m - -e hex writes them
#   sum    sha256sum of files; of those over 64 MiB of the first and last MiB, the path written as "ends of PATH"
# Flags say what an image cannot show: nomtime, sec (whole seconds), nosock, noroot, noxattr; off=N is its offset in the file.
# Build the reader first: SWIFT_EROFS_FUSE_FUZZ=1 swift build -c release --product ListImage
set -euo pipefail
export LC_ALL=C
lister=${LISTER:-$(dirname "$0")/../../.build/release/ListImage}
lister=$(realpath "$lister")
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As `pick KIND FLAGS < LIST`: sorted lines without what the image cannot show.
pick() {
    local edit='s/^//'
    case $1 in
    meta)
        [[ $2 == *nomtime* ]] && edit='s/^[^\t]*\t/\t/'
        [[ $2 == *sec* ]] && edit='/\tmtime\/[^/]*$/d; s/^\([0-9]*\)\.[0-9]*/\1/'
        [[ $2 == *nosock* ]] && edit+='; /^[^\t]*\ts\t/d'
        [[ $2 == *noroot* ]] && edit+='; /\t$/d'
        sed -z "$edit" | sort -z ;;
    xattr)
        # mkfs.erofs adds an attribute to a directory that holds a whiteout.
        [[ $2 == *noxattr* ]] || grep -v -e '^special/socket' -e $'^special\ttrusted.overlay.origin' | sort || true ;;
    rdev) sort -z ;;
    # sha256sum writes a backslash before a line whose name has backslashes or line ends, which it doubles or spells.
    sum) sort ;;
    esac
}

good=0 bad=0
while IFS=$'\t' read -r name _ devices tree flags _; do
    [[ $name == \#* ]] && continue
    offset=0
    [[ $flags =~ off=([0-9]+) ]] && offset=${BASH_REMATCH[1]}
    files=()
    [ "$devices" = - ] || IFS=, read -ra files <<< "$devices"
    same=yes
    if timeout 600 "$lister" "$name.erofs" "$offset" "$work/seen" ${files[@]+"${files[@]}"}; then
        python3 - "$work/seen.sum" << 'PY'
import sys
out = []
for line in open(sys.argv[1], "rb").read().split(b"\0")[:-1]:
    name = line.replace(b"\\", b"\\\\").replace(b"\n", b"\\n").replace(b"\r", b"\\r")
    out.append((b"\\" if name != line else b"") + name + b"\n")
open(sys.argv[1], "wb").write(b"".join(out))
PY
        for kind in meta rdev xattr sum; do
            cmp -s <(pick $kind "$flags" < "expect/$tree.$kind") <(pick $kind "$flags" < "$work/seen.$kind") ||
                { echo "$name: $kind differs"; same=no; }
        done
    else
        same=no
    fi
    if [ $same = yes ]; then good=$((good + 1)); else bad=$((bad + 1)); fi
done < manifest.tsv
echo "$1: $good equal, $bad not"
[ $bad = 0 ]
