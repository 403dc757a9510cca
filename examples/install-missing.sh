#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# Installs what building, running and testing need and a fresh Debian 12 with Swift lacks. Quick when nothing is missing.
# Swift itself (6.2 or later) has to be there already.
set -euo pipefail

missing=()
library() { pkg-config --exists "$1" 2> /dev/null || missing+=("$2"); }
program() { command -v "$1" > /dev/null || missing+=("$2"); }

PATH=$PATH:/usr/sbin:/sbin
program pkg-config pkg-config
library fuse3 libfuse3-dev
library liblz4 liblz4-dev
library libzstd libzstd-dev
library liblzma liblzma-dev
library zlib zlib1g-dev
library libcurl libcurl4-openssl-dev
library libcrypto libssl-dev
program git git
program fusermount3 fuse3
program mkfs.erofs erofs-utils
program mkfs.xfs xfsprogs
program mkfs.ext4 e2fsprogs
program nginx nginx-light
program docker-registry docker-registry
program openssl openssl
program curl curl
program bwrap bubblewrap
program podman podman
program runc runc
program newuidmap uidmap
program ldd libc-bin
program tar tar
python3 -c "import ctypes, mmap" 2> /dev/null || missing+=(python3)
program getfattr attr
program getcap libcap2-bin
program setfacl acl
program mount mount
program setpriv util-linux
program useradd passwd
program xz xz-utils
program ps procps

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install() {
    local policy=/usr/sbin/policy-rc.d made=
    # Debian starts the services of what it installs; the examples and tests start their own, with their own settings.
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy > /dev/null
        as_root chmod 755 $policy
        made=yes
    fi
    local status=0 try
    for try in 1 2 3; do
        status=0
        as_root apt-get -qq update < /dev/null &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" < /dev/null ||
            status=$?
        [ $status = 0 ] && break
        echo "apt-get failed (try $try of 3)" >&2
    done
    [ -z "$made" ] || as_root rm -f $policy
    return $status
}

if [ ${#missing[@]} -gt 0 ]; then
    # Without pkg-config no library can be looked for: all of them are named then, and apt-get knows which are there.
    echo "installing ${missing[*]}"
    install "${missing[@]}"
fi

# udev lets every user open /dev/fuse; where no udev runs, this has to be done by hand.
if [ -c /dev/fuse ] && [ "$(stat -c %a /dev/fuse)" != 666 ]; then
    echo "opening /dev/fuse for all users"
    as_root chmod 666 /dev/fuse
fi
if [ ! -c /dev/fuse ]; then
    echo "there is no /dev/fuse: load the kernel's fuse module, or give the container the device" >&2
    exit 1
fi
