#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""emulated.py: how many instructions a whole machine executes for the workloads of compare.py, kernel and readers included.

    emulated.py PROGRAM WORK [--images NAME,...] [--only TEXT]... [--kernel FILE --modules DIR] [--with PATH]...

Boots Linux in a machine that qemu emulates, whose clock counts instructions (-icount): one processor, and what it executes does
not depend on what else this machine does, nor on how long its processors take to wake one another. WORK holds what corpus.sh
makes; PROGRAM, erofsfuse and the empty server of floor/ take turns with the kernel's EROFS as in compare.py. Prints millions of
instructions that are executed until the workload is done, and those of the server. What is tepid and warm comes out the same
within some percent. Of what is cold there is only the server's part: the rest depends on how long the disk takes.

The kernel runs without mitigations, and copies by words: a byte that a string instruction copies would count as an instruction.

Needs qemu-system-x86, busybox-static, e2fsprogs, cpio, cc, 8 GiB of memory, and a kernel of 6.12 or later with EROFS: by default
the newest of /boot. It need not be installed: FILE and DIR may be vmlinuz and lib/modules/VERSION of an unpacked package.
Programs are taken from this machine with the libraries that ldd finds; --with adds a file or a directory, at the same place."""

import argparse
import glob
import gzip
import json
import lzma
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import mounts

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = ["virtio_pci", "virtio_blk", "ext4", "erofs", "fuse", "virtio_rng"]
PROGRAMS = ["sh", "env", "find", "grep", "xargs", "cat", "chroot", "umount", "python3"]
OPENERS = {"ko": open, "xz": lzma.open, "gz": gzip.open}
MEMORY = "7G"

INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /root
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
for module in /modules/*.ko; do /bin/busybox insmod $module; done
/bin/busybox mount -t ext4 -o ro /dev/vda /root
for place in proc sys dev; do /bin/busybox mount -o move /$place /root/$place; done
/bin/busybox mount -t tmpfs tmp /root/tmp
/bin/busybox mount -t ext4 -o ro,noatime /root/dev/vdb /root/images
/bin/busybox chroot /root /usr/bin/env -i PATH='$path' HOME=/tmp LANG=C.UTF-8 /usr/bin/python3 /guest/emulated_guest.py
/bin/busybox poweroff -f
"""


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def output(*command):
    return run(*command, stdout=subprocess.PIPE, text=True).stdout


def libraries(program):
    found = subprocess.run(["ldd", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return re.findall(r"(/[^ :)]+) \(0x", found)


def add(stage, path):
    """Puts a file with its libraries, or all below a directory, into the machine, at the same place."""
    if os.path.isdir(path):
        shutil.copytree(path, stage + path, symlinks=True, dirs_exist_ok=True)
        return
    for file in [path, *libraries(os.path.realpath(path))]:
        if not os.path.exists(stage + file):
            os.makedirs(os.path.dirname(stage + file), exist_ok=True)
            shutil.copy(file, stage + file)


def make_root(stage, program, extra):
    """What the machine's root file system holds."""
    # As on this machine: /bin may be one of the links that a merged /usr has.
    for link in ["bin", "sbin", "lib", "lib64"]:
        if os.path.islink(f"/{link}"):
            target = os.readlink(f"/{link}").lstrip("/")
            os.symlink(target, f"{stage}/{link}")
            os.makedirs(f"{stage}/{target}", exist_ok=True)
    for place in ["proc", "sys", "dev", "tmp", "images", "guest"]:
        os.makedirs(f"{stage}/{place}", exist_ok=True)
    for name in PROGRAMS:
        # The guest calls them by these places, whatever this machine's PATH has in front of them.
        add(stage, next(path for path in (f"/usr/bin/{name}", f"/usr/sbin/{name}", f"/bin/{name}") if os.path.exists(path)))
    library = output("/usr/bin/python3", "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").strip()
    shutil.copytree(library, stage + library, symlinks=True, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("test", "dist-packages", "config-*"))
    for module in glob.glob(f"{library}/lib-dynload/*.so"):
        add(stage, module)
    for path in extra:
        add(stage, path)
    peer = shutil.which("erofsfuse")
    if peer:
        add(stage, peer)
    for name in ["emulated_guest", "kernel_setting", "mounts", "page_cache", "workloads"]:
        shutil.copy(f"{HERE}/{name}.py", f"{stage}/guest")
    for file in libraries(program):
        add(stage, file)
    run("strip", "--strip-debug", "-o", f"{stage}/guest/program", program)
    mounts.Floor.build(f"{stage}/guest/empty-server")


def modules(folder):
    """(Name, content) of the modules that are needed, each behind those that it needs."""
    files = {re.sub(r"\.ko.*", "", os.path.basename(path)).replace("-", "_"): path
             for path in glob.glob(f"{folder}/kernel/**/*.ko*", recursive=True)}
    taken = {}

    def take(name):
        path = files.get(name.replace("-", "_"))
        if name in taken or path is None:
            return
        kind = path.rsplit(".", 1)[1]
        if kind not in OPENERS:
            sys.exit(f"emulated.py: {path}: modules packed like this are not known")
        with OPENERS[kind](path, "rb") as file:
            content = file.read()
        before = re.search(rb"\0depends=([^\0]*)\0", content).group(1).split(b",")
        for softly in re.findall(rb"softdep=pre: ([^\0]*)\0", content):
            before += softly.split()
        for other in before:
            take(other.decode())
        taken[name] = content

    for name in MODULES:
        take(name)
    return taken.items()


def make_initial(stage, folder, path):
    """The initial memory file system, as a file."""
    for place in ["bin", "modules"]:
        os.makedirs(f"{stage}/{place}")
    shutil.copy(shutil.which("busybox"), f"{stage}/bin/busybox")
    for number, (name, content) in enumerate(modules(folder)):
        with open(f"{stage}/modules/{number:02}-{name}.ko", "wb") as file:
            file.write(content)
    with open(f"{stage}/init", "w") as file:
        file.write(INIT.replace("$path", os.environ["PATH"]))
    os.chmod(f"{stage}/init", 0o755)
    with open(path, "wb") as file:
        run("sh", "-c", "find . | cpio -o -H newc --quiet", cwd=stage, stdout=file)


def make_disk(content, path):
    size = int(output("du", "-sm", content).split()[0])
    run("truncate", "-s", f"{size * 11 // 10 + 64}M", path)
    run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-m", "0", "-d", content, path)


def boot(options, kernel, scratch):
    """Runs the machine, and gives what it has to say, line by line."""
    command = [
        "qemu-system-x86_64", "-M", "q35", "-m", MEMORY, "-nographic", "-no-reboot", "-nic", "none",
        "-cpu", "max,-erms,-fsrm",
        "-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off",
        "-kernel", kernel, "-initrd", f"{scratch}/initial",
        "-append", "console=ttyS0 quiet mitigations=off nokaslr panic=-1 tsc=reliable "
        + f"request={json.dumps(options, separators=(',', ':')).encode().hex()}",
        "-device", "virtio-rng-pci",
    ]
    for name in ["root", "images"]:
        command += ["-drive", f"file={scratch}/{name}.img,if=virtio,format=raw,cache=unsafe"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, errors="replace") as machine:
        try:
            yield from machine.stdout
        finally:
            machine.kill()


def show(lines):
    """Prints what the guest says; of a guest that does not come to its end, all that the console had at last."""
    console = []
    for line in lines:
        console.append(line.rstrip())
        if console[-1] == "guest: done":
            return
        if console[-1].startswith(("|", "#", "guest:")):
            print(console[-1], flush=True)
    print("\n".join(console[-30:]), file=sys.stderr)
    sys.exit("emulated.py: the machine did not come to its end")


def newest_kernel():
    found = [path for path in glob.glob("/boot/vmlinuz-*") if os.path.isdir(path.replace("/boot/vmlinuz-", "/lib/modules/"))]
    return max(found, key=os.path.getmtime, default=None)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("work")
    parser.add_argument("--images", default="flat")
    parser.add_argument("--only", action="append", default=[], help="workloads whose name has this text, or one of these")
    parser.add_argument("--kernel", default=newest_kernel())
    parser.add_argument("--modules")
    parser.add_argument("--with", action="append", default=[], dest="extra", help="more files for the machine")
    return parser.parse_args()


def main():
    options = arguments()
    if not options.kernel:
        sys.exit("emulated.py: no kernel in /boot; name one with --kernel and --modules")
    folder = options.modules or options.kernel.replace("/boot/vmlinuz-", "/lib/modules/")
    if not os.path.isdir(f"{folder}/kernel"):
        sys.exit(f"emulated.py: {folder} has no modules; name their folder with --modules")
    for tool in ["qemu-system-x86_64", "busybox", "mkfs.ext4", "cpio", "cc"]:
        if not shutil.which(tool):
            sys.exit(f"emulated.py: there is no {tool}")
    program, names = os.path.abspath(options.program), options.images.split(",")
    run(f"{HERE}/corpus.sh", options.work, stdout=subprocess.DEVNULL)
    with tempfile.TemporaryDirectory(dir=options.work) as scratch:
        for part in ["root", "initial.d", "images"]:
            os.makedirs(f"{scratch}/{part}")
        make_root(f"{scratch}/root", program, options.extra)
        make_initial(f"{scratch}/initial.d", folder, f"{scratch}/initial")
        for name in names:
            image = f"{options.work}/{name}.erofs"
            for file in [image, *mounts.blobs_of(image)]:
                os.link(file, f"{scratch}/images/{os.path.basename(file)}")
        for name in ["root", "images"]:
            make_disk(f"{scratch}/{name}", f"{scratch}/{name}.img")
        show(boot({"images": names, "only": options.only}, options.kernel, scratch))


if __name__ == "__main__":
    # So that the machine ends, and its disks go.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    main()
