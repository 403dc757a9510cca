#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Kills the server at random moments, many times, and looks at what the cache then holds.

Readers read at random, half of the rounds with a cache that is smaller than what they read. Then the server is killed, and
every block that the cache gives offline is compared with the source; then all of it is read with the source present.

With --power-cut the cache lies on a file system of its own, in a file. The file is cloned while server and readers run, and
all that was not in it is lost: pages that were not written back, and transactions that were not committed. The clone is
mounted, with replay of its journal, by a machine that seems to have started anew. What was read before the cut must then be
there offline: with "every" all of it, with "batched" all that is older than a second. Rounds with a limit are not asked
that: there bytes go because others come.

    crash-trial.py PROGRAM [--rounds 200] [--fsync batched] [--cold] [--limit 3M] [--power-cut ext4|xfs] [--seed 1]

Needs root, mkfs.erofs and FUSE; --power-cut also mkfs.xfs, mkfs.ext4 and loop devices. Prints JSON; exit code 1 when a byte
was wrong, a read failed that must not, or more was lost than the policy allows.
"""

import argparse
import collections
import json
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

BLOCK = 4096
FILES = 4
FILE_SIZE = 2 << 20
BOOT_ID = "/proc/sys/kernel/random/boot_id"


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Reader(threading.Thread):
    """Reads a file at random, past the kernel's page cache, until the server is gone; notes when which blocks came."""

    def __init__(self, path, content, seed):
        super().__init__()
        self.path, self.content, self.random = path, content, random.Random(seed)
        self.wrong, self.got = [], {}

    def run(self):
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_DIRECT)
        except OSError:
            return
        buffer = mmap.mmap(-1, 64 * BLOCK)
        while True:
            first = self.random.randrange(FILE_SIZE // BLOCK)
            wanted = memoryview(buffer)[: BLOCK * self.random.choice([1, 4, 4, 16, 64])]
            try:
                count = os.preadv(file, [wanted], first * BLOCK)
            except OSError:
                break
            now = time.monotonic()
            if wanted[:count] != self.content[first * BLOCK : first * BLOCK + count]:
                self.wrong.append(first)
            for block in range(first, first + count // BLOCK):
                self.got.setdefault(block, now)
            wanted.release()
        try:
            os.close(file)
        except OSError:
            pass


class Disk:
    """A directory on a file system of its own, in a file that can be cloned at any moment."""

    def __init__(self, room, kind):
        self.kind, self.outer, self.path = kind, os.path.join(room, "outer"), os.path.join(room, "disk")
        # XFS clones a file at one moment, whatever is written to it meanwhile.
        store = os.path.join(room, "store")
        run("truncate", "-s", "4G", store)
        run("mkfs.xfs", "-q", "-m", "reflink=1", store)
        os.mkdir(self.outer)
        os.mkdir(self.path)
        run("mount", "-o", "loop", store, self.outer)
        self.empty, self.file = os.path.join(self.outer, "empty"), None
        run("truncate", "-s", "64M" if kind == "ext4" else "320M", self.empty)
        run("mkfs." + kind, "-q", self.empty)
        self.boot_id = os.path.join(room, "boot_id")
        self.start_machine(0)
        run("mount", "--bind", self.boot_id, BOOT_ID)
        self.count = 0
        self.replace(self.empty)

    def start_machine(self, number):
        """What tells one run of a machine from the next."""
        with open(self.boot_id, "w") as file:
            file.write(f"{number + 1:08x}-0000-4000-8000-000000000000\n")

    def clone(self, source=None):
        self.count += 1
        target = os.path.join(self.outer, f"disk-{self.count}")
        run("cp", "--reflink=always", source or self.file, target)
        return target

    def replace(self, source):
        """Goes on with another file."""
        if self.file:
            run("umount", self.path)
            os.unlink(self.file)
        self.file = self.clone(source) if source == self.empty else source
        self.start_machine(self.count)
        # A new loop device and a new file: nothing of it is in memory.
        run("mount", "-o", "loop", self.file, self.path)

    def close(self):
        for mount in (self.path, self.outer, BOOT_ID):
            subprocess.run(["umount", "-l", mount], check=False, stderr=subprocess.DEVNULL)


class Trial:
    def __init__(self, options, room):
        self.options, self.room, self.random = options, room, random.Random(options.seed)
        self.result = collections.Counter()
        self.problems = []
        self.oldest_lost = 0.0
        tree, self.mountpoint = os.path.join(room, "tree"), os.path.join(room, "mnt")
        os.mkdir(tree)
        os.mkdir(self.mountpoint)
        self.contents = [random.Random(number).randbytes(FILE_SIZE) for number in range(FILES)]
        for number, content in enumerate(self.contents):
            with open(os.path.join(tree, f"file-{number}"), "wb") as file:
                file.write(content)
        self.blobs = os.path.join(room, "blobs")
        os.mkdir(self.blobs)
        self.image = os.path.join(room, "image")
        run("mkfs.erofs", "--chunksize=65536", f"--blobdev={self.blobs}/data.blob", "-d0", self.image, tree)
        self.disk = Disk(room, options.power_cut) if options.power_cut else None
        self.cache = os.path.join(self.disk.path if self.disk else room, "cache")

    def mount(self, *more):
        server = subprocess.Popen([
            self.options.program, "mount", "--foreground", "--remote", self.blobs, "--device", "data.blob", "--cache-dir",
            self.cache, "--fsync", self.options.fsync, "--fetch-window", "16K", *more, self.image, self.mountpoint],
            stderr=subprocess.PIPE)
        while not os.path.ismount(self.mountpoint):
            if server.poll() is not None:
                text = server.stderr.read().decode(errors="replace")
                server.stderr.close()
                # After a cut the cache may not even know how large the blob is.
                if "--offline" in more and self.disk and "not cached" in text:
                    return None
                raise SystemExit("the mount ended: " + text)
            time.sleep(0.003)
        return server

    def unmount(self, server):
        run("umount", self.mountpoint)
        server.wait(60)
        server.stderr.close()

    def kill(self, server):
        if server.poll() is not None:
            self.problem("the server ended by itself: " + server.stderr.read().decode(errors="replace"))
        server.kill()
        server.wait(60)
        server.stderr.close()

    def problem(self, text):
        self.problems.append(text)
        print(text, file=sys.stderr, flush=True)

    def round(self, number):
        if self.options.cold:
            self.disk.replace(self.disk.empty) if self.disk else shutil.rmtree(self.cache, ignore_errors=True)
        limited = number % 2 == 0
        server = self.mount(*(["--max-bytes", self.options.limit] if limited else []))
        readers = [
            Reader(os.path.join(self.mountpoint, f"file-{index}"), content, self.random.random())
            for index, content in enumerate(self.contents)]
        for reader in readers:
            reader.start()
        # Now and then long enough that what came first must be on disk.
        time.sleep(self.random.random() * (2 if self.disk and number % 8 == 1 else 0.15))
        cut = time.monotonic()
        snapshot = self.disk.clone() if self.disk else None
        self.kill(server)
        for reader in readers:
            reader.join(60)
            for block in reader.wrong:
                self.problem(f"round {number}: {reader.path}: block {block} was wrong while the server ran")
        subprocess.run(["umount", "-l", self.mountpoint], check=False, stderr=subprocess.DEVNULL)
        if snapshot:
            self.disk.replace(snapshot)
        present = self.check_offline(number)
        if self.disk and not limited:
            self.count_lost(number, readers, present, cut)
        self.check_online(number, limited)

    def check_offline(self, number):
        """Compares every block that can be read without the source; the numbers of those that can."""
        server = self.mount("--offline")
        if not server:
            return [set() for _ in self.contents]
        present = []
        for index, content in enumerate(self.contents):
            blocks = set()
            file = os.open(os.path.join(self.mountpoint, f"file-{index}"), os.O_RDONLY | os.O_DIRECT)
            buffer = mmap.mmap(-1, BLOCK)
            for block in range(FILE_SIZE // BLOCK):
                try:
                    os.preadv(file, [buffer], block * BLOCK)
                except OSError:
                    continue
                blocks.add(block)
                if buffer[:] != content[block * BLOCK : (block + 1) * BLOCK]:
                    self.problem(f"round {number}: file-{index}: block {block} is wrong offline")
                    self.result["wrong"] += 1
            os.close(file)
            present.append(blocks)
            self.result["compared"] += len(blocks)
        self.unmount(server)
        return present

    def count_lost(self, number, readers, present, cut):
        patience = 0 if self.options.fsync == "every" else 1.0
        for index, reader in enumerate(readers):
            for block, came in reader.got.items():
                if came > cut:
                    continue
                self.result["readBeforeCut"] += 1
                if block in present[index]:
                    continue
                self.result["lost"] += 1
                self.oldest_lost = max(self.oldest_lost, cut - came)
                if cut - came > patience:
                    self.result["lostTooOld"] += 1
        if self.result["lostTooOld"] and not any("lost" in text for text in self.problems):
            self.problem(f"round {number}: blocks were lost that the policy keeps")

    def check_online(self, number, limited):
        server = self.mount(*(["--max-bytes", self.options.limit] if limited else []))
        for index, content in enumerate(self.contents):
            try:
                with open(os.path.join(self.mountpoint, f"file-{index}"), "rb") as file:
                    got = file.read()
            except OSError as error:
                self.problem(f"round {number}: file-{index}: {error}")
                continue
            if got != content:
                self.problem(f"round {number}: file-{index} is wrong")
                self.result["wrong"] += 1
        # Half of them end in order, the others by a second kill.
        self.unmount(server) if self.random.random() < 0.5 else self.kill(server)
        subprocess.run(["umount", "-l", self.mountpoint], check=False, stderr=subprocess.DEVNULL)

    def close(self):
        subprocess.run(["umount", "-l", self.mountpoint], check=False, stderr=subprocess.DEVNULL)
        if self.disk:
            self.disk.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--fsync", choices=["none", "batched", "every"], default="batched")
    parser.add_argument("--cold", action="store_true", help="begin each round with an empty cache")
    parser.add_argument("--limit", default="3M", help="--max-bytes of every other round; 8M are read")
    parser.add_argument("--power-cut", choices=["ext4", "xfs"], help="lose what is not on such a disk")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if "CRASH_TRIAL_NAMESPACE" not in os.environ:
        # Mounts of its own, which go with it.
        os.environ["CRASH_TRIAL_NAMESPACE"] = "1"
        os.execvp("unshare", ["unshare", "-m", "--propagation", "private", sys.executable] + sys.argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    room = tempfile.mkdtemp(prefix="crash-trial.")
    begin, trial, done = time.monotonic(), None, 0
    try:
        trial = Trial(options, room)
        for number in range(options.rounds):
            trial.round(number)
            done += 1
    finally:
        if trial:
            trial.close()
        shutil.rmtree(room, ignore_errors=True)
    report = {
        "fsync": options.fsync, "cold": options.cold, "powerCut": options.power_cut, "rounds": done,
        "seconds": round(time.monotonic() - begin), "blocksCompared": trial.result["compared"],
        "wrong": trial.result["wrong"], "problems": len(trial.problems)}
    if options.power_cut:
        report.update({
            "readBeforeCut": trial.result["readBeforeCut"], "lost": trial.result["lost"],
            "oldestLostSeconds": round(trial.oldest_lost, 2), "lostTooOld": trial.result["lostTooOld"]})
    print(json.dumps(report))
    sys.exit(1 if trial.problems else 0)


if __name__ == "__main__":
    main()
