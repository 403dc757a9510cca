#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""How soon rootless podman answers from an image that is not here yet: podman.py PROGRAM WORK [--root DIR] [--repeat N]

As lazy.py, whose images and registry it uses, but as another user and with `podman run --rootfs`: from the mount with an
empty cache to the first line of a Python program's output; straight, and over a link of 20 ms and 100 Mbit/s. At the end the
same line comes from a container on the complete tree. Needs root (to become the other user), podman and runc."""

import os
import shutil
import subprocess
import time

import lazy

PROGRAM = "import json, sys; print(json.dumps([sys.version, 6 * 7]))"
CONTAINERS = """[containers]
default_ulimits = []
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


class User:
    """A user with podman's settings and storage in a home of its own."""

    def __init__(self, name, home):
        self.name, self.home = name, home
        subprocess.run(["useradd", "--no-create-home", name], check=True)
        for part in ("run", "cache", "mnt", ".config/containers"):
            os.makedirs(f"{home}/{part}")
        with open(f"{home}/.config/containers/containers.conf", "w") as file:
            file.write(CONTAINERS)
        with open(f"{home}/.config/containers/storage.conf", "w") as file:
            file.write('[storage]\ndriver = "overlay"\n')
        os.chmod(f"{home}/run", 0o700)
        subprocess.run(["chown", "-R", f"{name}:", home], check=True)

    def command(self, *words):
        return ["setpriv", "--reuid", self.name, "--regid", self.name, "--init-groups", "env", "-C", self.home,
                f"HOME={self.home}", f"XDG_RUNTIME_DIR={self.home}/run", *words]

    def remove(self):
        subprocess.run(self.command("podman", "system", "migrate"), stderr=subprocess.DEVNULL)
        subprocess.run(["userdel", "-f", self.name], stderr=subprocess.DEVNULL)


def container(user, root, mount=""):
    """Runs the program in a container on `root`; gives its line, and when it came, in seconds."""
    script = f"{mount} && exec podman run --rm --network none --rootfs {root}:O /usr/bin/python3 -c '{PROGRAM}'"
    begin = time.monotonic()
    process = subprocess.Popen(user.command("podman", "unshare", "sh", "-c", script.removeprefix(" && ")),
                               stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    seconds = time.monotonic() - begin
    # Where podman loses the exit code of its container it waits 20 s for it.
    process.wait()
    return line, seconds


def trial(program, work, registry, user, link):
    """One container on a mount with an empty cache: its line, seconds, bytes."""
    cache, point = f"{user.home}/cache", f"{user.home}/mnt"
    shutil.rmtree(f"{cache}/cache", ignore_errors=True)
    way = lazy.Link(work, registry.port, lazy.LINKS[link]) if lazy.LINKS[link] else None
    port = way.port if way else registry.port
    try:
        line, seconds = container(
            user, point, f"{program} mount --cache-dir {cache} oci://127.0.0.1:{port}/rafs:v1 {point}")
        status = subprocess.run(user.command("podman", "unshare", program, "status", "--json", point),
                                check=True, stdout=subprocess.PIPE).stdout
    finally:
        subprocess.run(user.command("podman", "unshare", program, "umount", point))
        time.sleep(0.3)
        moved = way.end()["down"] if way else None
    if moved is None:
        moved = lazy.moved(status)
    return line, seconds, moved


def main():
    options = lazy.arguments(__doc__).parse_args()
    work = os.path.abspath(options.work)
    os.makedirs(work, exist_ok=True)
    root = os.path.abspath(options.root) if options.root else lazy.make_root(work)
    registry, home = lazy.Registry(work), f"/tmp/podman-{os.getpid()}"
    os.makedirs(home)
    user = None
    try:
        registry.push("rafs", lazy.make_rafs(work, root))
        program = shutil.copy(options.program, f"{home}/swift-erofs-fuse")
        user = User(f"podman{os.getpid()}", home)
        subprocess.run(user.command("podman", "unshare", "true"), check=True)
        lines = set()
        for link in lazy.LINKS:
            results = []
            for _ in range(options.repeat):
                line, seconds, moved = trial(program, work, registry, user, link)
                lines.add(line)
                results.append((seconds, moved))
            seconds, moved = sorted(results)[len(results) // 2]
            print(f"{link:18} answered after {seconds:.2f} s, {moved / (1 << 20):.2f} MiB moved", flush=True)
        # The complete tree, as a pull would have left it.
        whole = shutil.copytree(root, f"{home}/whole", symlinks=True, ignore=lambda *_: ["model"])
        subprocess.run(["chown", "-R", f"{user.name}:", whole], check=True)
        lines.add(container(user, whole)[0])
        print("the same output as on the complete tree" if len(lines) == 1 else f"outputs differ: {lines}")
    finally:
        if user:
            user.remove()
        registry.process.terminate()
        registry.process.wait()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
