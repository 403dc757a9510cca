#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
#
# install-missing.sh [--no-pip]: installs what building, running and testing need and a fresh Debian 12 with Swift lacks.
# Quick when nothing is missing. Swift itself (6.2 or later) has to be there already.
#
# All of it comes from Debian, but moto, a server that speaks S3 and that the tests of object stores need. That one comes
# with pip, into a Python environment of its own; --no-pip does without.
set -euo pipefail

missing=()
library() { pkg-config --exists "$1" 2> /dev/null || missing+=("$2"); }
program() { command -v "$1" > /dev/null || missing+=("$2"); }

PATH=$PATH:/usr/sbin:/sbin
program pkg-config pkg-config
library fuse3 libfuse3-dev
library liburing liburing-dev
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
# It may be there and out of order, after an upgrade of Python for instance.
moto=
[ "${1:-}" = --no-pip ] || moto_server --help > /dev/null 2>&1 || moto=missing
[ -z "$moto" ] || python3 -c 'import ensurepip' 2> /dev/null || missing+=(python3-venv)

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

install_moto() {
    local home=/opt/swift-erofs-fuse-moto
    as_root rm -rf $home
    # The caller's own settings of pip count, so the caller runs it.
    as_root mkdir -p $home
    as_root chown "$(id -u)" $home
    python3 -m venv $home
    $home/bin/pip install --quiet --disable-pip-version-check --retries 10 'moto[s3]>=5,<6' flask flask-cors < /dev/null
    as_root chown -R root:root $home
    as_root ln -sf $home/bin/moto_server /usr/local/bin/moto_server
}

if [ -n "$moto" ]; then
    echo 'installing moto'
    install_moto
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
