#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""How many instructions a request costs the server: instructions.py PROGRAM WORK [--count N]

Runs the server under callgrind (valgrind must be installed) once without work and once for each kind of request, and
divides what it executed more by the requests that it counted itself. Four clients ask at once, so that it never has to
wait. Instructions do not depend on what else the machine does. Needs mkfs.erofs and the leave to mount.

The floor is the same of floor/empty-server (needs cc and root), which gets the same requests and does nothing for them."""

import argparse
import ctypes
import json
import os
import random
import re
import subprocess
import sys
import threading
import time

import mounts

LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, AT_STATX_FORCE_SYNC, STATX_BASIC = -100, 0x2000, 0x7FF
FILES, BIG = 20000, 256 << 20
CLIENTS = 4


def make_images(work):
    """A directory of many small files and one large file; once in an image, once with the data in a blob of chunks."""
    content = f"{work}/content"
    if not os.path.exists(f"{work}/chunks.blob"):
        os.makedirs(f"{content}/many", exist_ok=True)
        for number in range(FILES):
            with open(f"{content}/many/file-{number:05}", "w") as file:
                file.write(str(number))
        with open(f"{content}/big", "wb") as file:
            for _ in range(BIG >> 20):
                file.write(os.urandom(1 << 20))
        for name, options in [("flat", []), ("chunks", ["--chunksize=1048576", f"--blobdev={work}/chunks.blob"])]:
            subprocess.run(["mkfs.erofs", "--quiet", *options, f"{work}/{name}.erofs", content], check=True)


def blob_options(work):
    """The blob by a name that is no path from where the server runs: it is to come through the cache."""
    return ["--device", "chunks.blob", "--remote", work, "--cache-dir", f"{work}/cache"]


def share(items, client):
    return items[client::CLIENTS]


def clients(body):
    """Runs body(client) on all clients at once; a ctypes call and a read give up Python's lock."""
    threads = [threading.Thread(target=body, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def getattr_(point, count):
    buffer = ctypes.create_string_buffer(256)
    path = f"{point}/big".encode()
    clients(lambda client: [LIBC.statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_BASIC, buffer)
                            for _ in range(count // CLIENTS)])


def lookup(point, count):
    names = [f"{point}/many/file-{number:05}" for number in range(min(count, FILES))]
    random.Random(1).shuffle(names)
    clients(lambda client: [os.lstat(name) for name in share(names, client)])


def negative_lookup(point, count):
    names = [f"{point}/many/absent-{number}" for number in range(count)]
    clients(lambda client: [os.path.lexists(name) for name in share(names, client)])


def listing(point, count):
    os.listdir(f"{point}/many")


def listing_with_attributes(point, count):
    for entry in os.scandir(f"{point}/many"):
        entry.stat(follow_symlinks=False)


def reads(size):
    def run(point, count):
        places = [place * size for place in range(BIG // size)]
        random.Random(2).shuffle(places)
        places = places[:count]

        def part(client):
            file = os.open(f"{point}/big", os.O_RDONLY)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
            for place in share(places, client):
                os.pread(file, size, place)
            os.close(file)

        clients(part)

    return run


# What it is called, the image, what is done, the counter that tells how often, and what one of it is.
KINDS = [
    ("getattr", "flat", getattr_, "getattr"),
    ("lookup", "flat", lookup, "lookup"),
    ("lookup of an absent name", "flat", negative_lookup, "lookup"),
    ("entry of a readdir", "flat", listing, FILES),
    ("entry of a readdirplus", "flat", listing_with_attributes, FILES),
    ("4 KiB read, image", "flat", reads(4096), "read"),
    ("4 KiB read, cached blob", "chunks", reads(4096), "read"),
    ("128 KiB read, image", "flat", reads(131072), "read"),
    ("128 KiB read, cached blob", "chunks", reads(131072), "read"),
]


class Run:
    """One life of a server under callgrind: of the program, or of the empty server when there is no image."""

    def __init__(self, program, work, image):
        self.program, self.point, self.out = program, f"{work}/mnt", f"{work}/callgrind.out"
        os.makedirs(self.point, exist_ok=True)
        where = blob_options(work) if image == "chunks" else []
        # valgrind lets one thread run at a time, and does not know that one that waits in a ring lets go.
        command = [program, "mount", "--foreground", "-o", "no_io_uring", *where, f"{work}/{image}.erofs", self.point]
        if image is None:
            command = [f"{work}/empty-server", f"{work}/content", self.point]
        self.server = subprocess.Popen(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={self.out}", *command],
            stderr=subprocess.PIPE, text=True, cwd="/")
        while not os.path.ismount(self.point):
            if self.server.poll() is not None:
                sys.exit(f"the server ended: {self.server.stderr.read()}")
            time.sleep(0.1)

    def requests(self):
        status = subprocess.run([self.program, "status", "--json", self.point], check=True, stdout=subprocess.PIPE)
        return json.loads(status.stdout)["served"]["requests"]

    def end(self):
        """Ends the server, and gives what it executed."""
        subprocess.run(["umount", self.point], check=True)
        self.server.wait()
        with open(self.out) as file:
            return int(re.search(r"^(?:summary|totals): (\d+)", file.read(), re.M).group(1))


class Bench:
    """Counts requests and instructions; what a server executes without work is found out once."""

    def __init__(self, program, work):
        self.program, self.work, self.idle = program, work, {}

    def warm(self):
        """The data is to be in the page cache, whatever happened before."""
        for name in os.listdir(self.work):
            if name.endswith((".erofs", ".blob")):
                subprocess.run(["cat", f"{self.work}/{name}"], stdout=subprocess.DEVNULL)
        subprocess.run(["find", f"{self.work}/cache", "-type", "f", "-exec", "cat", "{}", "+"], stdout=subprocess.DEVNULL)

    def executed(self, image, body):
        """Instructions of a run in which body(run) is done, and what that gave."""
        with open("/proc/sys/vm/drop_caches", "w") as file:
            file.write("2")
        run = Run(self.program, self.work, image)
        self.warm()
        try:
            result = body(run)
        finally:
            total = run.end()
        return total, result

    def measure(self, image, work_of, counter, count):
        """How many requests there were, and the instructions of each."""

        def body(run):
            before = run.requests()
            work_of(run.point, count)
            after = run.requests()
            return counter if isinstance(counter, int) else after[counter] - before.get(counter, 0)

        def nothing(run):
            run.requests()
            run.requests()

        if image not in self.idle:
            self.idle[image] = self.executed(image, nothing)[0]
        total, requests = self.executed(image, body)
        return requests, (total - self.idle[image]) / requests

    def floor(self, work_of, requests, count):
        """The instructions of each of as many requests in the empty server."""
        if None not in self.idle:
            self.idle[None] = self.executed(None, lambda run: None)[0]
        return (self.executed(None, lambda run: work_of(run.point, count))[0] - self.idle[None]) / requests


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("work")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--only", default="", help="kinds whose name has this text")
    options = parser.parse_args()
    work, program = os.path.abspath(options.work), os.path.abspath(options.program)
    os.makedirs(work, exist_ok=True)
    make_images(work)
    # Valgrind gives up on Swift's debug information.
    subprocess.run(["strip", "--strip-debug", "-o", f"{work}/stripped", program], check=True)
    mounts.Floor.build(f"{work}/empty-server")
    program = f"{work}/stripped"
    subprocess.run([program, "fetch", *blob_options(work), f"{work}/chunks.erofs"], check=True, stdout=subprocess.DEVNULL,
                   cwd="/")
    bench = Bench(program, work)
    print(f"{'request':28} {'count':>8} {'instructions of each':>21} {'floor':>8}")
    for label, image, work_of, counter in KINDS:
        if options.only not in label:
            continue
        requests, each = bench.measure(image, work_of, counter, options.count)
        floor = bench.floor(work_of, requests, options.count)
        print(f"{label:28} {requests:8} {each:21.0f} {floor:8.0f}", flush=True)


if __name__ == "__main__":
    main()
