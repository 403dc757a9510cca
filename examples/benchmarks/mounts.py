# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""The file systems that are compared, each mounted on the same image."""

import contextlib
import ctypes
import os
import shutil
import subprocess
import time

import kernel_setting
import workloads

LIBC = ctypes.CDLL(None, use_errno=True)
MS_RDONLY = 1


class System:
    """A file system; `name` is what the tables call it."""

    def file(self, image):
        """The file that holds what the EROFS image has, for this file system; it may be missing."""
        return image

    def can(self, label, image):
        """Whether the workload of this name can be done with the image."""
        return os.path.exists(self.file(image))


class Kernel(System):
    """The kernel's EROFS on the image file itself: mount(8) would put a loop device between."""

    name = "kernel"

    def mount(self, image, blobs, point):
        options = ",".join(f"device={blob}" for blob in blobs).encode()
        if LIBC.mount(image.encode(), point.encode(), b"erofs", MS_RDONLY, options) != 0:
            raise OSError(ctypes.get_errno(), f"mount {image}")

    def server(self):
        return None


class Server(System):
    """A file system with a server process."""

    def __init__(self, name, command, options=(), is_ours=False):
        self.name, self.command, self.options, self.is_ours = name, command, list(options), is_ours
        self.pid = None

    def mount(self, image, blobs, point):
        image = self.file(image)
        before = processes(image)
        arguments = [self.command]
        if self.is_ours:
            arguments += ["mount"]
        for blob in blobs:
            arguments += ["--device", blob] if self.is_ours else [f"--device={blob}"]
        arguments += self.options
        subprocess.run(arguments + [image, point], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.ismount(point):
            time.sleep(0.01)
        self.pid = max(processes(image) - before)

    def server(self):
        return self.pid


class Squashfuse(Server):
    """squashfuse_ll, on the SquashFS image that corpus.sh made of the same content in the like way."""

    def file(self, image):
        return image.removesuffix(".erofs") + ".squashfs"


class Floor(System):
    """A server that shows the same tree and does nothing for it; it learns the tree from the kernel's mount."""

    name = "floor"

    def __init__(self, command, tree):
        self.command, self.tree, self.process = command, tree, None
        os.makedirs(tree, exist_ok=True)

    @staticmethod
    def build(command):
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run(["cc", "-O2", "-o", command, f"{here}/floor/empty-server.c"], check=True)

    def can(self, label, image):
        return label not in workloads.PROGRAMS

    def mount(self, image, blobs, point):
        Kernel().mount(image, blobs, self.tree)
        try:
            self.process = subprocess.Popen([self.command, self.tree, point])
            while not os.path.ismount(point):
                if self.process.poll() is not None:
                    raise RuntimeError("the empty server ended")
                time.sleep(0.05)
        finally:
            unmount(self.tree)

    def server(self):
        return self.process.pid


def blobs_of(image):
    """The blob beside an image that has one."""
    blob = image.removesuffix(".erofs") + ".blob"
    return [blob] if os.path.exists(blob) else []


@contextlib.contextmanager
def mounted(system, image, blobs, point):
    try:
        system.mount(image, blobs, point)
        yield
    finally:
        # Who is ended while it waits for the mount leaves none either.
        if os.path.ismount(point):
            unmount(point)


def processes(image):
    """Processes whose arguments name the image."""
    found = set()
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and image.encode() in open(f"/proc/{name}/cmdline", "rb").read().split(b"\0"):
                found.add(int(name))
        except OSError:
            continue
    return found


def cpu_nanoseconds(pid):
    """User and system time of a process, with that of its threads that have ended; 0 for none."""
    # The process's own clock, as clock_getcpuclockid(3) names it.
    return 0 if pid is None else time.clock_gettime_ns(~pid << 3 | 2)


def unmount(point):
    subprocess.run(["umount", point], check=True)
    if os.path.ismount(point):
        raise RuntimeError(f"{point}: something else is still mounted there")
    # A server may outlive its mount for a moment; the next round must not count it.
    time.sleep(0.2)


def available(program):
    """The file systems that this machine has; the program first, then the kernel, then the peers.

    Where requests can come through io_uring the program is there twice, the second time with the device.
    """
    result = [Server("swift-erofs-fuse", program, is_ours=True), Kernel()]
    if os.path.exists(kernel_setting.RINGS):
        result.append(Server("through the device", program, ["-o", "no_io_uring"], is_ours=True))
    peer = shutil.which("erofsfuse")
    if peer:
        result.append(Server("erofsfuse", peer))
    peer = shutil.which("squashfuse_ll")
    if peer:
        result.append(Squashfuse("squashfuse_ll", peer))
    return result
