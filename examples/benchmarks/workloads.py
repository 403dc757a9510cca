# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""The workloads of the comparison: each is a function of a mounted corpus and returns nothing."""

import os
import random
import subprocess

MIB = 1 << 20


def shell(command, root):
    subprocess.run(command, shell=True, cwd=root, check=True, stdout=subprocess.DEVNULL)


def in_parallel(count, body):
    """Runs body(number) in `count` processes."""
    children = []
    for number in range(count):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                body(number)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    if any(os.waitpid(child, 0)[1] for child in children):
        raise RuntimeError("a reader failed")


def find(root):
    shell("find tree", root)


def stat_all(root):
    shell("find tree -printf '%s %T@ %p\\n'", root)


def grep(root):
    shell("grep -r no-such-string-anywhere tree || true", root)


def read_all(readers):
    def run(root):
        shell(f"find tree -type f -print0 | xargs -0 -P {readers} -n 512 cat", root)

    return run


def sequential(readers):
    """512 MiB of the large file, in 1 MiB reads, each reader a part of its own."""

    def run(root):
        def part(number):
            share = 512 // readers
            with open(f"{root}/big", "rb", buffering=0) as file:
                file.seek(number * share * MIB)
                for _ in range(share):
                    file.read(MIB)

        in_parallel(readers, part)

    return run


def random_reads(readers, count):
    """`count` reads of 4 KiB at places that are the same for every mount."""

    def run(root):
        def part(number):
            places = random.Random(number)
            file = os.open(f"{root}/big", os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
            blocks = os.fstat(file).st_size // 4096
            for _ in range(count // readers):
                os.pread(file, 4096, places.randrange(blocks) * 4096)

        in_parallel(readers, part)

    return run


def chrooted(command):
    """Runs a shell command inside of the corpus's `root`."""

    def run(root):
        shell(f"chroot root /bin/sh -c '{command}'", root)

    return run


IMPORTS = "import json, email.message, http.client, logging.handlers, unittest, xml.dom.minidom"

PROGRAMS = ("python3 and its imports", "100 execs")

ALL = {
    "find": find,
    "stat of every path": stat_all,
    "grep -r": grep,
    "read every file, 1 reader": read_all(1),
    "read every file, 2 readers": read_all(2),
    "512 MiB sequential, 1 reader": sequential(1),
    "512 MiB sequential, 4 readers": sequential(4),
    "random 4 KiB, 1 job": random_reads(1, 8000),
    "random 4 KiB, 4 jobs": random_reads(4, 16000),
    "python3 and its imports": chrooted(f'/usr/bin/python3 -c "{IMPORTS}"'),
    "100 execs": chrooted("i=0; while [ $i -lt 100 ]; do /usr/bin/true; i=$((i+1)); done"),
}


def chosen(texts):
    """(Name, workload) of those whose name has one of the texts; of all when there are none."""
    return [(label, workload) for label, workload in ALL.items() if not texts or any(text in label for text in texts)]
