#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""compare.py: times swift-erofs-fuse, the kernel's EROFS, erofsfuse and squashfuse_ll on the same content.

    compare.py PROGRAM WORK [--rounds N] [--images NAME,...] [--only TEXT]... [--floor] [--svg FILE]

PROGRAM is a release build; WORK holds what corpus.sh makes (first run: some minutes, some 5 GB). Needs root, to drop
the page cache, and, for the time of the run, to let FUSE have io_uring (fuse.enable_uring) and to keep a virtual machine from
giving free memory back to its host; where FUSE can have io_uring, the program is there a second time, with its requests through
the device as everywhere else. The file systems take turns, round after round, so that whatever else the machine does hits all
alike.
Prints medians and ratios; cold: nothing cached; tepid: the image in the page cache, the mount new; warm: second run.

--floor adds floor/empty-server (needs cc): a FUSE server that gets the same requests and does nothing for them, so what
no server can do without. It has no image to load, hence no cold figures; files read as zeroes from it, so no program runs.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time

import chart
import kernel_setting
import mounts
import page_cache
import workloads

STATES = ("cold", "tepid", "warm")


def timed(system, workload, point):
    """Seconds on the clock, and CPU seconds of the server."""
    cpu, begin = mounts.cpu_nanoseconds(system.server()), time.monotonic()
    workload(point)
    return time.monotonic() - begin, (mounts.cpu_nanoseconds(system.server()) - cpu) / 1e9


def measure(system, states, workload, image, blobs, point):
    """One mount, and in it the workload once for each state: {state: (seconds, CPU seconds)}."""
    with mounts.mounted(system, image, blobs, point):
        return {state: timed(system, workload, point) for state in states}


def one_round(systems, workload, image, blobs, point):
    """All these systems in all states: [(system, {state: (seconds, CPU seconds)})]."""
    taken = []
    for system in systems:
        if system.name != "floor":
            page_cache.drop()
            taken.append((system, measure(system, ["cold"], workload, image, blobs, point)))
    page_cache.load(sorted({system.file(image) for system in systems}) + blobs)
    for system in systems:
        taken.append((system, measure(system, ["tepid", "warm"], workload, image, blobs, point)))
    return taken


def compare(systems, workload, image, blobs, point, rounds):
    """Medians: {state: {system: (seconds, CPU seconds)}}."""
    taken = {state: {system.name: [] for system in systems} for state in STATES}
    for number in range(rounds):
        order = systems if number % 2 == 0 else systems[::-1]
        for system, by_state in one_round(order, workload, image, blobs, point):
            for state, figures in by_state.items():
                taken[state][system.name].append(figures)
    return {
        state: {
            name: tuple(statistics.median(column) for column in zip(*figures))
            for name, figures in by_name.items() if figures
        }
        for state, by_name in taken.items()
    }


def print_row(label, state, servers, medians):
    kernel = medians["kernel"][0]
    cells = [f"{label} | {state} | {kernel:.3f}"]
    for name in servers:
        seconds, cpu = medians.get(name, (None, None))
        cells.append("" if seconds is None else f"{seconds / kernel:.2f} ({cpu:.2f})")
    print("| " + " | ".join(cells) + " |", flush=True)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("work")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", default="flat,chunks,lz4,lz4hc-64k,zstd")
    parser.add_argument("--only", action="append", help="workloads whose name has this text, or one of these")
    parser.add_argument("--floor", action="store_true", help="also a server that does nothing")
    parser.add_argument("--svg", help="where to draw the ratios")
    return parser.parse_args()


def main():
    options = arguments()
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run([f"{here}/corpus.sh", options.work], check=True, stdout=subprocess.DEVNULL)
    systems = mounts.available(os.path.abspath(options.program))
    if options.floor:
        work = os.path.abspath(options.work)
        mounts.Floor.build(f"{work}/empty-server")
        systems.append(mounts.Floor(f"{work}/empty-server", f"{work}/floor-tree"))
    point = os.path.join(options.work, "mount")
    os.makedirs(point, exist_ok=True)
    servers = [system.name for system in systems if system.name != "kernel"]
    rows = []
    for name in options.images.split(","):
        image = os.path.join(os.path.abspath(options.work), f"{name}.erofs")
        if not os.path.exists(image):
            print(f"{name}: mkfs.erofs cannot make it here", file=sys.stderr)
            continue
        blobs = mounts.blobs_of(image)
        print(f"\n### {name}\n\n| workload | state | kernel, s | " + " | ".join(f"{s} (CPU s)" for s in servers) + " |")
        print("| --- | --- | --- |" + " --- |" * len(servers))
        for label, workload in workloads.chosen(options.only):
            able = [system for system in systems if system.can(label, image)]
            medians = compare(able, workload, image, blobs, point, options.rounds)
            for state in STATES:
                print_row(label, state, servers, medians[state])
                ratios = {s: medians[state][s][0] / medians[state]["kernel"][0] for s in servers if s in medians[state]}
                rows.append((f"{name}: {label}, {state}", ratios))
    if options.svg:
        with open(options.svg, "w") as file:
            file.write(chart.svg("Time as a ratio to the kernel's EROFS", rows))


if __name__ == "__main__":
    # So that what is mounted and set is undone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    with kernel_setting.rings(), kernel_setting.memory_stays():
        main()
