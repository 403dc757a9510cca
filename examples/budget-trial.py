#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads at random through a cache that is much smaller than what is read, and looks at what that costs.

While readers read, the cache's size on disk is sampled; every byte is compared with the source. In the end the bytes that
were fetched again are compared with those of an ideal LRU cache of the same size, given the same requests.

    budget-trial.py PROGRAM [--size 512M] [--limit 64M] [--volume 2G] [--readers 8] [--skew 0]

Needs root, mkfs.erofs and FUSE. Prints JSON; exit code 1 when a promise is broken.
"""

import argparse
import collections
import json
import mmap
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time

UNIT = 16384


def size(text):
    units = {"K": 10, "M": 20, "G": 30}
    return int(text[:-1]) << units[text[-1]] if text[-1] in units else int(text)


def taken(directory):
    """Bytes that a directory takes on disk, as du(1) counts them."""
    total = 0
    for folder, _, files in os.walk(directory):
        for name in [""] + files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return total


def content(unit):
    """The bytes of a unit: its number, and what is no other unit's."""
    return random.Random(unit).randbytes(UNIT)


def ideal(requests, capacity):
    """The units that an LRU cache of so many units fetches for these requests."""
    cached, misses = collections.OrderedDict(), 0
    for unit in requests:
        if unit in cached:
            cached.move_to_end(unit)
            continue
        misses += 1
        cached[unit] = None
        if len(cached) > capacity:
            cached.popitem(last=False)
    return misses


class Reader(threading.Thread):
    """Reads units past the kernel's page cache, so that each request comes to the server."""

    def __init__(self, path, units, requests, log):
        super().__init__()
        self.path, self.units, self.requests, self.log = path, units, requests, log
        self.wrong, self.failed = 0, []

    def run(self):
        file = os.open(self.path, os.O_RDONLY | os.O_DIRECT)
        buffer = mmap.mmap(-1, UNIT)
        for unit in self.requests:
            self.log.append(unit)
            try:
                count = os.preadv(file, [buffer], unit * UNIT)
            except OSError as error:
                self.failed.append(str(error))
                continue
            if count != UNIT or buffer[:] != content(unit):
                self.wrong += 1
        os.close(file)


def requests(count, units, skew, seed):
    """Numbers of units: evenly at random, or by a power law whose favourites lie anywhere."""
    generator = random.Random(seed)
    if not skew:
        return [generator.randrange(units) for _ in range(count)]
    places = list(range(units))
    random.Random(1).shuffle(places)
    weights = [1 / (rank + 1) ** skew for rank in range(units)]
    return [places[rank] for rank in generator.choices(range(units), weights, k=count)]


def trial(options, room):
    units = options.size // UNIT
    tree, mountpoint, cache = (os.path.join(room, name) for name in ("tree", "mnt", "cache"))
    for folder in (tree, mountpoint, cache):
        os.mkdir(folder)
    with open(os.path.join(tree, "data"), "wb") as file:
        for unit in range(units):
            file.write(content(unit))
    blob, image = os.path.join(room, "data.blob"), os.path.join(room, "image")
    subprocess.run(
        ["mkfs.erofs", "--chunksize=65536", f"--blobdev={blob}", image, tree], check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen([
        options.program, "mount", "--foreground", "--remote", room, "--device", "data.blob", "--cache-dir", cache,
        "--max-bytes", str(options.limit), "--fetch-window", str(UNIT), image, mountpoint])
    try:
        while not os.path.ismount(mountpoint):
            if server.poll() is not None:
                sys.exit("the mount ended")
            time.sleep(0.05)
        return measure(options, units, mountpoint, cache)
    finally:
        subprocess.run(["umount", mountpoint], check=False)
        server.wait()


def measure(options, units, mountpoint, cache):
    log, each = [], options.volume // UNIT // options.readers
    readers = [
        Reader(os.path.join(mountpoint, "data"), units, requests(each, units, options.skew, seed), log)
        for seed in range(options.readers)]
    begin = time.monotonic()
    for reader in readers:
        reader.start()
    largest = 0
    while any(reader.is_alive() for reader in readers):
        largest = max(largest, taken(cache))
        time.sleep(0.05)
    seconds = time.monotonic() - begin
    status = json.loads(subprocess.run(
        [options.program, "status", "--json", mountpoint], check=True, capture_output=True, text=True).stdout)
    fetched = sum(blob["fetchedBytes"] for blob in status["blobs"])
    first = len(set(log)) * UNIT
    lru = ideal(log, options.limit // UNIT) * UNIT - first
    return {
        "limit": options.limit, "largest": max(largest, taken(cache)), "requests": len(log), "seconds": round(seconds, 1),
        "failed": [error for reader in readers for error in reader.failed][:5],
        "wrong": sum(reader.wrong for reader in readers),
        "fetched": fetched, "fetchedAgain": fetched - first, "idealFetchedAgain": lru,
        "more": round((fetched - first) / lru - 1, 4) if lru else None}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--size", type=size, default=512 << 20, help="bytes of the blob")
    parser.add_argument("--limit", type=size, default=64 << 20, help="--max-bytes of the cache")
    parser.add_argument("--volume", type=size, default=2 << 30, help="bytes that are read")
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--skew", type=float, default=0, help="exponent of the power law; 0 for evenly")
    options = parser.parse_args()
    room = tempfile.mkdtemp(prefix="budget-trial.")
    try:
        result = trial(options, room)
    finally:
        shutil.rmtree(room)
    print(json.dumps(result))
    keeps = result["largest"] <= options.limit + options.readers * UNIT
    again = result["fetchedAgain"] <= result["idealFetchedAgain"] * 1.1
    sys.exit(0 if keeps and again and not result["failed"] and not result["wrong"] else 1)


if __name__ == "__main__":
    main()
