#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Turns the plain tars of an image's layers into one EROFS index.

    tar-index.py INDEX LAYER.tar...

The index holds the merged tree and no file content: a file's single chunk lies where the tar has it, in the device of its
layer. Blocks are of 512 bytes, as a tar's are; the devices are named by the tars' SHA-256. What `mkfs.erofs --tar=i` and its
merging do since erofs-utils 1.7, for machines that have an older one.
"""

import functools
import hashlib
import stat
import struct
import sys
import tarfile

import erofs
import rafs
from members import folder, node, parts

BLOCK = 512
SLOT = 32
START = 4096  # Where inodes begin; the superblock and the device table lie before.


class Node(rafs.Node):
    """A node whose data, if it has any, lie in the tar of a layer."""

    def __init__(self, layer, mode):
        super().__init__(mode)
        self.layer = layer


def add_layer(root, path, make):
    with tarfile.open(path, "r:") as tar:
        entries = [(parts(entry.name), entry) for entry in tar]
    for names, _ in entries:  # Whiteouts speak of the layers below, wherever in the tar they stand.
        if names and names[-1] == b".wh..wh..opq":
            folder(root, names[:-1], make).children.clear()
        elif names and names[-1].startswith(b".wh."):
            folder(root, names[:-1], make).children.pop(names[-1][4:], None)
    for names, entry in entries:
        if names and names[-1].startswith(b".wh."):
            continue
        if entry.issparse():
            sys.exit(f"{path}: {entry.name}: sparse members are not supported")
        if not names:
            made = node(entry, make)
            made.children, root = root.children, made
            continue
        parent = folder(root, names[:-1], make)
        if entry.islnk():
            *above, last = parts(entry.linkname)
            made = folder(root, above, make).children[last]
        else:
            made = node(entry, make)
            old = parent.children.get(names[-1])
            if old is not None and old.children and made.children is not None:
                made.children = old.children
        parent.children[names[-1]] = made
    return root


def inode(made, number, block, xattrs):
    layout, extra, where = (0, b"", block)
    if stat.S_ISREG(made.mode) and made.size:
        bits = max(0, (made.size - 1).bit_length() - 9)
        layout, where = 4, 0x20 | bits
        extra = struct.pack("<HHI", 0, made.layer + 1, made.data // BLOCK)
    elif made.rdev:
        where = made.rdev
    count = (len(xattrs) - 12) // 4 + 1 if xattrs else 0
    head = struct.pack(
        "<HHHHQIIIIqII16x", 1 | layout << 1, count, made.mode, 0, made.size, where, number, made.uid, made.gid,
        made.mtime, made.nanoseconds, made.links)
    body = head + xattrs
    return body + b"\0" * (-len(body) % 8) + extra if extra else body


def main():
    index, layers = sys.argv[1], sys.argv[2:]
    root = Node(0, stat.S_IFDIR | 0o755)
    for number, path in enumerate(layers):
        root = add_layer(root, path, functools.partial(Node, number))
    order = rafs.walk(root)
    nids, place, xattrs = {}, START, {}
    for made, _ in order:
        nids[id(made)] = place // SLOT
        xattrs[id(made)] = erofs.attributes(made.xattrs)
        length = 64 + len(xattrs[id(made)])
        length += -length % 8 + 8 if stat.S_ISREG(made.mode) and made.size else 0
        place += length + -length % SLOT
    place += -place % BLOCK
    image, data = bytearray(place), bytearray()
    for number, (made, parent) in enumerate(order, 1):
        content = made.target
        if made.children is not None:
            names = [(b".", made), (b"..", parent)] + list(made.children.items())
            content = erofs.listing([(name, nids[id(child)], rafs.KINDS[stat.S_IFMT(child.mode)]) for name, child in names], BLOCK)
            content += b"\0" * (-len(content) % BLOCK)
        if content:
            made.size = len(content)
        block = (place + len(data)) // BLOCK if content else 0
        body = inode(made, number, block, xattrs[id(made)])
        image[nids[id(made)] * SLOT:nids[id(made)] * SLOT + len(body)] = body
        data += content + b"\0" * (-len(content) % BLOCK)
    image += data
    # Incompatible features: chunked files, device table; compatible: times of modification.
    image[1024:1152] = struct.pack(
        "<IIIBBHQQIIII16s16sIHHHBBIQB23x", 0xE0F5E1E2, 0, 2, 9, 0, nids[id(root)], len(order), 0, 0,
        len(image) // BLOCK, 0, 0, b"", b"", 0xC, 0, len(layers), 1152 // 128, 0, 0, 0, 0, 0)
    for slot, path in enumerate(layers):
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.seek(0, 2)
        entry = struct.pack("<64sII56x", digest.encode(), (size + BLOCK - 1) // BLOCK, 0)
        image[1152 + 128 * slot:1280 + 128 * slot] = entry
    if 1152 + 128 * len(layers) > START:
        sys.exit("too many layers: 23 at most")
    with open(index, "wb") as file:
        file.write(image)


main()
