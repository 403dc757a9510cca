#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
# SPDX-License-Identifier: Apache-2.0
"""Turns the plain tars of an image's layers into one EROFS index.

    tar-index.py INDEX LAYER.tar...

The index holds the merged tree and no file content: a file's single chunk lies where the tar has it, in the device of its
layer. Blocks are of 512 bytes, as a tar's are; the devices are named by the tars' SHA-256. What `mkfs.erofs --tar=i` and its
merging do since erofs-utils 1.7, for machines that have an older one.
"""

import hashlib
import stat
import struct
import sys
import tarfile
from decimal import ROUND_FLOOR, Decimal

import erofs

BLOCK = 512
SLOT = 32
START = 4096  # Where inodes begin; the superblock and the device table lie before.
KINDS = {stat.S_IFREG: 1, stat.S_IFDIR: 2, stat.S_IFCHR: 3, stat.S_IFBLK: 4, stat.S_IFIFO: 5, stat.S_IFLNK: 7}
PREFIXES = [(b"user.", 1), (b"trusted.", 4), (b"security.", 6)]


class Node:
    def __init__(self, mode, layer):
        self.mode, self.layer = mode, layer
        self.uid = self.gid = self.size = self.place = self.rdev = 0
        self.mtime = (0, 0)  # Seconds and nanoseconds.
        self.links, self.target, self.xattrs = 0, b"", []
        self.children = {} if stat.S_ISDIR(mode) else None


def parts(name):
    return [part for part in name.encode("utf-8", "surrogateescape").split(b"/") if part not in (b"", b".", b"..")]


def folder(root, names, layer):
    """The directory of these names; made where a layer leaves it out, or puts a file in its place."""
    for name in names:
        child = root.children.get(name)
        if child is None or child.children is None:
            child = root.children[name] = Node(stat.S_IFDIR | 0o755, layer)
        root = child
    return root


def node(entry, layer):
    kind = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK, tarfile.CHRTYPE: stat.S_IFCHR,
            tarfile.BLKTYPE: stat.S_IFBLK, tarfile.FIFOTYPE: stat.S_IFIFO}.get(entry.type, stat.S_IFREG)
    made = Node(kind | entry.mode & 0o7777, layer)
    made.uid, made.gid = entry.uid, entry.gid
    made.mtime = divmod(int(Decimal(entry.pax_headers.get("mtime", entry.mtime)).scaleb(9).to_integral(ROUND_FLOOR)), 10**9)
    if kind == stat.S_IFREG:
        made.size, made.place = entry.size, entry.offset_data
    made.target = entry.linkname.encode("utf-8", "surrogateescape") if kind == stat.S_IFLNK else b""
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        made.rdev = erofs.device(entry.devmajor, entry.devminor)
    for key, value in entry.pax_headers.items():
        name = key.removeprefix("SCHILY.xattr.").encode()
        for prefix, index in PREFIXES:
            if key.startswith("SCHILY.xattr.") and name.startswith(prefix):
                made.xattrs.append((index, name[len(prefix):], value.encode("utf-8", "surrogateescape")))
    return made


def add_layer(root, path, layer):
    with tarfile.open(path, "r:") as tar:
        entries = [(parts(entry.name), entry) for entry in tar]
    for names, _ in entries:  # Whiteouts speak of the layers below, wherever in the tar they stand.
        if names and names[-1] == b".wh..wh..opq":
            folder(root, names[:-1], layer).children.clear()
        elif names and names[-1].startswith(b".wh."):
            folder(root, names[:-1], layer).children.pop(names[-1][4:], None)
    for names, entry in entries:
        if names and names[-1].startswith(b".wh."):
            continue
        if entry.issparse():
            sys.exit(f"{path}: {entry.name}: sparse members are not supported")
        if not names:
            made = node(entry, layer)
            made.children, root = root.children, made
            continue
        parent = folder(root, names[:-1], layer)
        if entry.islnk():
            *above, last = parts(entry.linkname)
            made = folder(root, above, layer).children[last]
        else:
            made = node(entry, layer)
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
        extra = struct.pack("<HHI", 0, made.layer + 1, made.place // BLOCK)
    elif made.rdev:
        where = made.rdev
    count = (len(xattrs) - 12) // 4 + 1 if xattrs else 0
    head = struct.pack(
        "<HHHHQIIIIqII16x", 1 | layout << 1, count, made.mode, 0, made.size, where, number, made.uid, made.gid,
        *made.mtime, made.links)
    body = head + xattrs
    return body + b"\0" * (-len(body) % 8) + extra if extra else body


def walk(root):
    """Every node once, with its parent; the root first, because its number has only 16 bits."""
    seen, order, waiting = set(), [], [(root, root)]
    while waiting:
        made, parent = waiting.pop()
        if id(made) in seen:
            continue
        seen.add(id(made))
        order.append((made, parent))
        if made.children is not None:
            made.links = 2
            for child in made.children.values():
                (child if child.children is None else made).links += 1
            waiting += [(child, made) for child in made.children.values()]
    return order


def main():
    index, layers = sys.argv[1], sys.argv[2:]
    root = Node(stat.S_IFDIR | 0o755, 0)
    for number, path in enumerate(layers):
        root = add_layer(root, path, number)
    order = walk(root)
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
            content = erofs.listing([(name, nids[id(child)], KINDS[stat.S_IFMT(child.mode)]) for name, child in names], BLOCK)
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
