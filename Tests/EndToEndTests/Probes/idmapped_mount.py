# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Shows a mount once more at another place, its owners moved up (mount_setattr(2) with MOUNT_ATTR_IDMAP).

    python3 idmapped_mount.py MOUNTPOINT PLACE FIRST

The owners 0 to 65535 show as FIRST and following. mount(8) has this as X-mount.idmap from util-linux 2.39 on.
"""
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
MOVE_MOUNT, OPEN_TREE, MOUNT_SETATTR = 429, 428, 442
HERE, EMPTY_PATH, CLONE, BY_DESCRIPTOR, IDMAP = -100, 0x1000, 1, 4, 0x100000
CLONE_NEWUSER = 0x10000000


def call(name, result):
    if result < 0:
        error = ctypes.get_errno()
        sys.exit(f"{name}: {os.strerror(error)}")
    return result


def user_namespace(first):
    """A descriptor of a user namespace in which `first` and following are 0 and following."""
    ready, told = os.pipe()
    wait, go = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(go)
        call("unshare", libc.unshare(CLONE_NEWUSER))
        os.write(told, b"1")
        os.read(wait, 1)
        os._exit(0)
    os.read(ready, 1)
    for kind in "uid", "gid":
        with open(f"/proc/{process}/{kind}_map", "w") as file:
            file.write(f"0 {first} 65536\n")
    namespace = os.open(f"/proc/{process}/ns/user", os.O_RDONLY)
    os.close(go)
    os.waitpid(process, 0)
    return namespace


source, place, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
tree = call("open_tree", libc.syscall(OPEN_TREE, HERE, source.encode(), CLONE | os.O_CLOEXEC))
# struct mount_attr: attr_set, attr_clr, propagation, userns_fd
attributes = (ctypes.c_uint64 * 4)(IDMAP, 0, 0, user_namespace(first))
call("mount_setattr", libc.syscall(MOUNT_SETATTR, tree, b"", EMPTY_PATH, ctypes.byref(attributes), 32))
call("move_mount", libc.syscall(MOVE_MOUNT, tree, b"", HERE, place.encode(), BY_DESCRIPTOR))
