#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""What a server's memory comes to while all files of an image are read again and again: memory.py PROGRAM IMAGE [ROUNDS]

Each round walks the tree and reads every file, with all caches of the kernel dropped before it. Needs root."""

import os
import subprocess
import sys
import tempfile

import mounts
import page_cache


def kibibytes(pid):
    """Memory that is the server's own, and mapped pages of the image, which the kernel takes back at will."""
    with open(f"/proc/{pid}/status") as file:
        fields = dict(line.split(":", 1) for line in file)
    return tuple(int(fields[name].split()[0]) for name in ("RssAnon", "RssFile"))


def main():
    program, image = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    system = mounts.Server("swift-erofs-fuse", program, is_ours=True)
    with tempfile.TemporaryDirectory() as point:
        page_cache.drop()
        with mounts.mounted(system, image, [], point):
            print("round  files    own MiB  mapped MiB")
            for number in range(1, rounds + 1):
                page_cache.drop()
                files = subprocess.run(
                    "find . -type f -size -65536k -print0 | tee >(tr -dc '\\0' | wc -c >&2) | xargs -0 -P 2 -n 512 cat >/dev/null",
                    shell=True, executable="/bin/bash", cwd=point, stderr=subprocess.PIPE, check=True).stderr.decode().strip()
                own, mapped = kibibytes(system.server())
                print(f"{number:5} {files:>6} {own / 1024:10.1f} {mapped / 1024:11.1f}", flush=True)


main()
