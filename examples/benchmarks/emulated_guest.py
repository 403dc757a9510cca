# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""What emulated.py has its machine run: the workloads on each file system, counted in nanoseconds of the machine's clock, each
of which is one instruction."""

import json
import os
import re
import time

import kernel_setting
import mounts
import page_cache
import workloads

POINT = "/tmp/mount"


def idle():
    """Nanoseconds that the processor has waited, to 10,000,000; nobody should wait for what is in memory."""
    with open("/proc/stat") as file:
        fields = file.readline().split()
    return (int(fields[4]) + int(fields[5])) * (1_000_000_000 // os.sysconf("SC_CLK_TCK"))


def counted(system, workload):
    """Instructions of the whole machine, and of the server."""
    own, idled, begin = mounts.cpu_nanoseconds(system.server()), idle(), time.monotonic_ns()
    workload(POINT)
    end, idled, own = time.monotonic_ns(), idle() - idled, mounts.cpu_nanoseconds(system.server()) - own
    return end - begin - idled, own


def measure(system, states, workload, image, blobs):
    with mounts.mounted(system, image, blobs, POINT):
        return {state: counted(system, workload) for state in states}


def compare(systems, workload, image, blobs):
    """{(system, state): (instructions, the server's)}."""
    page_cache.load([image, *blobs])
    # So that the readers' programs are in memory; for a cold run they come from the disk too.
    measure(mounts.Kernel(), ["once"], workload, image, blobs)
    taken = {}
    for system in systems:
        for states in [["cold"], ["tepid", "warm"]]:
            if states == ["cold"]:
                if system.name == "floor":
                    continue
                page_cache.drop()
            else:
                page_cache.load([image, *blobs])
            for state, figures in measure(system, states, workload, image, blobs).items():
                taken[system.name, state] = figures
    return taken


def main():
    with open("/proc/cmdline") as file:
        request = json.loads(bytes.fromhex(re.search(r"request=(\w+)", file.read()).group(1)))
    os.makedirs(POINT)
    systems = mounts.available("/guest/program")
    systems.append(mounts.Floor("/guest/empty-server", "/tmp/floor-tree"))
    servers = [system.name for system in systems if system.name != "kernel"]
    print(f"guest: Linux {os.uname().release}, {os.cpu_count()} processor")
    for name in request["images"]:
        image = f"/images/{name}.erofs"
        blobs = mounts.blobs_of(image)
        print(f"\n### {name}: millions of instructions, and the server's\n")
        print("| workload | state | kernel | " + " | ".join(servers) + " |\n| --- | --- | --- |" + " --- |" * len(servers))
        for label, workload in workloads.chosen(request["only"]):
            able = [system for system in systems if system.can(label, image)]
            taken = compare(able, workload, image, blobs)
            for state in ["cold", "tepid", "warm"]:
                kernel = "" if state == "cold" else f"{taken['kernel', state][0] / 1e6:.0f}"
                cells = [kernel, *(cell(taken.get((server, state)), state) for server in servers)]
                print(f"| {label} | {state} | " + " | ".join(cells) + " |", flush=True)


def cell(figures, state):
    """A server's figures; of what is cold only its own part, as how long others wait for the disk is not known well enough."""
    if figures is None:
        return ""
    whole, own = (f"{figure / 1e6:.0f}" for figure in figures)
    return f"({own})" if state == "cold" else f"{whole} ({own})"


if __name__ == "__main__":
    try:
        with kernel_setting.rings():
            main()
        print("guest: done", flush=True)
    except Exception as error:  # The console is all there is.
        print(f"guest: {type(error).__name__}: {error}", flush=True)
        raise
